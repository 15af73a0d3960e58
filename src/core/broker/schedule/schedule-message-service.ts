/**
 * Delayed messages of a broker: one DelayQueue a level, and delayOffset.json, which says how far each is delivered. Mirrors
 * ScheduleMessageService.
 *
 *   {"offsetTable":{3:12,18:1},"commitLogOffset":1048576}
 *
 * Differences from 4.9: a message is delivered once, also when the broker is killed. The file is older than the last
 * deliveries then; `commitLogOffset` (ours, Java does not read it) says from where on the commitlog holds deliveries that the
 * table does not know of, and the next start finds them there. A table is written only when the deliveries it counts are
 * safe from a power cut.
 */
import type { Clock, Timer } from '../../common/clock.ts';
import type { BrokerConfig } from '../../common/config-schema.ts';
import { prettyFastJson } from '../../common/fastjson.ts';
import type { JsonConfigFile } from '../../common/json-config-file.ts';
import type { Logger } from '../../common/logger.ts';
import { DelayLevels } from '../../message/delay-level.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { encodeProperties, Property } from '../../message/properties.ts';
import { tagsCode } from '../../message/tags.ts';
import { type DelayOffsetSerializeWrapper, decodeDelayOffset } from '../../protocol/bodies/delay-offset.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { PutListener } from '../../store/put-message.ts';
import { DelayQueue } from './delay-queue.ts';
import { delayed, delayLevelOf } from './delayed-message.ts';
import { findDeliveries } from './find-deliveries.ts';

const PERSIST_CHECK_MS = 1000;
/** Java writes the table every ten seconds. */
const MAX_TABLE_AGE_MS = 60_000;
/** The table is also written when the commitlog has grown so much, which bounds what the next start has to look through. */
const PERSIST_LOG_BYTES = 64 * 1024 * 1024;

export interface ScheduleMessageServiceOptions {
  config: BrokerConfig;
  store: MessageStore;
  file: JsonConfigFile;
  clock: Clock;
  logger: Logger;
}

/** A table that waits until what it counts is on the disk. */
interface Snapshot {
  wrapper: DelayOffsetSerializeWrapper;
  /** End of the commitlog when it was taken. */
  end: number;
}

export class ScheduleMessageService {
  readonly #options: ScheduleMessageServiceOptions;
  readonly #queues: readonly DelayQueue[];
  #timer: Timer | undefined;
  #snapshot: Snapshot | undefined;
  /** The table on the disk, the end of the commitlog when it was written, and the time; undefined before load(). */
  #persisted: { table: string; end: number; at: number } | undefined;

