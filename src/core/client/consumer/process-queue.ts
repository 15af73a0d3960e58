/**
 * The messages of one queue between pull and consumption. Says how far everything before is consumed (the offset to
 * commit) and when there is room for more (flow control). Mirrors ProcessQueue.
 */

import { systemClock } from '../../common/clock.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';

export interface FlowLimits {
  /** Messages held of one queue (pullThresholdForQueue). */
  readonly messages: number;
  /** Body bytes held of one queue (pullThresholdSizeForQueue). */
  readonly bytes: number;
  /** Distance of the lowest to the highest offset held (consumeConcurrentlyMaxSpan). */
  readonly span: number;
}

export class ProcessQueue {
  readonly mq: MessageQueue;
  /** Wall clock of the last pull that was answered, ms; 0 before the first. */
  lastPullTimestamp = 0;
  /** Wall clock at which messages were last consumed, at first that of the beginning, ms. */
  lastConsumeTimestamp: number;
  readonly #limits: FlowLimits;
  readonly #now: () => number;
  /** queueOffset -> body bytes, in ascending order of offsets because that is how they come. */
  readonly #held = new Map<number, number>();
  #bytes = 0;
  /** Highest offset ever held, -1 for none. */
  #maxOffset = -1;
  #dropped = false;
  #paused = false;
  #wake: (() => void) | undefined;

  /** `now`: the wall clock, ms. */
  constructor(mq: MessageQueue, limits: FlowLimits, now: () => number = systemClock.now) {
    this.mq = mq;
    this.#limits = limits;
    this.#now = now;
    this.lastConsumeTimestamp = now();
  }

  /** The queue is no longer ours: nothing of it is to be consumed or committed. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Bytes of the bodies held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Highest offset ever held, -1 for none. */
  get maxOffset(): number {
    return this.#maxOffset;
  }

  get messageCount(): number {
    return this.#held.size;
  }

  /** Lowest offset held. */
  get minOffset(): number | undefined {
    return this.#held.keys().next().value;
  }

  /** Takes pulled messages and returns those that are new. */
  put(messages: readonly MessageExt[]): MessageExt[] {
    this.lastPullTimestamp = this.#now();
    const fresh = messages.filter((message) => message.queueOffset > this.#maxOffset);
    for (const message of fresh) {
      this.#held.set(message.queueOffset, message.body.length);
      this.#bytes += message.body.length;
      this.#maxOffset = message.queueOffset;
    }
    return fresh;
  }

  /**
   * Gives consumed messages back. Returns the offset to commit: the lowest one still held, else the one behind the
   * highest ever held; undefined when nothing was ever held.
   */
  remove(messages: readonly MessageExt[]): number | undefined {
    this.lastConsumeTimestamp = this.#now();
    for (const { queueOffset } of messages) {
      this.#bytes -= this.#held.get(queueOffset) ?? 0;
      this.#held.delete(queueOffset);
    }
    if (this.#isOpen) this.#resume();
    return this.minOffset ?? (this.#maxOffset < 0 ? undefined : this.#maxOffset + 1);
  }

  get hasRoom(): boolean {
    const { messages, bytes, span } = this.#limits;
    const min = this.minOffset;
    return this.#held.size <= messages && this.#bytes <= bytes && (min === undefined || this.#maxOffset - min <= span);
  }

  /** While it is paused nothing more is pulled. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (this.#isOpen) this.#resume();
  }

  /** Resolves as soon as another pull is allowed, or the queue is dropped. One waiter at a time. */
  room(): Promise<void> {
    if (this.#dropped || this.#isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  drop(): void {
    this.#dropped = true;
    this.#resume();
  }

  get #isOpen(): boolean {
    return !this.#paused && this.hasRoom;
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
