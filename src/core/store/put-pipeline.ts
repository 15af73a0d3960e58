/**
 * The way of a put: checked, given its offsets and encoded at once; written with all others of the same tick in one go;
 * dispatched to the queues; answered; and announced to whoever waits for it. Nothing is answered PUT_OK before its bytes
 * were written, and with SYNC_FLUSH (group-commit.ts) before the disk has them. Mirrors CommitLog.asyncPutMessage(s) and ReputMessageService; no promise, closure or clock per message.
 */
import type { Clock } from '../common/clock.ts';
import { errnoOf } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import type { DelayLevels } from '../message/delay-level.ts';
import { type RecordPlace, recordSize } from '../message/message-codec.ts';
import type { MessageDraft } from '../message/message-draft.ts';
import { MAX_PROPERTIES_LENGTH } from '../message/properties.ts';
import { entersQueue, SysFlag, transactionType } from '../message/sys-flag.ts';
import { BatchDrafts } from './batch-drafts.ts';
import { type CommitLog, SegmentError } from './commitlog/commit-log.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import type { TopicQueues } from './consumequeue/topic-queues.ts';
import type { GroupCommit, WrittenBatch } from './group-commit.ts';
import type { IndexService } from './index/index-service.ts';
import { PendingPut } from './pending-put.ts';
import { type PutListener, PutMessageStatus, RECORD_ROOM } from './put-message.ts';
import { recordTagsCode } from './record-tags.ts';
import type { StoreStats } from './store-stats.ts';
import type { WriteGate } from './write-gate.ts';

/** More than this is written at once, within the tick: it bounds the memory. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;
const MAX_SPARE_PUTS = 16_384;
/** How many turns of the event loop a write waits for more. */
const MAX_PUT_OFF = 4;

export interface PutPipelineOptions {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  stats: StoreStats;
  delayLevels: DelayLevels;
  storeHost: Buffer;
  maxMessageSize: number;
  clock: Clock;
  logger: Logger;
  /** Whether anything may be put now. */
  gate: WriteGate;
  /** Called after each write. */
  onWritten: () => void;
  /** SYNC_FLUSH: who answers written puts; undefined: they are answered at once. */
  groupCommit: () => GroupCommit | undefined;
  /** Undefined: messageIndexEnable=false. */
  index: IndexService | undefined;
}

/** Called for each new message of a watched queue, after it can be read. */
export type ArriveListener = (
  topic: string,
  queueId: number,
  maxOffset: number,
  tagsCode: number,
  storeTimestamp: number,
) => void;

export class PutPipeline {
  onArrive: ArriveListener | undefined;
  /** 8 or 20 bytes that records carry unless their draft names others. */
  storeHost: Buffer;
  /** Bytes of a body. */
  maxMessageSize: number;
  readonly #options: PutPipelineOptions;
  readonly #commitLog: CommitLog;
  readonly #queues: ConsumeQueueStore;
  readonly #place: RecordPlace;
  readonly #batch = new BatchDrafts();
  #pending: PendingPut[] = [];
  readonly #spare: PendingPut[] = [];
  #committing = false;
  #scheduled = false;
  /** Store timestamp of all records of this tick. */
  #tickTimestamp = 0;
  #lastTopic: TopicQueues | undefined;
  /** Puts in #pending; a batch is one put of several records. */
  #waitingPuts = 0;
  /** Puts that waited when this tick was last put off, and how often it was. */
  #waitingBefore = 0;
  #putOff = 0;
  #lastBatch = 0;
  /**
   * While senders keep coming, the write waits for another look at the sockets: fewer and larger writes, and answers that
   * reach a client together. A lone sender, who waits for his answer before he sends again, is not made to wait.
   */
  readonly #onTick = (): void => {
    const waiting = this.#waitingPuts;
    if (this.#lastBatch > 1 && waiting > this.#waitingBefore && this.#putOff < MAX_PUT_OFF) {
      this.#waitingBefore = waiting;
      this.#putOff++;
      setImmediate(this.#onTick);
      return;
    }
    this.#waitingBefore = 0;
    this.#putOff = 0;
    this.#lastBatch = waiting;
    this.#scheduled = false;
    this.commit();
  };