  constructor(options: ScheduleMessageServiceOptions) {
    const { config, store, clock, logger } = options;
    const levels = new DelayLevels(config.messageDelayLevel);
    this.#options = options;
    this.#queues = Array.from({ length: levels.maxLevel }, (_, i) => {
      const level = i + 1;
      return new DelayQueue({ store, clock, logger, level, delayMs: levels.deliverTimestamp(level, 0) }, 0);
    });
  }

  get maxLevel(): number {
    return this.#queues.length;
  }

  /** Reads delayOffset.json. Throws PocketError CONFIG when it cannot be read. */
  load(): void {
    const saved = this.#options.file.read((text) => decodeDelayOffset(Buffer.from(text)));
    for (const [i, queue] of this.#queues.entries()) queue.offset = saved?.offsetTable.get(i + 1) ?? 0;
    this.#persisted = { table: [...this.serializeWrapper().offsetTable].join(), end: 0, at: 0 };
    const { store, logger } = this.#options;
    // A table of Java's, or none: right after a clean stop, and otherwise not older than this.
    const unsaved = store.crashed
      ? store.fileStartBefore(store.lastStoreTimestamp - MAX_TABLE_AGE_MS)
      : store.commitLogMaxOffset;
    const from = saved?.commitLogOffset ?? unsaved;
    if (!this.#queues.some(({ pending }) => pending)) return;
    const found = findDeliveries(store, this.#queues, from);
    if (found > 0) logger.info(`${found} delayed messages had been delivered before the broker ended`);
  }

  /** The store is open and load() was called. */
  start(): void {
    if (this.#timer !== undefined) return;
    for (const queue of this.#queues) queue.start();
    this.#timer = this.#options.clock.every(PERSIST_CHECK_MS, () => void this.#persistWhenDue());
  }

  /** No more deliveries begin. persist() comes when the store has answered those under way. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const queue of this.#queues) queue.stop();
  }

  /**
   * Stores a message with `properties`, in which DELAY may name a level: then it waits in that level's queue. The draft's
   * own properties do not count; nothing of it is kept.
   */
  put(draft: MessageDraft, properties: Readonly<Record<string, string>>, listener: PutListener): void {
    const level = delayLevelOf(properties, this.maxLevel);
    if (level === 0) {
      this.#put(draft, properties, listener);
      return;
    }
    const { topic, queueId } = draft;
    const waiting = delayed(properties, { topic, queueId, level });
    const queue = this.#queues[level - 1];
    const onPut: PutListener['onPut'] = (...outcome) => {
      listener.onPut(...outcome);
      queue?.wake();
    };
    this.#put({ ...draft, topic: waiting.topic, queueId: waiting.queueId }, waiting.properties, { onPut });
  }

  /** Of each level that has or had messages: how many are delivered, and how many there are. */
  progress(): { level: number; offset: number; maxOffset: number }[] {
    return this.#queues
      .map(({ offset, maxOffset }, i) => ({ level: i + 1, offset, maxOffset }))
      .filter(({ maxOffset }) => maxOffset > 0);
  }

  /** The table as GET_ALL_DELAY_OFFSET has it. */
  serializeWrapper(): DelayOffsetSerializeWrapper {
    return { offsetTable: new Map(this.progress().map(({ level, offset }) => [level, offset])) };
  }

  /** Writes the table as it is. The store is stopped: all deliveries are on the disk. */
  persist(): Promise<void> {
    return this.#write(this.#takeSnapshot());
  }

  #put(draft: MessageDraft, properties: Readonly<Record<string, string>>, listener: PutListener): void {
    const bytes = Buffer.from(encodeProperties(properties));
    const tags = tagsCode(properties[Property.TAGS]);
    const text = { properties: bytes, propertiesStart: 0, propertiesEnd: bytes.length, tagsCode: tags };
    this.#options.store.putMessage({ ...draft, ...text }, listener);
  }

  #persistWhenDue(): Promise<void> {
    const { store, config, clock } = this.#options;
    const snapshot = this.#snapshot;
    if (snapshot !== undefined) {
      const isSafe = store.commitLogMaxOffset - store.flushBehindBytes >= snapshot.end;
      return isSafe ? this.#write(snapshot) : Promise.resolve();
    }
    const { end = 0, at = 0 } = this.#persisted ?? {};
    const isDue = clock.monotonic() - at >= config.flushDelayOffsetInterval;
    if (isDue || store.commitLogMaxOffset - end >= PERSIST_LOG_BYTES) this.#snapshot = this.#takeSnapshot();
    return Promise.resolve();
  }

  #takeSnapshot(): Snapshot {
    const end = this.#options.store.commitLogMaxOffset;
    const commitLogOffset = Math.min(end, ...this.#queues.map(({ roundBegan }) => roundBegan ?? end));
    return { wrapper: { ...this.serializeWrapper(), commitLogOffset }, end };
  }

  /** Writes nothing when all is delivered and was so before. A disk that refuses is logged; the next call tries again. */
  async #write({ wrapper, end }: Snapshot): Promise<void> {
    const { file, clock, logger } = this.#options;
    this.#snapshot = undefined;
    const table = [...wrapper.offsetTable].join();
    if (this.#persisted === undefined) return;
    if (table === this.#persisted.table && !this.#queues.some(({ pending }) => pending)) return;
    try {
      await file.write(prettyFastJson(wrapper));
      this.#persisted = { table, end, at: clock.monotonic() };
    } catch (error) {
      logger.error(`${file.path} could not be written`, error);
    }
  }
}
