/**
 * The store of a broker: commitlog, consumequeues, index, their recovery and flushing, behind one face that knows offsets,
 * not topics' permissions nor frames. Mirrors DefaultMessageStore; the layout is Apache's, byte for byte, so that either can
 * open what the other left (store/layout.md). This file is life cycle and puts; store-reads.ts is the reading half.
 *
 *   <root>/commitlog/<20 digits>   consumequeue/<topic>/<queueId>/<20 digits>   index/<17 digits>   checkpoint   abort   lock
 *   <root>/pocketmq.pid (store-lock.ts)   pocketmq.indexed (index-service.ts)   pocketmq.stopped (stop-note.ts)
 *   staging/ (new files before they are moved into place; emptied at start)   damaged/ (commitlog/cut-log.ts)
 */
import type { Clock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { DelayLevels } from '../message/delay-level.ts';
import type { MessageDraft } from '../message/message-draft.ts';
import { isKeptWithoutConfig, Topic } from '../message/topic-validator.ts';
import { Checkpoint } from './checkpoint.ts';
import { CommitLog } from './commitlog/commit-log.ts';
import { SegmentPreparer } from './commitlog/segment-preparer.ts';
import { UNIT_LENGTH } from './consumequeue/consume-queue.ts';
import { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { DiskWatch } from './disk-watch.ts';
import { FileHandles } from './file-handles.ts';
import { FlushService } from './flush.ts';
import type { GetLimits } from './get-message.ts';
import { GroupCommit } from './group-commit.ts';
import { IndexService } from './index/index-service.ts';
import { type MessageStoreOptions, memoryBytes, type StoreSettings, storeSettings } from './message-store-options.ts';
import type { PutListener } from './put-message.ts';
import { type ArriveListener, PutPipeline } from './put-pipeline.ts';
import { RecoveryProgress } from './recovery-progress.ts';
import { Retention } from './retention.ts';
import { SegmentFiles } from './segment-files.ts';
import { writeStopNote } from './stop-note.ts';
import { StoreLock } from './store-lock.ts';
import { openFiles } from './store-opening.ts';
import { StorePaths } from './store-paths.ts';
import { StoreReads } from './store-reads.ts';
import { StoreStats } from './store-stats.ts';
import { markUnflushed } from './unflushed-mark.ts';
import { UnitRepair } from './unit-repair.ts';
import { type GateKeeper, WriteGate } from './write-gate.ts';

export type { GetMessageResult } from './get-message.ts';
export type { MessageStoreOptions } from './message-store-options.ts';
export { type PutListener, PutMessageStatus } from './put-message.ts';
export type { ArriveListener } from './put-pipeline.ts';

const STATS_INTERVAL_MS = 1000;
const PROGRESS_MS = 3000;

export class MessageStore extends StoreReads implements Service {
  readonly stats = new StoreStats();
  /** Settings with their defaults. */
  settings: StoreSettings;
  protected readonly clock: Clock;
  protected readonly commitLog: CommitLog;
  protected readonly queueStore: ConsumeQueueStore;
  protected readonly index: IndexService | undefined;
  protected limits: GetLimits;
  protected readonly repair: UnitRepair;
  readonly #options: MessageStoreOptions;
  readonly #disk: Disk;
  readonly #logger: Logger;
  readonly #paths: StorePaths;
  readonly #gate = new WriteGate();
  readonly #handles: FileHandles;
  readonly #delayLevels: DelayLevels;
  readonly #checkpoint: Checkpoint;
  readonly #pipeline: PutPipeline;
  readonly #preparer: SegmentPreparer;
  readonly #flush: FlushService;
  readonly #groupCommit: GroupCommit;
  readonly #diskWatch: DiskWatch;
  readonly #retention: Retention;
  readonly #lock: StoreLock;
  /** Whether the store was found as a crash had left it. */
  crashed = false;
  #statsTimer: { cancel(): void } | undefined;
  #starting: Promise<void> | undefined;
  #running = false;
  #stopped = false;

  /** Opens nothing yet. Throws PocketError CONFIG for settings that cannot be used. */
  constructor(options: MessageStoreOptions) {
    super();
    const { clock, logger, disk = nodeDisk } = options;
    const settings = storeSettings(options);
    this.#options = options;
    this.settings = settings;
    this.clock = clock;
    this.#disk = disk;
    this.#logger = logger;
    this.#gate.close('store', 'the store is not started');
    this.limits = { ...settings, memoryBytes: memoryBytes(options, settings) };
    this.#paths = new StorePaths(options.rootDir, options.commitLogDir);
    this.#handles = new FileHandles(disk, settings.maxOpenFiles);
    this.#delayLevels = new DelayLevels(settings.messageDelayLevel);
    this.#lock = new StoreLock(disk, this.#paths.root);
    this.#checkpoint = new Checkpoint(disk, this.#paths.root, this.#paths.staging);
    this.commitLog = this.#createCommitLog();
    this.queueStore = this.#createQueues();
    this.index = settings.messageIndexEnable ? this.#createIndex() : undefined;
    this.repair = new UnitRepair(this.commitLog, this.#delayLevels, logger);
    this.#preparer = new SegmentPreparer(this.commitLog, clock, logger);
    this.#pipeline = this.#createPipeline();
    this.#flush = new FlushService({
      ...settings,
      commitLog: this.commitLog,
      queues: this.queueStore,
      index: this.index,
      checkpoint: this.#checkpoint,
      clock,
      logger,
      lastStoreTimestamp: () => this.#pipeline.lastStoreTimestamp,
      lastPhysicOffset: () => this.#pipeline.lastPhysicOffset,
      onFault: (reason, error) => this.#onFlushFault(reason, error),
    });
    this.#diskWatch = new DiskWatch({
      ...{ paths: this.#paths, disk, gate: this.#gate, logger },
      settings: () => this.settings,
    });
    this.#retention = new Retention({
      ...{
        commitLog: this.commitLog,
        queues: this.queueStore,
        index: this.index,
        diskWatch: this.#diskWatch,
        clock,
        logger,
      },
      settings: () => this.settings,
    });
    this.#groupCommit = new GroupCommit({
      clock,
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
  start(): Promise<void> {
    const { root } = this.#paths;
    if (this.#stopped) return Promise.reject(new PocketError('STOPPED', `the store ${root} was stopped`));
    this.#starting ??= this.#start(root);
    return this.#starting;
  }

  async #start(root: string): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      this.#starting = undefined;
      this.#handles.closeAll();
      this.#lock.release();
      if (error instanceof PocketError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new PocketError('STORE', `the store ${root} cannot be opened: ${why}`, { cause: error });
    }
    this.#running = true;
    this.#gate.open('store');
    this.#flush.start();
    this.#preparer.consider();
    this.#retention.start();
    this.#statsTimer = this.clock.every(STATS_INTERVAL_MS, () => this.stats.sample(this.clock.monotonic()));
  }

  /**
   * Answers what is pending, makes everything durable, says so in the checkpoint and removes `abort`. If that fails `abort`
   * stays, and the next start recovers.
   */
  async stop(): Promise<void> {
    if (!this.#running && !this.#stopped) await this.#starting?.catch(() => undefined);
    if (!this.#running) return;
    this.#running = false;
    this.#stopped = true;
    this.#gate.close('store', 'the store is stopped');
    this.#pipeline.commit();
    this.#statsTimer?.cancel();
    await this.#retention.stop();
    const { root, abort, stopNote } = this.#paths;
    try {
      const durable = await this.#flush.stop();
      if (this.#flush.failed) this.#markUnflushed();
      this.#groupCommit.stop();
      await this.#preparer.stop();
      await this.index?.stop();
      if (durable) {
        writeStopNote(this.#disk, stopNote, this.commitLog.writtenOffset, this.queueStore.all());
        this.#disk.unlink(abort);
        this.#disk.syncDirectory(root);
      }
    } catch (error) {
      this.#logger.error(`the store ${root} could not be closed cleanly`, error);
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
   * Encodes the message at once, with the offsets it will have; `listener.onPut` comes with the write of this tick, or with
   * SYNC_FLUSH when the disk has it. The draft and its buffers may be used again when this returns. Store trouble is told to
   * the listener, never thrown.
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

  /** Makes onArrive be called for messages of the queue. False for a topic name that is none. */
  watch(topic: string, queueId: number): boolean {
    const queues = this.queueStore.topic(topic);
    if (queues === undefined) return false;
    this.queueStore.queue(queues, queueId).watched = true;
    return true;
  }

  unwatch(topic: string, queueId: number): void {
    const queue = this.queueStore.find(topic, queueId);
    if (queue !== undefined) queue.watched = false;
  }

  /** Deletes the queues of a topic; its records stay in the commitlog. A topic of that name begins at offset 0 again. */
  destroyTopic(topic: string): void {
    this.#pipeline.commit();
    this.queueStore.destroyTopic(topic);
    this.#pipeline.forgetTopics();
  }

  /** Old files go now and in the next rounds, whatever the hour (DELETE_EXPIRED_COMMITLOG). */
  deleteExpiredCommitLog(): void {
    this.#retention.deleteExpiredNow();
  }

  /** Deletes the queues all of whose messages are gone; they begin at offset 0 again. Returns how many. */
  cleanExpiredQueues(): number {
    this.#pipeline.commit();
    const { minOffset } = this.commitLog;
    const expired = [...this.queueStore.all()].filter(
      ({ topic, maxPhysicOffset }) => !waits(topic) && maxPhysicOffset !== -1 && maxPhysicOffset < minOffset,
    );
    for (const queue of expired) this.queueStore.destroyQueue(queue);
    return expired.length;
  }

  /** Deletes the queues of topics that are not wanted any more, and returns their topics. */
  cleanUnusedTopics(isUsed: (topic: string) => boolean): string[] {
    const topics = new Set([...this.queueStore.all()].map(({ topic }) => topic));
    const unused = [...topics].filter((topic) => !isUsed(topic) && !isKeptWithoutConfig(topic));
    for (const topic of unused) this.destroyTopic(topic);
    return unused;
  }

  /** Takes over settings that may change while the store is open: sizes of messages and answers, times of the flushes. */
  change(changed: Partial<StoreSettings>): void {
    const settings = { ...this.settings, ...changed };
    this.settings = settings;
    this.limits = { ...settings, memoryBytes: memoryBytes(this.#options, settings) };
    this.#pipeline.maxMessageSize = settings.maxMessageSize;
    this.#flush.change(settings);
    if (changed.cleanResourceInterval !== undefined) this.#retention.restartRounds();
    this.#diskWatch.check();
  }

  /** 8 or 20 bytes of the address that new records carry. */
  set storeHost(storeHost: Buffer) {
    this.#pipeline.storeHost = storeHost;
  }

  /** storeTimestamp of the newest record, ms; 0 without one. */
  get lastStoreTimestamp(): number {
    return this.#pipeline.lastStoreTimestamp;
  }

  /** Why nothing can be stored at the moment, undefined when it can. */
  get notWriteableBecause(): string | undefined {
    return this.#gate.closedBecause;
  }

  /** Bytes that a power cut would lose. */
  get flushBehindBytes(): number {
    return this.commitLog.writtenOffset - this.#flush.flushedOffset;
  }

  /** For how many ms the oldest pending put has been waiting for its write. */
  get pageCacheLockTimeMills(): number {
    const since = this.#pipeline.pendingSince;
    return since === 0 ? 0 : Math.max(0, this.clock.now() - since);
  }

  /** Used share of the file system that holds the commitlog, 0 to 1, -1 if unknown. */
  get commitLogDiskRatio(): number {
    return this.#diskWatch.commitLogRatio;
  }

  get consumeQueueDiskRatio(): number {
    return this.#diskWatch.consumeQueueRatio;
  }

  protected get maxMsgsNumBatch(): number {
    return this.settings.maxMsgsNumBatch;
  }

  #createCommitLog(): CommitLog {
    const { mappedFileSizeCommitLog: fileSize, tailBytes } = this.settings;
    const { commitLog, commitLogStaging: stagingDir } = this.#paths;
    const segments = { disk: this.#disk, handles: this.#handles, fileSize, stagingDir };
    return new CommitLog(new SegmentFiles(segments, commitLog), tailBytes);
  }

  #createQueues(): ConsumeQueueStore {
    const fileSize = Math.ceil(this.settings.mappedFileSizeConsumeQueue / UNIT_LENGTH) * UNIT_LENGTH;
    return new ConsumeQueueStore({
      dir: this.#paths.consumeQueue,
      segments: { disk: this.#disk, handles: this.#handles, fileSize, stagingDir: this.#paths.staging },
      logger: this.#logger,
      onFault: (error) => this.#onFault('consumequeue', 'a consumequeue', error),
    });
  }

  #createIndex(): IndexService {
    return new IndexService({
      dir: this.#paths.index,
      noteFile: this.#paths.indexNote,
      stagingDir: this.#paths.staging,
      disk: this.#disk,
      handles: this.#handles,
      hashSlotNum: this.settings.maxHashSlotNum,
      indexNum: this.settings.maxIndexNum,
      commitLog: this.commitLog,
      checkpoint: this.#checkpoint,
      clock: this.clock,
      logger: this.#logger,
      onFault: (error) => this.#onFault('index', 'the index', error),
      onUnflushed: () => this.#markUnflushed(),
    });
  }

  #createPipeline(): PutPipeline {
    return new PutPipeline({
      commitLog: this.commitLog,
      queues: this.queueStore,
      index: this.index,
      stats: this.stats,
      delayLevels: this.#delayLevels,
      storeHost: this.#options.storeHost,
      maxMessageSize: this.settings.maxMessageSize,
      clock: this.clock,
      logger: this.#logger,
      gate: this.#gate,
      onWritten: () => this.#preparer.consider(),
      groupCommit: () => (this.settings.flushDiskType === 'SYNC_FLUSH' ? this.#groupCommit : undefined),
    });
  }

  /** Everything between the lock and the first put. */
  async #load(): Promise<void> {
    const { onProgress, progressIntervalMs: intervalMs = PROGRESS_MS } = this.#options;
    this.crashed = this.#disk.info(this.#paths.abort) !== undefined;
    const recovered = await openFiles({
      disk: this.#disk,
      paths: this.#paths,
      lock: this.#lock,
      commitLog: this.commitLog,
      queues: this.queueStore,
      index: this.index,
      checkpoint: this.#checkpoint,
      delayLevels: this.#delayLevels,
      checkCRCOnRecover: this.settings.checkCRCOnRecover,
      progress: new RecoveryProgress({ clock: this.clock, intervalMs, logger: this.#logger, onProgress }),
      clock: this.clock,
      logger: this.#logger,
    });
    this.#pipeline.lastStoreTimestamp = recovered.lastStoreTimestamp || this.#checkpoint.physicMsgTimestamp;
    this.#pipeline.lastPhysicOffset = recovered.lastPhysicOffset;
    this.#flush.flushedOffset = recovered.durableOffset;
  }

  /** Only a restart, with its recovery, opens the store again. */
  #onFlushFault(reason: string, error: unknown): void {
    this.#gate.close('flush', reason);
    this.#logger.error(`${reason}; nothing is stored any more until the broker is started again`, error);
    this.#markUnflushed();
  }

  /** For the next start, whatever it was that could not be synced. */
  #markUnflushed(): void {
    const { failed, flushedOffset } = this.#flush;
    try {
      markUnflushed(this.#disk, this.#paths.unflushedMark, failed ? flushedOffset : undefined);
    } catch (error) {
      this.#logger.error('that cannot be noted for the next start either; it is tried again at the stop', error);
    }
  }

  /** Derived files cannot be written, or can again: their memory is bounded because nothing is stored meanwhile. */
  #onFault(keeper: GateKeeper, what: string, error: unknown): void {
    if (error === undefined) {
      this.#gate.open(keeper);
      return;
    }
    this.#gate.close(keeper, `${what} cannot be written`);
    this.#logger.error(`${what} cannot be written; puts are refused until it can`, error);
  }
}

/** Queues whose offsets say what is delivered already. */
const waits = (topic: string): boolean => topic === Topic.SCHEDULE || topic === Topic.TIMER;
