/**
 * Messages that are to be delivered at a time of their own (timed-message.ts): takes them in, delivers them, and puts those at
 * the end of their queue again that wait for longer than the commitlog is kept. Mirrors TimerMessageStore of 5.x.
 *
 * Everything is found again in the log: pending-timers.ts reads which messages wait, timer-table.ts which of them are delivered.
 * One turn at a time: a slice of the queue is read, a round delivered, another turn scheduled.
 * Differences from 5.x: delivered once, also when the broker is killed; messages that wait are delivered with
 * timerWheelEnable=false, too, no more are taken then; there is no flow control (timerCongestNumEachSlot).
 */
import type { Clock, Timer } from '../../common/clock.ts';
import type { BrokerConfig } from '../../common/config-schema.ts';
import type { JsonConfigFile } from '../../common/json-config-file.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import type { PutListener } from '../../store/put-message.ts';
import type { TimerTable } from '../../store/timer-offsets.ts';
import type { TimerUnit } from './nearest-timers.ts';
import { PendingTimers } from './pending-timers.ts';
import { TIMER_QUEUE_ID, timingOf, waitingDraft } from './timed-message.ts';
import { TimerRound } from './timer-round.ts';
import { findDelivered, readTimerTable, writeTimerTable } from './timer-table.ts';

/** Timers in memory: some 5 MB. */
const MAX_IN_MEMORY = 100_000;
/** The wall clock may be set: due times are looked at again after this. */
const MAX_WAIT_MS = 1000;
const RETRY_MS = 1000;
const ROLL_CHECK_MS = 1000;
const HOUR_MS = 3_600_000;
const PERSIST_CHECK_MS = 1000;
/** The table is also written when the commitlog has grown so much, which bounds what the next start has to look through. */
const PERSIST_LOG_BYTES = 64 * 1024 * 1024;
/** timerRollWindowSlot of 5.x. */
const ROLL_WINDOW_MS = 48 * HOUR_MS;
const MIN_ROLL_MS = 60_000;
/** So many messages behind the oldest that waits, it is put at the end: this bounds the table. */
const MAX_SPAN = 64 * 1024 * 1024;

export interface TimerMessageServiceOptions {
  readonly config: BrokerConfig;
  readonly store: MessageStore;
  readonly file: JsonConfigFile;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Timers that may be in memory. */
  readonly maxInMemory?: number;
}

/** A table that waits until what it counts is on the disk. */
interface Snapshot {
  readonly table: TimerTable;
  /** End of the commitlog when it was taken. */
  readonly end: number;
}

/** What became of a round. */
interface Outcome {
  readonly count: number;
  /** The store has refused some: they go later. */
  readonly isRefused: boolean;
}

const NOTHING: Outcome = { count: 0, isRefused: false };

export class TimerMessageService {
  readonly #options: TimerMessageServiceOptions;
  readonly #pending: PendingTimers;
  readonly #round: TimerRound;
  #running = false;
  #timer: Timer | undefined;
  /** When that runs, and when it is next looked who waits for too long; monotonic ms. */
  #wakesAt = 0;
  #rollsAt = 0;
  #persistTimer: Timer | undefined;
  #turning: Promise<void> | undefined;
  /** Where the commitlog ended when the round that is under way began; undefined without one. */
  #roundBegan: number | undefined;
  #snapshot: Snapshot | undefined;
  /** Something was delivered that the table on the disk does not count. */
  #isChanged = false;
  /** Of the last table: the end of the commitlog, and when it was written; undefined before load(). */
  #persisted: { end: number; at: number } | undefined;

  constructor(options: TimerMessageServiceOptions) {
    const { store, maxInMemory = MAX_IN_MEMORY } = options;
    this.#options = options;
    this.#pending = new PendingTimers(store, maxInMemory);
    this.#round = new TimerRound(options);
  }

  /** Finds out what is delivered. The store is open. Rejects with PocketError STORE. */
  async load(): Promise<void> {
    const { store, file, logger } = this.#options;
    const { delivered } = this.#pending;
    const table = readTimerTable(file, store, logger);
    if (table !== undefined) delivered.restore(table.offset, table.bits);
    this.#persisted = { end: 0, at: 0 };
    const { oldest, maxOffset } = this.#pending;
    if (oldest >= maxOffset) return;
    const first = store.commitLogOffsetAt(Topic.TIMER, TIMER_QUEUE_ID, oldest);
    const found = await findDelivered(store, delivered, Math.max(first, table?.commitLogOffset ?? 0));
    this.#isChanged = found > 0;
    if (found > 0) logger.info(`${found} timed messages had been delivered before the broker ended`);
  }

  /** load() was called. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#pending.begin();
    this.#persistTimer = this.#options.clock.every(PERSIST_CHECK_MS, () => void this.#persistWhenDue());
    this.#later(0);
  }

  /** No more deliveries begin, and the round under way ends. persist() comes when the store is stopped. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#persistTimer?.cancel();
    await this.#turning;
  }

  /**
   * Takes a message whose `properties` name a time to deliver it at, or refuses it; false for one that is not to wait. The
   * draft's own properties do not count; nothing of it is kept.
   */
  put(draft: MessageDraft, properties: Readonly<Record<string, string>>, listener: PutListener): boolean {
    const { config, clock, store } = this.#options;
    const now = clock.now();
    const timing = timingOf(properties, now, config);
    if (timing === undefined) return false;
    if (timing.refusal !== undefined) {
      listener.onPut(timing.refusal, -1, -1, now, 0);
      return true;
    }
    const onPut: PutListener['onPut'] = (...outcome) => {
      listener.onPut(...outcome);
      this.#wake(timing.dueMs);
    };
    store.putMessage(waitingDraft(draft, properties, timing), { onPut });
    return true;
  }

