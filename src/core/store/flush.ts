/**
 * When written bytes become durable. Mirrors FlushRealTimeService and FlushConsumeQueueService (ASYNC_FLUSH): the commitlog
 * every flushIntervalCommitLog if flushCommitLogLeastPages pages are dirty, any dirty byte every
 * flushCommitLogThoroughInterval; the queues likewise; then the checkpoint, with timestamps sampled before the fsyncs they
 * speak for. The fsyncs run in libuv's pool, one of the commitlog at a time: `flushCommitLog` covers all that was written
 * before it began, and callers that come meanwhile share the next one, which is what group commit needs.
 * A failed fsync may have dropped the pages (Linux): it is never tried again and counted as done, it closes the store.
 */
import type { Clock, Timer } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import type { IndexService } from './index/index-service.ts';

const PAGE = 4096;
const WRITE_BEHIND_MS = 200;
/**
 * A checkpoint is also written when the log has grown so much, if only so many queues have to be synced for it: a crash then
 * costs the reading of little log.
 */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;
const CHECKPOINT_QUEUES = 64;

export interface FlushSettings {
  flushIntervalCommitLog: number;
  flushCommitLogLeastPages: number;
  flushCommitLogThoroughInterval: number;
  flushIntervalConsumeQueue: number;
  flushConsumeQueueLeastPages: number;
  flushConsumeQueueThoroughInterval: number;
}

export interface FlushOptions extends FlushSettings {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  index: IndexService | undefined;
  checkpoint: Checkpoint;
  clock: Clock;
  logger: Logger;
  /** storeTimestamp of the newest written record. */
  lastStoreTimestamp: () => number;
  /** Where it begins in the commitlog, -1 without one. */
  lastPhysicOffset: () => number;
  /** An fsync failed: nothing may be promised any more. */
  onFault: (reason: string, error: unknown) => void;
}

export class FlushService {
  #options: FlushOptions;
  #timers: Timer[] = [];
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #queuesRunning: Promise<void> | undefined;
  /** Turn after turn; a timer that falls into it must not begin a second row of turns. */
  #writingBehind = false;
  #lastThorough = 0;
  #lastQueuesThorough = 0;
  /** End of the log when the queues were last flushed thoroughly. */
  #checkpointOffset = 0;
  #failed = false;
  /** Commitlog bytes before this are durable. Set before start() to what recovery found. */
  flushedOffset = 0;

  /** An fsync failed: what is not durable will never be. */
  get failed(): boolean {
    return this.#failed;
  }

