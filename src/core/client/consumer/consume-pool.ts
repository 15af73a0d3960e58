/**
 * Hands messages to the listener, several calls at a time, in the order they were pulled. Mirrors
 * ConsumeMessageConcurrentlyService without its threads: `concurrency` bounds the calls that are under way.
 *
 * A call that takes too long is given up when expire() says so: its messages are dealt with as hanging, its outcome does not
 * count any more, and its place is free only when it ends.
 *
 * A listener that rejects counts as RECONSUME_LATER, one that returns no status as CONSUME_SUCCESS. What waits is bounded by
 * the flow control of the queues.
 */

import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import type { ConsumeStatus, MessageListener } from './message-listener.ts';
import type { ProcessQueue } from './process-queue.ts';

/** Taken jobs that may stay in the array before it is cut. */
const CUT_AT = 256;

export interface ConsumePoolOptions {
  readonly listener: MessageListener;
  /** Listener calls at the same time. */
  readonly concurrency: number;
  /** Messages of one call at most; they are of one queue. */
  readonly batchMaxSize: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Deals with messages whose call does not end; resolves to whether that is done. Must not reject. */
  readonly onExpired: (queue: ProcessQueue, messages: MessageExt[]) => Promise<boolean>;
  /** Deals with the outcome before the call's place is given to the next. Must not reject. */
  readonly onResult: (queue: ProcessQueue, messages: MessageExt[], status: ConsumeStatus) => Promise<void> | void;
}

interface Job {
  readonly queue: ProcessQueue;
  readonly messages: MessageExt[];
  /** When its call began, monotonic ms. */
  begun: number;
  /** Its messages are being dealt with as hanging, or have been. */
  expiring: Promise<boolean> | undefined;
}

export class ConsumePool {
  readonly #options: ConsumePoolOptions;
  #waiting: Job[] = [];
  /** Jobs before this index are taken; they are cut off now and then. */
  #next = 0;
  #running = 0;
  readonly #calls = new Set<Job>();
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: ConsumePoolOptions) {
    this.#options = options;
  }

  submit(queue: ProcessQueue, messages: readonly MessageExt[]): void {
    if (this.#closed) return;
    const size = this.#options.batchMaxSize;
    for (let at = 0; at < messages.length; at += size) {
      this.#waiting.push({ queue, messages: messages.slice(at, at + size), begun: 0, expiring: undefined });
    }
    while (this.#running < this.#options.concurrency && this.#next < this.#waiting.length) void this.#work();
  }

  /** Gives up the calls that have taken longer than so many ms. */
  expire(ms: number): void {
    const { clock, onExpired } = this.#options;
    const limit = clock.monotonic() - ms;
    for (const call of this.#calls) {
      if (call.begun > limit || call.expiring !== undefined || call.queue.dropped) continue;
      call.expiring = onExpired(call.queue, call.messages).then((isDone) => {
        if (!isDone) call.expiring = undefined;
        return isDone;
      });
    }
  }

  /** Starts no further call, and resolves when those under way are dealt with. */
  close(): Promise<void> {
    this.#closed = true;
    this.#waiting = [];
    this.#next = 0;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Takes one job after the other until none waits. Never rejects. */
  async #work(): Promise<void> {
    this.#running++;
    for (let job = this.#take(); job !== undefined; job = this.#take()) {
      if (job.queue.dropped) continue;
      job.begun = this.#options.clock.monotonic();
      this.#calls.add(job);
      const status = await this.#consume(job);
      this.#calls.delete(job);
      if (job.expiring !== undefined && (await job.expiring)) continue;
      await this.#options.onResult(job.queue, job.messages, status);
    }
    this.#running--;
    if (this.#closed && this.#running === 0) this.#idle?.();
  }

  #take(): Job | undefined {
    const job = this.#waiting[this.#next];
    if (job === undefined) {
      this.#waiting = [];
      this.#next = 0;
      return undefined;
    }
    this.#next++;
    if (this.#next >= CUT_AT && this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return job;
  }

  async #consume(job: Job): Promise<ConsumeStatus> {
    try {
      const status: unknown = await this.#options.listener(job.messages);
      if (typeof status !== 'string' || status === 'CONSUME_SUCCESS') return 'CONSUME_SUCCESS';
      if (status !== 'RECONSUME_LATER') this.#options.logger.error(`the listener answered ${status}: RECONSUME_LATER`);
      return 'RECONSUME_LATER';
    } catch (error) {
      this.#options.logger.error(`the listener failed on a message of ${job.queue.mq.topic}`, error);
      return 'RECONSUME_LATER';
    }
  }
}