  /** Writes the table as it is. The store is stopped: all deliveries are on the disk. */
  async persist(): Promise<void> {
    if (this.#persisted === undefined) return;
    if (this.#isChanged || this.#isWaiting || this.#snapshot !== undefined) await this.#write(this.#takeSnapshot());
  }

  /** A message came that is due then: nobody has to wait for the next turn. */
  #wake(dueMs: number): void {
    const { clock } = this.#options;
    if (this.#turning !== undefined || this.#timer === undefined) return;
    const wait = dueMs - clock.now();
    if (clock.monotonic() + wait < this.#wakesAt) this.#later(Math.max(0, wait));
  }

  #later(ms: number): void {
    if (!this.#running) return;
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#wakesAt = clock.monotonic() + ms;
    this.#timer = clock.after(ms, () => {
      this.#timer = undefined;
      this.#turning = this.#turn().finally(() => {
        this.#turning = undefined;
      });
    });
  }

  /** Never rejects. */
  async #turn(): Promise<void> {
    try {
      const hasMore = this.#pending.scan();
      const delivery = await this.#deliver();
      const roll = delivery.isRefused ? NOTHING : await this.#roll();
      if (delivery.isRefused || roll.isRefused) this.#later(RETRY_MS);
      else this.#later(hasMore || roll.count > 0 ? 0 : this.#wait());
    } catch (error) {
      this.#options.logger.error('timed messages cannot be read, it is tried again', error);
      this.#later(RETRY_MS);
    }
  }

  /** Until the next turn. */
  #wait(): number {
    const { first } = this.#pending;
    const wait = first === undefined ? MAX_WAIT_MS : first.dueMs - this.#options.clock.now();
    return Math.max(0, Math.min(wait, MAX_WAIT_MS));
  }

  /** A round of those that are due. */
  #deliver(): Promise<Outcome> {
    const { clock } = this.#options;
    return this.#run(() => this.#pending.takeDue(clock.now()), false);
  }

  /** A round of the oldest that wait, when they wait for too long; not those that are about to be delivered. */
  #roll(): Promise<Outcome> {
    const { clock } = this.#options;
    if (clock.monotonic() < this.#rollsAt) return Promise.resolve(NOTHING);
    let at = this.#pending.oldest;
    const next = (): TimerUnit | undefined => {
      const unit = this.#pending.firstTooOld(at, (queueOffset) => this.#isTooOld(queueOffset));
      if (unit === undefined) this.#rollsAt = clock.monotonic() + ROLL_CHECK_MS;
      else at = unit.queueOffset + 1;
      return unit === undefined || unit.dueMs <= clock.now() ? undefined : unit;
    };
    return this.#run(next, true);
  }

  #isTooOld(queueOffset: number): boolean {
    const { store, clock, config } = this.#options;
    const { maxOffset } = this.#pending;
    if (maxOffset - queueOffset > MAX_SPAN) return true;
    const stored = store.storeTimestampAt(Topic.TIMER, TIMER_QUEUE_ID, queueOffset);
    const limit = Math.max(MIN_ROLL_MS, Math.min(ROLL_WINDOW_MS, (config.fileReservedTime * HOUR_MS) / 2));
    // -1: its record is gone, which the round finds out.
    return stored < 0 || clock.now() - stored > limit;
  }

  async #run(next: () => TimerUnit | undefined, roll: boolean): Promise<Outcome> {
    const pending = this.#pending;
    const open = new Set<TimerUnit>();
    const settle = (unit: TimerUnit, isSettled: boolean): void => {
      if (!isSettled) return;
      open.delete(unit);
      pending.delivered.add(unit.queueOffset);
      this.#isChanged = true;
    };
    const taken = (): TimerUnit | undefined => {
      const unit = this.#running ? next() : undefined;
      if (unit !== undefined) open.add(unit);
      return unit;
    };
    this.#roundBegan = this.#options.store.commitLogMaxOffset;
    try {
      const count = await this.#round.run(taken, { settle, roll });
      return { count, isRefused: open.size > 0 };
    } finally {
      // Those to be rolled were not taken out.
      if (!roll) for (const unit of open) pending.putBack(unit);
      this.#roundBegan = undefined;
    }
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
    const isLate = isDue || store.commitLogMaxOffset - end >= PERSIST_LOG_BYTES;
    // Also when nothing was delivered while others wait: the next start does not look through what came since.
    if (isLate && (this.#isChanged || this.#isWaiting)) this.#snapshot = this.#takeSnapshot();
    return Promise.resolve();
  }

  get #isWaiting(): boolean {
    const { end = 0 } = this.#persisted ?? {};
    return this.#pending.oldest < this.#pending.maxOffset && this.#options.store.commitLogMaxOffset !== end;
  }

  #takeSnapshot(): Snapshot {
    const end = this.#options.store.commitLogMaxOffset;
    this.#isChanged = false;
    const { oldest, delivered } = this.#pending;
    const commitLogOffset = Math.min(end, this.#roundBegan ?? end);
    return { table: { offset: oldest, bits: delivered.toBits(), commitLogOffset }, end };
  }

  /** A disk that refuses is logged; the next call tries again. */
  async #write({ table, end }: Snapshot): Promise<void> {
    const { file, clock, logger } = this.#options;
    this.#snapshot = undefined;
    try {
      await writeTimerTable(file, table);
      this.#persisted = { end, at: clock.monotonic() };
    } catch (error) {
      this.#isChanged = true;
      logger.error(`${file.path} could not be written`, error);
    }
  }
}
