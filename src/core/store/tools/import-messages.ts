/**
 * `mqadmin store import`: puts messages, one a line (message-line.ts), into a store that is not running, through MessageStore
 * itself, so that queues, index and checkpoint are those of any other put. Topic, queue, body, properties, flags and where and when
 * the message was born stay; offsets and the store's time and host are new. Topics that the store does not know are entered in
 * topics.json before their first message.
 *
 * Whatever ends the import early leaves a whole store with the lines before: the error says how many they are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import { parseFastJson, prettyFastJson } from '../../common/fastjson.ts';
import { JsonConfigFile } from '../../common/json-config-file.ts';
import { silentLogger } from '../../common/logger.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { isSystemTopic } from '../../message/topic-validator.ts';
import { nodeDisk } from '../disk.ts';
import { MessageStore, type PutListener, PutMessageStatus } from '../message-store.ts';
import { StorePaths } from '../store-paths.ts';
import { draftOfLine } from './message-line.ts';
import { StoreDir, type StoreShape } from './store-dir.ts';

/** So much may wait for its write before the next line is read. */
const MAX_WAITING = 1000;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** An export may hold decompressed bodies larger than any client sends. */
const MAX_MESSAGE_SIZE = 64 * 1024 * 1024;
const NEVER_MS = 0x7fffffff;
const PROGRESS_LINES = 1000;

export interface ImportOptions {
  /** storePathRootDir; made when it does not exist. */
  readonly rootDir: string;
  readonly commitLogDir?: string | undefined;
  readonly shape?: Partial<StoreShape>;
  /** 8 or 20 bytes that the records carry as their broker. */
  readonly storeHost: Buffer;
  /** Aborted: no further line is taken. */
  readonly signal?: AbortSignal | undefined;
  /** So many messages are in the store. */
  readonly progress?: (imported: number) => void;
}

export interface ImportResult {
  readonly store: string;
  readonly imported: number;
  /** Topics that messages went to, by name. */
  readonly topics: readonly string[];
}

/**
 * Resolves when the disk has all of it. Rejects with PocketError PARTLY saying how many messages were imported before what went
 * wrong, ILLEGAL_ARGUMENT when it was the first line, IN_USE or STORE when the store cannot be opened.
 */
export async function importMessages(lines: AsyncIterable<string>, options: ImportOptions): Promise<ImportResult> {
  const { rootDir, commitLogDir, storeHost, signal } = options;
  const paths = new StorePaths(rootDir, commitLogDir);
  const shape = existsSync(paths.commitLog) ? new StoreDir(options).shape : (options.shape ?? {});
  const store = new MessageStore({
    ...{ rootDir, commitLogDir, storeHost, clock: systemClock, logger: silentLogger, ...shape },
    maxMessageSize: MAX_MESSAGE_SIZE,
    // Nothing is deleted here: what is old goes when the broker runs.
    cleanResourceInterval: NEVER_MS,
    cleanFileForciblyEnable: false,
    diskSpaceWarningLevelRatio: 98,
  });
  const importer = new Importer(store, new TopicTable(join(paths.root, 'config', 'topics.json')));
  await store.start();
  let failure: unknown;
  try {
    await importer.run(lines, options);
  } catch (error) {
    failure = signal?.aborted === true ? new Error('interrupted') : error;
  }
  await store.stop();
  const { imported } = importer;
  // A stop that could not make everything durable leaves the mark of a crash.
  if (failure === undefined && nodeDisk.info(paths.abort) !== undefined)
    failure = new Error('the disk did not take it');
  if (failure === undefined) return { store: paths.root, imported, topics: importer.topics };
  if (imported === 0 && signal?.aborted !== true) throw failure;
  const why = failure instanceof Error ? failure.message : String(failure);
  throw new PocketError('PARTLY', `${imported} messages are imported, then: ${why}`, { cause: failure });
}