  constructor(options: PutPipelineOptions) {
    this.#options = options;
    this.storeHost = options.storeHost;
    this.maxMessageSize = options.maxMessageSize;
    this.#commitLog = options.commitLog;
    this.#queues = options.queues;
    this.#place = {
      topic: Buffer.alloc(0),
      storeHost: options.storeHost,
      queueOffset: 0,
      physicOffset: 0,
      storeTimestamp: 0,
    };
  }

  /** storeTimestamp of the newest record. */
  lastStoreTimestamp = 0;
  /** Where it begins in the commitlog, -1 without one. */
  lastPhysicOffset = -1;

  /** When the oldest put that waits for its write came, in ms of the clock; 0 without one. */
  get pendingSince(): number {
    return this.#pending.length === 0 ? 0 : this.#tickTimestamp;
  }

  /** Queue objects known from before are void (a topic was destroyed). */
  forgetTopics(): void {
    this.#lastTopic = undefined;
  }

  put(draft: MessageDraft, listener: PutListener): void {
    const refusal = this.#refusal(draft);
    if (refusal !== undefined) {
      this.#refuse(listener, refusal);
      return;
    }
    const topic = this.#topic(draft.topic);
    const storeHost = draft.storeHost ?? this.storeHost;
    const size = topic === undefined ? 0 : recordSize(draft, topic.bytes.length, storeHost);
    if (topic === undefined || !this.#fits(size)) {
      this.#refuse(listener, PutMessageStatus.MESSAGE_ILLEGAL);
      return;
    }
    this.#commitBefore(size);
    this.#begin();
    this.#commitLog.makeRoom(size);
    this.#place.storeHost = storeHost;
    const entry = this.#append(draft, topic, size);
    entry.tagsCode = topic.isSchedule ? this.#dueTime(draft) : draft.tagsCode;
    entry.listener = listener;
    entry.count = 1;
  }

  /**
   * `draft.body` is the body of a batch send (message/batch-codec.ts), `draft.properties` what all inner messages get added.
   * All or none is stored, contiguous, in one file and by one write, with one call of the listener.
   */
  putBatch(draft: MessageDraft, listener: PutListener): void {
    // First of all: a listener that is called here may put a batch itself, and there is one #batch.
    this.#commitBefore(draft.bodyEnd - draft.bodyStart);
    const batch = this.#batch;
    const storeHost = draft.storeHost ?? this.storeHost;
    const topic = this.#topic(draft.topic);
    const topicLength = topic?.bytes.length ?? 0;
    const { maxMessageSize } = this;
    const refusal = this.#refusal(draft) ?? batch.measure(draft, { topicLength, storeHost, maxMessageSize });
    if (refusal !== undefined || topic === undefined || !this.#commitLog.fits(batch.size)) {
      this.#refuse(listener, refusal ?? PutMessageStatus.MESSAGE_ILLEGAL);
      return;
    }
    this.#begin();
    this.#commitLog.makeRoom(batch.size);
    this.#commitLog.keepTogether(batch.size);
    this.#place.storeHost = storeHost;
    const physicOffsets: number[] = [];
    while (batch.next()) {
      const message = batch.draft;
      const entry = this.#append(message, topic, recordSize(message, topicLength, storeHost));
      entry.tagsCode = message.tagsCode;
      physicOffsets.push(entry.physicOffset);
      if (!batch.atEnd) continue;
      entry.listener = listener;
      entry.count = physicOffsets.length;
      entry.physicOffsets = physicOffsets;
    }
  }

  /** Writes, dispatches and answers what is pending, now. */
  commit(): void {
    if (this.#committing || this.#pending.length === 0) return;
    this.#committing = true;
    const batch = this.#pending;
    const puts = this.#waitingPuts;
    this.#pending = [];
    this.#waitingPuts = 0;
    const storeTimestamp = this.#tickTimestamp;
    const bytes = this.#commitLog.pendingBytes;
    try {
      if (!this.#write(batch, puts)) {
        this.#recycle(batch);
        return;
      }
      const written = { puts: batch, endOffset: this.#commitLog.writtenOffset, bytes, storeTimestamp };
      this.lastStoreTimestamp = storeTimestamp;
      this.lastPhysicOffset = batch[batch.length - 1]?.physicOffset ?? -1;
      this.#dispatch(batch);
      this.#options.index?.putAll(batch, storeTimestamp);
      const groupCommit = this.#options.groupCommit();
      if (groupCommit === undefined) {
        this.#answerWritten(written, PutMessageStatus.PUT_OK);
        this.#announce(batch, storeTimestamp);
        this.#recycle(batch);
      } else {
        this.#announce(batch, storeTimestamp);
        this.#answerWhenFlushed(groupCommit, written);
      }
      this.#options.onWritten();
    } finally {
      this.#committing = false;
      if (this.#pending.length > 0) this.#schedule();
    }
  }

  /** Answers a batch that was handed to a GroupCommit. */
  answerFlushed(written: WrittenBatch, status: PutMessageStatus): void {
    this.#answerWritten(written, status);
    this.#recycle(written.puts);
  }

  /** Who does not wait for the disk (WAIT=false) is answered now. */
  #answerWhenFlushed(groupCommit: GroupCommit, written: WrittenBatch): void {
    const { puts, storeTimestamp } = written;
    for (const put of puts) if (!put.waitStoreMsgOK) this.#answerOne(put, PutMessageStatus.PUT_OK, storeTimestamp);
    groupCommit.add(written);
  }

  #answerWritten({ puts, bytes, storeTimestamp }: WrittenBatch, status: PutMessageStatus): void {
    const { stats, clock } = this.#options;
    stats.putsAnswered(puts.length, bytes, clock.now() - storeTimestamp);
    this.#answer(puts, status, storeTimestamp);
  }

  #refusal(draft: MessageDraft): PutMessageStatus | undefined {
    if (this.#options.gate.closedBecause !== undefined) return PutMessageStatus.SERVICE_NOT_AVAILABLE;
    if (this.#options.groupCommit()?.full === true) return PutMessageStatus.OS_PAGECACHE_BUSY;
    const bodyLength = draft.bodyEnd - draft.bodyStart;
    const propertiesLength = draft.propertiesEnd - draft.propertiesStart;
    if ((draft.queueId | 0) !== draft.queueId || draft.queueId < 0) return PutMessageStatus.MESSAGE_ILLEGAL;
    if (bodyLength > this.maxMessageSize || propertiesLength > MAX_PROPERTIES_LENGTH) {
      return PutMessageStatus.MESSAGE_ILLEGAL;
    }
    return undefined;
  }

  #fits(size: number): boolean {
    return size <= this.maxMessageSize + RECORD_ROOM && this.#commitLog.fits(size);
  }

  #refuse(listener: PutListener, status: PutMessageStatus): void {
    this.#options.stats.putMessageFailedTimes++;
    listener.onPut(status, -1, -1, this.#options.clock.now(), 0);
  }

  #topic(name: string): TopicQueues | undefined {
    if (this.#lastTopic?.topic !== name) this.#lastTopic = this.#queues.topic(name);
    return this.#lastTopic;
  }

  /** Writes what is pending when `size` bytes more would be too much for one write. */
  #commitBefore(size: number): void {
    if (this.#commitLog.pendingBytes + size > MAX_PENDING_BYTES) this.commit();
  }

  /** One more put joins those of this tick. */
  #begin(): void {
    this.#waitingPuts++;
    if (this.#pending.length === 0) {
      this.#tickTimestamp = this.#options.clock.now();
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onTick);
  }

  #append(draft: MessageDraft, topic: TopicQueues, size: number): PendingPut {
    const place = this.#place;
    const entry = this.#spare.pop() ?? new PendingPut();
    const queue = topic.queues[draft.queueId] ?? this.#queues.queue(topic, draft.queueId);
    const enters = entersQueue(draft.sysFlag);
    place.topic = topic.bytes;
    place.storeTimestamp = this.#tickTimestamp;
    place.queueOffset = enters ? queue.nextOffset : 0;
    this.#commitLog.append(draft, place, size);
    if (enters) queue.nextOffset++;
    entry.queue = queue;
    entry.enters = enters;
    entry.queueOffset = place.queueOffset;
    entry.physicOffset = place.physicOffset;
    entry.topic = topic;
    entry.size = size;
    this.#noteKeys(entry, draft);
    entry.waitStoreMsgOK = draft.waitStoreMsgOK ?? true;
    this.#pending.push(entry);
    return entry;
  }

  /** What the index needs to find the message's keys in its record. */
  #noteKeys(entry: PendingPut, draft: MessageDraft): void {
    const { keys } = draft;
    const isIndexed = transactionType(draft.sysFlag) !== SysFlag.TRANSACTION_ROLLBACK;
    entry.propertiesLength = isIndexed ? draft.propertiesEnd - draft.propertiesStart : 0;
    entry.hasKeyRanges = isIndexed && keys !== undefined;
    if (keys === undefined) return;
    entry.uniqKeyStart = keys.uniqKeyStart;
    entry.uniqKeyEnd = keys.uniqKeyEnd;
    entry.keysStart = keys.keysStart;
    entry.keysEnd = keys.keysEnd;
  }

  #dueTime(draft: MessageDraft): number {
    const properties = draft.properties.subarray(draft.propertiesStart, draft.propertiesEnd);
    return recordTagsCode(draft.topic, properties, this.#tickTimestamp, this.#options.delayLevels);
  }

  /** False when the write failed; then all of the batch, which is so many puts, is taken back and answered. */
  #write(batch: PendingPut[], puts: number): boolean {
    try {
      this.#commitLog.writePending();
      return true;
    } catch (error) {
      this.#options.logger.error(`${batch.length} messages could not be written to the commitlog`, error);
      this.#commitLog.rollBack();
      for (let i = batch.length - 1; i >= 0; i--) {
        const { queue, enters, queueOffset } = batch[i] as PendingPut;
        if (enters && queue !== undefined) queue.nextOffset = queueOffset;
      }
      this.#options.stats.putMessageFailedTimes += puts;
      this.#answer(batch, failureStatus(error), this.#tickTimestamp);
      return false;
    }
  }

  #dispatch(batch: PendingPut[]): void {
    for (const { queue, enters, physicOffset, size, tagsCode } of batch) {
      if (enters && queue !== undefined) queue.append(physicOffset, size, tagsCode);
    }
    if (this.#queues.overfull) this.#queues.writeAndRelease();
  }

  #answer(batch: PendingPut[], status: PutMessageStatus, storeTimestamp: number): void {
    for (const put of batch) if (put.listener !== undefined) this.#answerOne(put, status, storeTimestamp);
  }

  #answerOne(put: PendingPut, status: PutMessageStatus, storeTimestamp: number): void {
    try {
      put.answer(status, storeTimestamp);
    } catch (error) {
      this.#options.logger.error('the listener of a put failed', error);
    }
  }

  #announce(batch: PendingPut[], storeTimestamp: number): void {
    for (const { queue, enters, queueOffset, tagsCode } of batch) {
      if (queue === undefined || !queue.watched || !enters) continue;
      try {
        this.onArrive?.(queue.topic, queue.queueId, queueOffset + 1, tagsCode, storeTimestamp);
      } catch (error) {
        this.#options.logger.error('the listener for arriving messages failed', error);
      }
    }
  }

  #recycle(batch: PendingPut[]): void {
    for (const entry of batch) {
      entry.queue = undefined;
      entry.topic = undefined;
      entry.listener = undefined;
      entry.physicOffsets = undefined;
      if (this.#spare.length < MAX_SPARE_PUTS) this.#spare.push(entry);
    }
  }
}

function failureStatus(error: unknown): PutMessageStatus {
  const cause = error instanceof SegmentError ? error.cause : error;
  const errno = errnoOf(cause);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return PutMessageStatus.SERVICE_NOT_AVAILABLE;
  if (error instanceof SegmentError) return PutMessageStatus.CREATE_MAPEDFILE_FAILED;
  return PutMessageStatus.UNKNOWN_ERROR;
}
