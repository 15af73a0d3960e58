/**
 * Where the queues end, as their files say and as far as it can be believed: the first half of recovery. With the note of an
 * orderly stop a queue that is as noted is taken as it is; any other has its last units compared with the records they point
 * to. From `redispatchFrom` on the commitlog must be gone through to complete those that lost something.
 */
import type { Logger } from '../common/logger.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import { RecordWalk } from './commitlog/record-check.ts';
import type { ConsumeQueue } from './consumequeue/consume-queue.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { dropWrongUnits, findQueueEnd } from './consumequeue/queue-recovery.ts';
import { type NotedQueue, queueKey, type StopNote } from './stop-note.ts';

export interface QueueEndsOptions {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  clean: boolean;
  /** The commitlog is gone through from here on in any case; infinite when it is not. */
  coveredFrom: number;
  note: StopNote | undefined;
  logger: Logger;
}

export class QueueEnds {
  /** The queue with the newest record. */
  newest: ConsumeQueue | undefined;
  /** Where the first record begins that a queue may have lost; infinite when none has lost any. */
  redispatchFrom = Number.POSITIVE_INFINITY;
  /** After an orderly stop: the log reaches at least to here. */
  logEnd = 0;
  /** Queues that lost units, and behind what their files may hold anything. */
  readonly shortened = new Set<ConsumeQueue>();
  readonly #options: QueueEndsOptions;
  /** The numbers that queues had reached. */
  readonly #claims: { topic: string; queueId: number; maxOffset: number }[] = [];

  constructor(options: QueueEndsOptions) {
    this.#options = options;
    const { queues, commitLog, clean } = options;
    const note = this.#usableNote();
    for (const queue of [...queues.all()]) this.#check(queue, note?.queues.get(queueKey(queue)), note !== undefined);
    for (const noted of note?.queues.values() ?? []) {
      if (queues.find(noted.topic, noted.queueId) === undefined) this.#lost(noted);
    }
    for (const queue of queues.all()) {
      if (queue.maxPhysicOffset > (this.newest?.maxPhysicOffset ?? -1)) this.newest = queue;
    }
    const reached = Math.max(this.newest?.maxPhysicOffset ?? 0, note?.commitLogEnd ?? 0);
    if (clean) this.logEnd = Math.min(reached, commitLog.segments.endOffset);
  }

  /** After an orderly stop the next message of a queue gets the number it would have got, even if messages are lost. */
  restoreNumbers(): void {
    const { queues, commitLog, clean, logger } = this.#options;
    if (!clean || commitLog.segments.count === 0) return;
    for (const { topic, queueId, maxOffset } of this.#claims) {
      const known = queues.topic(topic);
      if (known === undefined) continue;
      const queue = queues.queue(known, queueId);
      if (queue.maxOffset >= maxOffset) continue;
      const lost = maxOffset - queue.maxOffset;
      logger.error(
        `${lost} messages of ${topic}/${queueId} before ${maxOffset} are lost; its numbers go on from there`,
      );
      if (queue.maxOffset === 0) queue.restart(maxOffset - 1);
      queue.skipTo(maxOffset);
    }
  }

  /** A note that another broker's work has overtaken is none: a record begins where the log had ended. */
  #usableNote(): StopNote | undefined {
    const { note, clean, commitLog } = this.#options;
    if (!clean || note === undefined || commitLog.segments.count === 0) return undefined;
    return new RecordWalk(commitLog.segments, true).at(note.commitLogEnd) === undefined ? note : undefined;
  }

  #check(queue: ConsumeQueue, noted: NotedQueue | undefined, isNoted: boolean): void {
    const { queues, clean, commitLog } = this.#options;
    if (this.#hasLostFirst(queue, noted)) queues.lostFiles.giveUp(queue);
    findQueueEnd(queue, clean);
    const { maxOffset, maxPhysicOffset, files } = queue;
    const isAsNoted = noted?.maxOffset === maxOffset && noted.maxPhysicOffset === maxPhysicOffset;
    if (queues.lostFiles.has(queue) || (isNoted && noted !== undefined && !isAsNoted)) this.shortened.add(queue);
    else if (isAsNoted || files.count === 0) return;
    const { minOffset } = commitLog;
    const wrong = dropWrongUnits(queue, (unit) => unit.physicOffset < minOffset || commitLog.isRecordOf(unit));
    const isTorn = wrong !== undefined && !this.shortened.has(queue) && this.#isTorn(wrong.physicOffset);
    if (wrong !== undefined) this.shortened.add(queue);
    if (!this.shortened.has(queue)) return;
    if (!isTorn) this.#goBackTo(queue.maxPhysicOffset);
    this.#claim(queue, Math.max(maxOffset, noted?.maxOffset ?? 0));
  }

  /** Files go from the front of a queue only with the first files of the log. */
  #hasLostFirst({ files }: ConsumeQueue, noted: NotedQueue | undefined): boolean {
    if (files.count === 0) return false;
    if (noted !== undefined) return files.firstStart > noted.firstStart;
    return files.firstStart > 0 && this.#options.commitLog.minOffset === 0;
  }

  /** The unit reached the disk and its record, at the end of the log, did not: nothing older is missing. */
  #isTorn(physicOffset: number): boolean {
    const { coveredFrom, commitLog } = this.#options;
    return physicOffset >= coveredFrom && commitLog.isUnwritten(physicOffset);
  }

  #lost(noted: NotedQueue): void {
    this.#options.logger.warn(`the consumequeue of ${noted.topic}/${noted.queueId} is gone: it is built again`);
    this.#goBackTo(-1);
    this.#claim(noted, noted.maxOffset);
  }

  #goBackTo(physicOffset: number): void {
    const { minOffset } = this.#options.commitLog;
    this.redispatchFrom = Math.min(this.redispatchFrom, Math.max(physicOffset, minOffset));
  }

  #claim({ topic, queueId }: { topic: string; queueId: number }, maxOffset: number): void {
    this.#claims.push({ topic, queueId, maxOffset });
  }
}
