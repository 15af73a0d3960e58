/**
 * Gives queues the units of records that recovery finds in the commitlog. A queue skips what it has. Mirrors
 * CommitLogDispatcherBuildConsumeQueue and ConsumeQueue.putMessagePositionInfo, which numbers a message wrongly where units
 * before it are missing.
 */
import type { Logger } from '../../common/logger.ts';
import { MIN_RECORD_LENGTH } from '../../message/message-codec.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import type { ConsumeQueueStore } from './consume-queue-store.ts';

/** A larger gap in a queue's numbering is taken for a wrong number until the next message goes on from there. */
const MAX_LOST_UNITS = 10_000;

/** What recovery reads from a record for its queue. */
export interface RecoveredUnit {
  queueOffset: number;
  physicOffset: number;
  size: number;
  tagsCode: number;
}

export class Redispatch {
  /** Units that were added. */
  count = 0;
  readonly #queues: ConsumeQueueStore;
  readonly #logger: Logger;
  /** The last message of a queue that was left out because of a large gap before it. */
  readonly #behindGap = new Map<ConsumeQueue, RecoveredUnit>();

  constructor(queues: ConsumeQueueStore, logger: Logger) {
    this.#queues = queues;
    this.#logger = logger;
  }

  /** Whether the queue has the unit of a record that ends at `end` of the commitlog. */
  has(topic: string, queueId: number, end: number): boolean {
    const queue = this.#queues.find(topic, queueId);
    return queue !== undefined && end <= queue.maxPhysicOffset;
  }

  /**
   * Adds the unit of a record found in the commitlog, unless the queue has it. False when units before it are missing and
   * `fromStart` does not say that the whole commitlog is being gone through: only that can bring them back.
   */
  add(topic: string, queueId: number, unit: Readonly<RecoveredUnit>, fromStart: boolean): boolean {
    const queues = this.#queues.topic(topic);
    const { queueOffset, physicOffset, size } = unit;
    // Nothing but the body is covered by a CRC. A message cannot have more before it in its queue than bytes in the log.
    if (queues === undefined || queueId < 0 || queueOffset < 0 || queueOffset > physicOffset) {
      const place = `${topic}/${queueId}, offset ${queueOffset}`;
      this.#logger.warn(`the message at ${physicOffset} names the queue ${place} and is left out`);
      return true;
    }
    const queue = this.#queues.queue(queues, queueId);
    if (physicOffset + size <= queue.maxPhysicOffset) return true;
    const missing = queueOffset - queue.maxOffset;
    if (missing > 0 && !fromStart) return false;
    // A topic that was deleted and made anew begins at 0 again.
    if (missing !== 0 && (queueOffset === 0 || queue.maxOffset === 0)) queue.restart(queueOffset);
    else if (missing < 0 || (missing > MAX_LOST_UNITS && !this.#isGap(queue, unit))) {
      this.#logger.warn(`message ${queueOffset} of ${topic}/${queueId} at ${physicOffset} is out of order: left out`);
      return true;
    } else if (missing > 0) this.#skip(queue, queueOffset);
    this.#append(queue, unit);
    return true;
  }

  /** Whether the message before this one was left out for the same gap, and so many can lie between in the log. */
  #isGap(queue: ConsumeQueue, unit: Readonly<RecoveredUnit>): boolean {
    const before = this.#behindGap.get(queue);
    const room = unit.physicOffset - Math.max(0, queue.maxPhysicOffset);
    const isPossible = (unit.queueOffset - queue.maxOffset) * MIN_RECORD_LENGTH <= room;
    if (isPossible && before?.queueOffset === unit.queueOffset - 1) {
      this.#skip(queue, before.queueOffset);
      this.#append(queue, before);
      return true;
    }
    this.#behindGap.set(queue, { ...unit });
    return false;
  }

  #skip(queue: ConsumeQueue, to: number): void {
    const missing = to - queue.maxOffset;
    if (missing <= 0) return;
    this.#logger.warn(`${missing} messages of ${queue.topic}/${queue.queueId} before ${to} are lost`);
    queue.skipTo(to);
  }

  #append(queue: ConsumeQueue, { physicOffset, size, tagsCode }: Readonly<RecoveredUnit>): void {
    queue.append(physicOffset, size, tagsCode);
    queue.nextOffset = queue.maxOffset;
    this.count++;
  }
}
