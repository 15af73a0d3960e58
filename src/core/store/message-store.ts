/**
 * The store of a broker: commitlog, consumequeues, their recovery and flushing, behind one face that knows offsets, not
 * topics' permissions nor frames. Mirrors DefaultMessageStore; the layout is Apache's, byte for byte, so that either can
 * open what the other left (store/layout.md).
 *
 *   <root>/commitlog/<20 digits>   consumequeue/<topic>/<queueId>/<20 digits>   checkpoint   abort   lock
 *   <root>/pocketmq.pid (see store-lock.ts)   staging/ (new files before they are moved into place; emptied at start)
 */
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { DelayLevels } from '../message/delay-level.ts';
import type { MessageDraft } from '../message/message-draft.ts';
import { Checkpoint } from './checkpoint.ts';
import { CommitLog } from './commitlog/commit-log.ts';
import { SegmentPreparer } from './commitlog/segment-preparer.ts';
import { UNIT_LENGTH } from './consumequeue/consume-queue.ts';
import { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { FileHandles } from './file-handles.ts';
import { FlushService } from './flush.ts';
import { type GetLimits, type GetMessageResult, getMessage, isInDisk, type TagFilter } from './get-message.ts';
import { GroupCommit } from './group-commit.ts';
import { type MessageStoreOptions, memoryBytes, type StoreSettings, storeSettings } from './message-store-options.ts';
import { offsetByTime, physicOffsetOf, storeTimestampOf } from './offset-by-time.ts';
import type { PutListener } from './put-message.ts';
import { type ArriveListener, PutPipeline } from './put-pipeline.ts';
import { recover } from './recovery.ts';
import { type SegmentConfig, SegmentFiles } from './segment-files.ts';
import { StoreLock } from './store-lock.ts';
import { StoreStats } from './store-stats.ts';

export type { GetMessageResult, TagFilter } from './get-message.ts';
export type { MessageStoreOptions } from './message-store-options.ts';
export { type PutListener, PutMessageStatus } from './put-message.ts';
export type { ArriveListener } from './put-pipeline.ts';

const STATS_INTERVAL_MS = 1000;

export class MessageStore implements Service {
  readonly stats = new StoreStats();
  /** Settings with their defaults. */
  settings: StoreSettings;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #rootDir: string;
  readonly #commitLogDir: string;
  readonly #stagingDirs: string[];
  readonly #handles: FileHandles;
  readonly #commitLog: CommitLog;
  readonly #queues: ConsumeQueueStore;
  readonly #pipeline: PutPipeline;
  readonly #preparer: SegmentPreparer;
  readonly #checkpoint: Checkpoint;
  readonly #flush: FlushService;
  readonly #groupCommit: GroupCommit;
  readonly #lock: StoreLock;
  readonly #delayLevels: DelayLevels;
  #limits: GetLimits;
  readonly #physicalMemory: number | undefined;
  #statsTimer: { cancel(): void } | undefined;
  /** Why nothing may be put, undefined when it may. */
  #closedBecause: string | undefined = 'the store is not started';
  /** An fsync failed: only a restart, with its recovery, opens the store again. */
  #broken: string | undefined;
  #running = false;
  #stopped = false;

  /** Opens nothing yet. Throws PocketError CONFIG for settings that cannot be used. */
  constructor(options: MessageStoreOptions) {
    const settings = storeSettings(options);
    const disk = options.disk ?? nodeDisk;
    this.settings = settings;
    this.#disk = disk;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#delayLevels = new DelayLevels(settings.messageDelayLevel);
    this.#physicalMemory = options.physicalMemory;
    this.#limits = { ...settings, memoryBytes: memoryBytes(options, settings) };
    this.#rootDir = resolve(options.rootDir);
    this.#commitLogDir = resolve(options.commitLogDir ?? join(this.#rootDir, 'commitlog'));
    const stagingDir = join(this.#rootDir, 'staging');
    // A file can be renamed within one file system only, so a commitlog elsewhere has its staging directory beside it.
    const logStagingDir = dirname(this.#commitLogDir) === this.#rootDir ? stagingDir : `${this.#commitLogDir}.staging`;
    this.#stagingDirs = [...new Set([stagingDir, logStagingDir])];
    this.#handles = new FileHandles(disk, settings.maxOpenFiles);
    const segments: SegmentConfig = {
      disk,
      handles: this.#handles,
      fileSize: settings.mappedFileSizeCommitLog,
      stagingDir: logStagingDir,
    };
    const fileSize = Math.ceil(settings.mappedFileSizeConsumeQueue / UNIT_LENGTH) * UNIT_LENGTH;
    this.#commitLog = new CommitLog(new SegmentFiles(segments, this.#commitLogDir), settings.tailBytes);
    this.#queues = new ConsumeQueueStore({
      dir: join(this.#rootDir, 'consumequeue'),
      segments: { ...segments, fileSize, stagingDir },
      logger: options.logger,
      onFault: (error) => this.#onQueueFault(error),
    });
    this.#pipeline = new PutPipeline({
      commitLog: this.#commitLog,
      queues: this.#queues,
      stats: this.stats,
      delayLevels: this.#delayLevels,
      storeHost: options.storeHost,
      maxMessageSize: settings.maxMessageSize,
      clock: options.clock,
      logger: options.logger,
      closedBecause: () => this.#closedBecause,
      onWritten: () => this.#preparer.consider(),
      groupCommit: () => (this.settings.flushDiskType === 'SYNC_FLUSH' ? this.#groupCommit : undefined),
    });
    this.#preparer = new SegmentPreparer(this.#commitLog, options.clock, options.logger);
    this.#checkpoint = new Checkpoint(disk, this.#rootDir, stagingDir);
    this.#lock = new StoreLock(disk, this.#rootDir);
    this.#flush = new FlushService({
      ...settings,
      commitLog: this.#commitLog,
      queues: this.#queues,
      checkpoint: this.#checkpoint,
      clock: options.clock,
      logger: options.logger,
      lastStoreTimestamp: () => this.#pipeline.lastStoreTimestamp,
      onFault: (reason, error) => this.#onFlushFault(reason, error),
    });
    this.#groupCommit = new GroupCommit({
      clock: options.clock,
      flush: () => this.#flush.flushCommitLog(),
      flushedOffset: () => this.#flush.flushedOffset,
      failed: () => this.#flush.failed,
      timeoutMs: () => this.settings.syncFlushTimeout,
      answer: (batch, status) => this.#pipeline.answerFlushed(batch, status),
    });
  }

  /**
   * Locks the directory, checks it, recovers it and opens it for puts. Throws PocketError IN_USE when another live process
   * has the store, STORE when it cannot be opened (a file that does not belong there or has another length: then nothing of
   * its content was changed), STOPPED after stop().
   */
  async start(): Promise<void> {
    if (this.#running) return;
    if (this.#stopped) throw new PocketError('STOPPED', `the store ${this.#rootDir} was stopped`);
    try {
      for (const dir of [
        this.#rootDir,
        this.#commitLogDir,
        join(this.#rootDir, 'consumequeue'),
        ...this.#stagingDirs,
      ]) {
        this.#disk.makeDirectory(dir);
      }
      this.#lock.acquire();
      this.#load();
    } catch (error) {
      this.#handles.closeAll();
      this.#lock.release();
      if (error instanceof PocketError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new PocketError('STORE', `the store ${this.#rootDir} cannot be opened: ${why}`, { cause: error });
    }
    this.#running = true;
    this.#closedBecause = undefined;
    this.#flush.start();
    this.#preparer.consider();
    this.#statsTimer = this.#clock.every(STATS_INTERVAL_MS, () => this.stats.sample(this.#clock.monotonic()));
  }

  /**
   * Answers what is pending, makes everything durable, says so in the checkpoint and removes `abort`. If that fails `abort`
   * stays, and the next start recovers.
   */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#stopped = true;
    this.#closedBecause = 'the store is stopped';
    this.#pipeline.commit();
    this.#statsTimer?.cancel();
    try {
      const durable = await this.#flush.stop();
      this.#groupCommit.stop();
      await this.#preparer.stop();
      if (durable && this.#broken === undefined) {
        this.#disk.unlink(this.#abortPath);
        this.#disk.syncDirectory(this.#rootDir);
      }
    } catch (error) {
      this.#logger.error(`the store ${this.#rootDir} could not be closed cleanly`, error);
    } finally {
      this.#handles.closeAll();
      this.#lock.release();
    }
  }

  /** Called for each new message of a watched queue, after it can be read. */
  set onArrive(listener: ArriveListener | undefined) {
    this.#pipeline.onArrive = listener;
  }

  /**
   * Encodes the message at once, with the offsets it will have; `listener.onPut` comes with the write of this tick. The
   * draft and its buffers may be used again when this returns. Store trouble is told to the listener, never thrown.
   */
  putMessage(draft: MessageDraft, listener: PutListener): void {
    this.#pipeline.put(draft, listener);
  }

  /**
   * The same for a batch: `draft.body` is the body of SEND_BATCH_MESSAGE, `draft.properties` what each inner message gets
   * added. All or none is stored, in one piece, with one call of the listener.
   */
  putMessageBatch(draft: MessageDraft, listener: PutListener): void {
    this.#pipeline.putBatch(draft, listener);
  }

  /** Writes and answers pending puts now instead of at the end of the tick. */
  commit(): void {
    this.#pipeline.commit();
  }

  /** Messages from `offset` on. The segments stay valid as long as they are held. Throws PocketError STORE. */
  getMessage(topic: string, queueId: number, offset: number, maxMsgNums: number, filter?: TagFilter): GetMessageResult {
    const { stats } = this;
    const begin = this.#clock.monotonic();
    const queue = this.#queues.find(topic, queueId);
    const result = getMessage(this.#commitLog, { queue, offset, maxMsgNums, filter, limits: this.#limits });
    if (result.status === 'FOUND') {
      stats.getMessageTimesTotalFound++;
      stats.getMessageTransferredMsgCount += result.messageCount;
    } else stats.getMessageTimesTotalMiss++;
    const took = this.#clock.monotonic() - begin;
    if (took > stats.getMessageEntireTimeMax) stats.getMessageEntireTimeMax = took;
    return result;
  }

  /** The record that begins at a commitlog offset, a copy; undefined when none does. Throws PocketError STORE. */
  lookMessageByOffset(physicOffset: number): Buffer | undefined {
    return this.#commitLog.recordAt(physicOffset);
  }

  /** The offset the next readable message of the queue will have, 0 for a queue that has none. */
  maxOffsetInQueue(topic: string, queueId: number): number {
    return this.#queues.find(topic, queueId)?.maxOffset ?? 0;
  }

  /** The first offset that can be read, 0 for a queue that has none. */
  minOffsetInQueue(topic: string, queueId: number): number {
    return this.#queues.find(topic, queueId)?.minOffset ?? 0;
  }

  /** storeTimestamp of a message, -1 when it is not there. */
  storeTimestampAt(topic: string, queueId: number, offset: number): number {
    const queue = this.#queues.find(topic, queueId);
    return queue === undefined ? -1 : storeTimestampOf(this.#commitLog, queue, offset);
  }

  /** Commitlog offset of a message, -1 when it is not there. */
  commitLogOffsetAt(topic: string, queueId: number, offset: number): number {
    const queue = this.#queues.find(topic, queueId);
    return queue === undefined ? -1 : physicOffsetOf(queue, offset);
  }

  /** The offset that belongs to a time in ms: an exact hit, else the nearer neighbour; 0 for an empty queue. */
  offsetInQueueByTime(topic: string, queueId: number, timestamp: number): number {
    const queue = this.#queues.find(topic, queueId);
    return queue === undefined ? 0 : offsetByTime(this.#commitLog, queue, timestamp);
  }

  /** Whether so much was stored since that the message is taken to be on the disk only; false when it is not there. */
  isInDisk(topic: string, queueId: number, offset: number): boolean {
    const physicOffset = this.commitLogOffsetAt(topic, queueId, offset);
    return physicOffset >= 0 && isInDisk(this.#commitLog, physicOffset, this.#limits);
  }

  /** Makes onArrive be called for messages of the queue. False for a topic name that is none. */
  watch(topic: string, queueId: number): boolean {
    const queues = this.#queues.topic(topic);
    if (queues === undefined) return false;
    this.#queues.queue(queues, queueId).watched = true;
    return true;
  }

  unwatch(topic: string, queueId: number): void {
    const queue = this.#queues.find(topic, queueId);
    if (queue !== undefined) queue.watched = false;
  }

  /** The queues that have, or had, messages. */
  *queues(): Generator<{ topic: string; queueId: number }> {
    for (const { topic, queueId, maxOffset } of this.#queues.all()) if (maxOffset > 0) yield { topic, queueId };
  }

  /** Deletes the queues of a topic; its records stay in the commitlog. A topic of that name begins at offset 0 again. */
  destroyTopic(topic: string): void {
    this.#pipeline.commit();
    this.#queues.destroyTopic(topic);
    this.#pipeline.forgetTopics();
  }

  /** Takes over settings that may change while the store is open: sizes of messages and answers, times of the flushes. */
  change(changed: Partial<StoreSettings>): void {
    const settings = { ...this.settings, ...changed };
    this.settings = settings;
    this.#limits = { ...settings, memoryBytes: memoryBytes({ physicalMemory: this.#physicalMemory }, settings) };
    this.#pipeline.maxMessageSize = settings.maxMessageSize;
    this.#flush.change(settings);
  }

  /** 8 or 20 bytes of the address that new records carry. */
  set storeHost(storeHost: Buffer) {
    this.#pipeline.storeHost = storeHost;
  }

  /** Why nothing can be stored at the moment, undefined when it can. */
  get notWriteableBecause(): string | undefined {
    return this.#closedBecause;
  }

  /** storeTimestamp of the first message in the commitlog, -1 without one. */
  earliestMessageTime(): number {
    return this.#commitLog.storeTimestampAt(this.#commitLog.minOffset);
  }

  get commitLogMinOffset(): number {
    return this.#commitLog.minOffset;
  }

  get commitLogMaxOffset(): number {
    return this.#commitLog.writtenOffset;
  }

  /** Bytes that have offsets but cannot be read yet. */
  get dispatchBehindBytes(): number {
    return this.#commitLog.pendingBytes;
  }

  /** Bytes that a power cut would lose. */
  get flushBehindBytes(): number {
    return this.#commitLog.writtenOffset - this.#flush.flushedOffset;
  }

  /** For how many ms the oldest pending put has been waiting for its write. */
  get pageCacheLockTimeMills(): number {
    const since = this.#pipeline.pendingSince;
    return since === 0 ? 0 : Math.max(0, this.#clock.now() - since);
  }

  /** Used share of the file system that holds the commitlog, 0 to 1, -1 if unknown. */
  get commitLogDiskRatio(): number {
    return this.#diskRatio(this.#commitLogDir);
  }

  get consumeQueueDiskRatio(): number {
    return this.#diskRatio(join(this.#rootDir, 'consumequeue'));
  }

  get #abortPath(): string {
    return join(this.#rootDir, 'abort');
  }

  #diskRatio(path: string): number {
    try {
      const { used, available } = this.#disk.usage(path);
      return Math.ceil((100 * used) / Math.max(1, used + available)) / 100;
    } catch {
      return -1;
    }
  }

  /** Everything between the lock and the first put. */
  #load(): void {
    for (const dir of this.#stagingDirs) {
      for (const name of this.#disk.list(dir) ?? []) this.#disk.unlink(join(dir, name));
    }
    const clean = this.#disk.info(this.#abortPath) === undefined;
    this.#commitLog.segments.load();
    this.#queues.load();
    this.#checkpoint.load();
    if (clean) this.#disk.close(this.#disk.open(this.#abortPath, 'w'));
    this.#disk.syncDirectory(this.#rootDir);
    const lastStoreTimestamp = recover({
      commitLog: this.#commitLog,
      queues: this.#queues,
      checkpoint: this.#checkpoint,
      delayLevels: this.#delayLevels,
      clean,
      checkCRCOnRecover: this.settings.checkCRCOnRecover,
      logger: this.#logger,
    });
    this.#pipeline.lastStoreTimestamp = lastStoreTimestamp || this.#checkpoint.physicMsgTimestamp;
    this.#commitLog.segments.ensure(this.#commitLog.writtenOffset, true);
  }

  #onFlushFault(reason: string, error: unknown): void {
    this.#broken = reason;
    this.#closedBecause = reason;
    this.#logger.error(`${reason}; nothing is stored any more until the broker is started again`, error);
  }

  #onQueueFault(error: unknown): void {
    if (error !== undefined)
      this.#logger.error('a consumequeue cannot be written; puts are refused until it can', error);
    if (this.#broken !== undefined || !this.#running) return;
    this.#closedBecause = error === undefined ? undefined : 'a consumequeue cannot be written';
  }
}