class Importer implements PutListener {
  imported = 0;
  readonly #store: MessageStore;
  readonly #table: TopicTable;
  readonly #topics = new Set<string>();
  #waiting = 0;
  #waitingBytes = 0;
  #failed: PutMessageStatus | undefined;
  #wake: () => void = () => {};

  constructor(store: MessageStore, table: TopicTable) {
    this.#store = store;
    this.#table = table;
  }

  get topics(): string[] {
    return [...this.#topics].sort();
  }

  async run(lines: AsyncIterable<string>, { signal, progress }: ImportOptions): Promise<void> {
    let number = 0;
    try {
      for await (const line of lines) {
        number++;
        if (signal?.aborted === true) throw new Error('interrupted');
        if (line.trim() === '') continue;
        await this.#put(draftAt(line, number));
        if (number % PROGRESS_LINES === 0) progress?.(this.imported);
      }
    } finally {
      await this.#drained(0, 0);
    }
    if (this.#failed !== undefined) throw this.#refusal(this.#failed);
  }

  onPut(status: PutMessageStatus): void {
    this.#waiting--;
    if (status === PutMessageStatus.PUT_OK) this.imported++;
    else this.#failed ??= status;
    this.#wake();
  }

  async #put(draft: MessageDraft): Promise<void> {
    const { topic, queueId, bodyEnd, propertiesEnd } = draft;
    this.#topics.add(topic);
    await this.#table.enter(topic, queueId);
    await this.#drained(MAX_WAITING, MAX_WAITING_BYTES);
    if (this.#failed !== undefined) throw this.#refusal(this.#failed);
    this.#waiting++;
    this.#waitingBytes += bodyEnd + propertiesEnd;
    this.#store.putMessage(draft, this);
  }

  /** Waits until no more than that waits for its write. */
  async #drained(count: number, bytes: number): Promise<void> {
    if (this.#waiting <= count && this.#waitingBytes <= bytes) return;
    this.#store.commit();
    while (this.#waiting > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#waitingBytes = 0;
  }

  #refusal(status: PutMessageStatus): PocketError {
    const why = this.#store.notWriteableBecause ?? status;
    return new PocketError('STORE', `the store refused a message: ${why}`);
  }
}

function draftAt(line: string, number: number): MessageDraft {
  try {
    return draftOfLine(line, systemClock.now());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PocketError('ILLEGAL_ARGUMENT', `line ${number} is no message: ${why}`, { cause: error });
  }
}

interface TopicEntry {
  readonly topicName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
}

/** topics.json, in which each topic must have the queues its messages are in, or nobody would be served them. */
class TopicTable {
  readonly #file: JsonConfigFile;
  readonly #document: Record<string, unknown>;
  readonly #table: Map<string, TopicEntry>;

  /** Throws PocketError CONFIG when the file cannot be read. */
  constructor(path: string) {
    this.#file = new JsonConfigFile(path, silentLogger);
    this.#document = (this.#file.read((text) => parseFastJson(text)) ?? {}) as Record<string, unknown>;
    this.#table = new Map(Object.entries((this.#document.topicConfigTable ?? {}) as Record<string, TopicEntry>));
  }

  /** Resolves when the disk has it. */
  async enter(topicName: string, queueId: number): Promise<void> {
    // A broker makes those itself, with as many queues as it needs.
    if (isSystemTopic(topicName)) return;
    const known = this.#table.get(topicName);
    const queues = queueId + 1;
    if (known !== undefined && known.readQueueNums >= queues) return;
    const fresh = {
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
      topicName,
      writeQueueNums: 0,
    };
    const entry = known ?? fresh;
    this.#table.set(topicName, {
      ...entry,
      readQueueNums: queues,
      writeQueueNums: Math.max(entry.writeQueueNums, queues),
    });
    const { counter = 0 } = (this.#document.dataVersion ?? {}) as { counter?: number };
    this.#document.dataVersion = { counter: counter + 1, timestamp: systemClock.now() };
    this.#document.topicConfigTable = this.#table;
    await this.#file.write(prettyFastJson(this.#document));
  }
}