  constructor(options: FlushOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, commitLog } = this.#options;
    this.#lastThorough = clock.monotonic();
    this.#lastQueuesThorough = this.#lastThorough;
    this.#checkpointOffset = commitLog.writtenOffset;
    this.#startTimers();
  }

  /** The settings of MessageStoreConfig are others now. */
  change(settings: FlushSettings): void {
    this.#options = { ...this.#options, ...settings };
    if (this.#timers.length === 0) return;
    for (const timer of this.#timers) timer.cancel();
    this.#startTimers();
  }

  #startTimers(): void {
    const { clock } = this.#options;
    this.#timers = [
      clock.every(this.#options.flushIntervalCommitLog, () => this.#commitLogTick()),
      clock.every(this.#options.flushIntervalConsumeQueue, () => this.#queuesTick()),
      clock.every(WRITE_BEHIND_MS, () => {
        this.#options.queues.releaseIdle();
        this.#options.index?.write();
        if (!this.#writingBehind) this.#writeBehind();
      }),
    ];
  }

  /** Ends the timers, then makes everything durable. False when that failed. */
  async stop(): Promise<boolean> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    await this.#queuesRunning;
    if (this.#failed) return false;
    await this.flushCommitLog();
    await this.#flushQueues(true);
    return !this.#failed && !this.#options.queues.faulty;
  }

  /** Resolves when all bytes written before the call are durable; never rejects (see onFault). */
  flushCommitLog(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#flushOnce().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.flushCommitLog();
    });
    return this.#next;
  }

  async #flushOnce(): Promise<void> {
    const { commitLog, checkpoint, lastStoreTimestamp } = this.#options;
    const { segments, writtenOffset } = commitLog;
    const { disk, handles, fileSize } = segments.config;
    const timestamp = lastStoreTimestamp();
    if (this.#failed) return;
    try {
      for (let at = segments.fileStart(this.flushedOffset); at < writtenOffset; at += fileSize) {
        // Deleted meanwhile, because the disk is full.
        if (!segments.has(at)) continue;
        const handle = handles.pin(segments.path(at));
        try {
          await disk.dataSync(handle.fd);
        } finally {
          handles.unpin(handle);
        }
      }
      this.flushedOffset = writtenOffset;
      checkpoint.physicMsgTimestamp = timestamp;
    } catch (error) {
      this.#fail('the commitlog cannot be flushed to the disk', error);
    }
  }

  #commitLogTick(): void {
    const { clock, commitLog, flushCommitLogLeastPages, flushCommitLogThoroughInterval } = this.#options;
    if (this.#running !== undefined || commitLog.writtenOffset === this.flushedOffset) return;
    const thorough = clock.monotonic() - this.#lastThorough >= flushCommitLogThoroughInterval;
    const pages = Math.floor(commitLog.writtenOffset / PAGE) - Math.floor(this.flushedOffset / PAGE);
    if (!thorough && pages < flushCommitLogLeastPages) return;
    if (thorough) this.#lastThorough = clock.monotonic();
    void this.flushCommitLog();
  }

  #queuesTick(): void {
    const { clock, commitLog, queues, flushConsumeQueueThoroughInterval } = this.#options;
    if (this.#queuesRunning !== undefined || this.#failed) return;
    const isDue = clock.monotonic() - this.#lastQueuesThorough >= flushConsumeQueueThoroughInterval;
    const hasGrown = commitLog.writtenOffset - this.#checkpointOffset >= CHECKPOINT_BYTES;
    const thorough = isDue || (hasGrown && queues.unsyncedCount <= CHECKPOINT_QUEUES);
    if (thorough) {
      this.#lastQueuesThorough = clock.monotonic();
      this.#checkpointOffset = commitLog.writtenOffset;
    }
    this.#queuesRunning = this.#flushQueues(thorough).finally(() => {
      this.#queuesRunning = undefined;
    });
  }

  /** `thorough`: all of them, and the checkpoint after that. */
  async #flushQueues(thorough: boolean): Promise<void> {
    const { commitLog, queues, checkpoint, flushConsumeQueueLeastPages } = this.#options;
    const timestamp = this.#options.lastStoreTimestamp();
    const physicOffset = this.#options.lastPhysicOffset();
    const units = thorough ? queues.unitCount() : 0;
    const { writtenOffset } = commitLog;
    try {
      const complete = thorough && queues.writeAll();
      const synced = await queues.sync(thorough ? 0 : flushConsumeQueueLeastPages);
      if (!complete || !synced) return;
      // The units that are durable now must not be ahead of their records, of which the checkpoint says the same.
      if (this.flushedOffset < writtenOffset) await this.flushCommitLog();
      if (this.flushedOffset < writtenOffset) return;
      checkpoint.logicsMsgTimestamp = timestamp;
      checkpoint.recoveryOffset = physicOffset;
      checkpoint.recoveryUnits = units;
      await checkpoint.save();
    } catch (error) {
      this.#fail('the consumequeue cannot be flushed to the disk', error);
    }
  }

  #writeBehind(): void {
    const { queues } = this.#options;
    this.#writingBehind = !queues.writeBehind() && !queues.faulty && this.#timers.length > 0;
    if (!this.#writingBehind) return;
    setImmediate(() => this.#writeBehind());
  }

  #fail(reason: string, error: unknown): void {
    this.#failed = true;
    this.#options.onFault(reason, error);
  }
}
