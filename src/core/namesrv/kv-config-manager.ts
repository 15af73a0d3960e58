/**
 * The namesrv's key-value tables, by namespace; the only thing a namesrv keeps on disk (kvConfig.json,
 * `{"configTable":{namespace:{key:value}}}`, rewritten on each change). Namespace ORDER_TOPIC_CONFIG holds
 * topic -> `brokerA:4;brokerB:4` of ordered topics. Mirrors KVConfigManager.
 *
 * Difference from 4.9: a change is answered once it is on the disk, and with an error when it cannot be written.
 */

import { parseFastJson, prettyFastJson } from '../common/fastjson.ts';
import { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';

export const NAMESPACE_ORDER_TOPIC_CONFIG = 'ORDER_TOPIC_CONFIG';

type ConfigTable = Map<string, Map<string, string>>;

export class KvConfigManager {
  readonly #file: JsonConfigFile;
  #table: ConfigTable = new Map();

  constructor(path: string, logger: Logger) {
    this.#file = new JsonConfigFile(path, logger);
  }

  /** Throws PocketError CONFIG when the file and its .bak are both unreadable. */
  load(): void {
    this.#table = this.#file.read(decodeConfigTable) ?? new Map();
  }

  get(namespace: string, key: string): string | undefined {
    return this.#table.get(namespace)?.get(key);
  }

  /** The whole namespace, undefined when nothing was ever set in it. */
  namespace(namespace: string): ReadonlyMap<string, string> | undefined {
    return this.#table.get(namespace);
  }

  /** Resolves when the change is on the disk. */
  put(namespace: string, key: string, value: string): Promise<void> {
    let values = this.#table.get(namespace);
    if (values === undefined) {
      values = new Map();
      this.#table.set(namespace, values);
    }
    values.set(key, value);
    return this.#persist();
  }

  /** Resolves when the change is on the disk; a key that is not there is no error. The namespace stays, perhaps empty. */
  delete(namespace: string, key: string): Promise<void> {
    if (this.#table.get(namespace)?.delete(key) !== true) return Promise.resolve();
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
