/**
 * The namesrv's key-value tables, by namespace; the only thing a namesrv keeps on disk (kvConfig.json,
 * `{"configTable":{namespace:{key:value}}}`, rewritten on each change). Namespace ORDER_TOPIC_CONFIG holds
 * topic -> `brokerA:4;brokerB:4` of ordered topics. Mirrors KVConfigManager.
 *
 * Differences from 4.9: a change is answered once it is on the disk, and with an error when it cannot be written; all entries
 * together take at most 8 MiB.
 */

import { parseFastJson, prettyFastJson } from '../common/fastjson.ts';
import { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import { ReplyError } from '../remoting/reply-error.ts';

export const NAMESPACE_ORDER_TOPIC_CONFIG = 'ORDER_TOPIC_CONFIG';

/** The file is written whole for each change. */
const MAX_KV_BYTES = 8 * 1024 * 1024;
/** What an entry takes beside its texts. */
const ENTRY_BYTES = 100;

type ConfigTable = Map<string, Map<string, string>>;

export class KvConfigManager {
  readonly #file: JsonConfigFile;
  #table: ConfigTable = new Map();
  /** What the table takes, about. */
  #bytes = 0;

  constructor(path: string, logger: Logger) {
    this.#file = new JsonConfigFile(path, logger);
  }

  /** Throws PocketError CONFIG when the file and its .bak are both unreadable. */
  load(): void {
    this.#table = this.#file.read(decodeConfigTable) ?? new Map();
    this.#bytes = 0;
    for (const [namespace, values] of this.#table) {
      this.#bytes += ENTRY_BYTES + namespace.length;
      for (const [key, value] of values) this.#bytes += ENTRY_BYTES + key.length + value.length;
    }
  }

  get(namespace: string, key: string): string | undefined {
    return this.#table.get(namespace)?.get(key);
  }

  /** The whole namespace, undefined when nothing was ever set in it. */
  namespace(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#table.get(namespace);
  }

  /** Resolves when the change is on the disk. Throws ReplyError when all entries together would take too much. */
  put(namespace: string, key: string, value: string): Promise<void> {
    let values = this.#table.get(namespace);
    const known = values?.get(key);
    let added = known === undefined ? ENTRY_BYTES + key.length + value.length : value.length - known.length;
    if (values === undefined) added += ENTRY_BYTES + namespace.length;
    if (added > 0 && this.#bytes + added > MAX_KV_BYTES) {
      const remark = `the KV configuration takes ${this.#bytes} bytes: the limit of this name server is ${MAX_KV_BYTES}`;
      throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
    }
    this.#bytes += added;
    if (values === undefined) {
      values = new Map();
      this.#table.set(namespace, values);
    }
    values.set(key, value);
    return this.#persist();
  }

  /** Resolves when the change is on the disk; a key that is not there is no error. The namespace stays, perhaps empty. */
  delete(namespace: string, key: string): Promise<void> {
    const values = this.#table.get(namespace);
    const value = values?.get(key);
    if (value === undefined) return Promise.resolve();
    values?.delete(key);
    this.#bytes -= ENTRY_BYTES + key.length + value.length;
    return this.#persist();
  }

  /** Resolves when no change waits to be written. */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  #persist(): Promise<void> {
    return this.#file.write(prettyFastJson({ configTable: this.#table }));
  }
}

function decodeConfigTable(text: string): ConfigTable {
  const root = asObject(parseFastJson(text), 'the file');
  const table: ConfigTable = new Map();
  for (const [namespace, values] of Object.entries(asObject(root.configTable ?? {}, 'configTable'))) {
    const pairs = Object.entries(asObject(values, namespace));
    table.set(namespace, new Map(pairs.map(([key, value]) => [key, String(value)])));
  }
  return table;
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}
