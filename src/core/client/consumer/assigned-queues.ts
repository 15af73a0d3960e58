/**
 * The queues a lite pull consumer has now, what was pulled of them, and how far each was handed out. Mirrors
 * AssignedMessageQueue and the request cache of DefaultLitePullConsumerImpl.
 *
 * A message counts as dealt with when the program polls again after it got it (`acknowledged`), because only then is it done
 * with it.
 */

import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { type FlowLimits, ProcessQueue } from './process-queue.ts';

interface Assigned {
  readonly mq: MessageQueue;
  /** Replaced by a seek: what the old one has or gets is thrown away. */
  queue: ProcessQueue;
  paused: boolean;
  /** Behind the last message handed out, or where a seek went. */
  handedOut: number | undefined;
  acknowledged: number | undefined;
}

interface Batch {
  readonly assigned: Assigned;
  readonly queue: ProcessQueue;
  readonly messages: MessageExt[];
}

export interface AssignedQueuesOptions {
  readonly clock: Clock;
  readonly limits: FlowLimits;
  /** Pulls a queue from an offset on until it is dropped. */
  readonly pull: (queue: ProcessQueue, offset: number) => void;
}

export class AssignedQueues {
  readonly #options: AssignedQueuesOptions;
  readonly #assigned = new Map<string, Assigned>();
  #pulled: Batch[] = [];
  #stopped = false;
  /** Polls that wait. */
  readonly #waiting = new Set<() => void>();

  constructor(options: AssignedQueuesOptions) {
    this.#options = options;
  }

  queues(): MessageQueue[] {
    return [...this.#assigned.values()].map(({ mq }) => mq);
  }

  has(mq: MessageQueue): boolean {
    return this.#assigned.has(messageQueueKey(mq));
  }

  add(mq: MessageQueue, offset: number): void {
    const queue = new ProcessQueue(mq, this.#options.limits);
    const assigned = { mq, queue, paused: false, handedOut: undefined, acknowledged: undefined };
    this.#assigned.set(messageQueueKey(mq), assigned);
    this.#options.pull(queue, offset);
  }

  /** Returns how far the queue was dealt with. */
  remove(mq: MessageQueue): number | undefined {
    const assigned = this.#assigned.get(messageQueueKey(mq));
    if (assigned === undefined) return undefined;
    assigned.queue.drop();
    this.#assigned.delete(messageQueueKey(mq));
    return assigned.acknowledged;
  }

  /** Throws away what was pulled, and goes on at the offset. Throws ILLEGAL_ARGUMENT when the queue is not assigned. */
  seek(mq: MessageQueue, offset: number): void {
    const assigned = this.#get(mq);
    assigned.queue.drop();
    assigned.queue = new ProcessQueue(assigned.mq, this.#options.limits);
    assigned.queue.pause(assigned.paused);
    assigned.handedOut = offset;
    this.#options.pull(assigned.queue, offset);
  }

  /** The broker does not have the offset that was to be pulled: the next pull goes on where it says. */
  moved(queue: ProcessQueue, offset: number): void {
    const assigned = this.#assigned.get(messageQueueKey(queue.mq));
    if (assigned?.queue === queue) this.seek(queue.mq, offset);
  }

  /** Queues that are not assigned are passed over. */
  pause(queues: readonly MessageQueue[], paused: boolean): void {
    for (const mq of queues) {
      const assigned = this.#assigned.get(messageQueueKey(mq));
      if (assigned === undefined) continue;
      assigned.paused = paused;
      assigned.queue.pause(paused);
    }
    if (!paused) this.#wakeAll();
  }

  /** The queue holds nothing, and what the broker passed over before `next` counts as handed out. */
  passedOver(queue: ProcessQueue, next: number): void {
    const assigned = this.#assigned.get(messageQueueKey(queue.mq));
    if (assigned?.queue === queue) assigned.handedOut = next;
  }

  deliver(queue: ProcessQueue, messages: MessageExt[]): void {
    const assigned = this.#assigned.get(messageQueueKey(queue.mq));
    if (assigned?.queue !== queue) return;
    this.#pulled.push({ assigned, queue, messages });
    this.#wakeAll();
  }

  /** Everything handed out so far is dealt with. */
  acknowledge(): void {
    for (const assigned of this.#assigned.values()) assigned.acknowledged = assigned.handedOut;
  }

  /** How far each queue was dealt with; those of which nothing was are not there. */
  *acknowledged(): Generator<{ mq: MessageQueue; offset: number }> {
    for (const { mq, acknowledged: offset } of this.#assigned.values()) if (offset !== undefined) yield { mq, offset };
  }

  /** Messages of one pull, or none when nothing came within `timeoutMs`, or before stop(). */
  async take(timeoutMs: number): Promise<MessageExt[]> {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      const messages = this.#takeNow();
      if (messages !== undefined) return messages;
      const left = deadline - clock.monotonic();
      if (left <= 0 || this.#stopped) return [];
      await new Promise<void>((resolve) => {
        const timer = clock.after(left, wake);
        const waiting = this.#waiting;
        function wake(): void {
          timer.cancel();
          waiting.delete(wake);
          resolve();
        }
        waiting.add(wake);
      });
    }
  }

  /** Drops everything and ends the polls that wait. */
  stop(): void {
    this.#stopped = true;
    for (const { queue } of this.#assigned.values()) queue.drop();
    this.#assigned.clear();
    this.#pulled = [];
    this.#wakeAll();
  }

  #takeNow(): MessageExt[] | undefined {
    this.#pulled = this.#pulled.filter(({ queue }) => !queue.dropped);
    const at = this.#pulled.findIndex(({ assigned }) => !assigned.paused);
    const [batch] = at < 0 ? [] : this.#pulled.splice(at, 1);
    if (batch === undefined) return undefined;
    batch.assigned.handedOut = batch.queue.remove(batch.messages);
    return batch.messages;
  }

  #get(mq: MessageQueue): Assigned {
    const assigned = this.#assigned.get(messageQueueKey(mq));
    if (assigned !== undefined) return assigned;
    const name = `${mq.topic} ${mq.brokerName} ${mq.queueId}`;
    throw new PocketError('ILLEGAL_ARGUMENT', `the queue ${name} is not assigned to this consumer, or not yet`);
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
