/**
 * Consumption in order: of each queue one listener call after the other, and only while its lock is held. Mirrors
 * ConsumeMessageOrderlyService.
 *
 * After SUSPEND_CURRENT_QUEUE_A_MOMENT the queue rests and the same messages come again, each counted as tried once more; what
 * was tried maxReconsumeTimes goes to the retry topic instead, where the broker makes it a dead letter, and the queue
 * goes on. How far a queue is consumed is known after every call, and counts as long as its lock is held: also when the
 * queue is being given up, so that the next member goes on behind it.
 *
 * Known differences: a listener that returns no status has consumed (in Java null means SUSPEND_CURRENT_QUEUE_A_MOMENT);
 * only what is to be tried again comes again, not messages of the same call that were sent back; offsets cannot be
 * committed by the listener itself (autoCommit=false).
 */

import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import type { Delays } from '../delays.ts';
import type { ConsumeMessageService } from './consume-message-service.ts';
import type { ConsumeOrderlyContext, ConsumeOrderlyStatus, MessageListenerOrderly } from './message-listener.ts';
import type { OffsetStore } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';

const MIN_SUSPEND_MS = 10;
const MAX_SUSPEND_MS = 30_000;

export interface ConsumeOrderlyOptions {
  readonly listener: MessageListenerOrderly;
  /** Queues consumed at the same time. */
  readonly concurrency: number;
  /** Messages of one call at most. */
  readonly batchMaxSize: number;
  /** How long a queue rests, ms, unless the listener says otherwise. */
  readonly suspendMs: number;
  /** A message that failed more often is sent back. */
  readonly maxReconsumeTimes: number;
  readonly offsets: OffsetStore;
  readonly delays: Delays;
  readonly logger: Logger;
  /** Whether the queue may be consumed now. */
  readonly holds: (mq: MessageQueue) => boolean;
  /** Sends a message to the retry topic; rejects when no broker takes it. */
  readonly sendBack: (message: MessageExt) => Promise<void>;
}

/** One queue as this service knows it, whoever pulls it now. */
interface Lane {
  queue: ProcessQueue;
  /** In order; those of a call stay in front until they are dealt with. */
  waiting: MessageExt[];
  state: 'idle' | 'ready' | 'calling' | 'resting';
  /** Resolves when the call under way is dealt with. */
  call: Promise<void>;
}

export class ConsumeOrderlyService implements ConsumeMessageService {
  readonly #options: ConsumeOrderlyOptions;
  /** By messageQueueKey. */
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  #running = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: ConsumeOrderlyOptions) {
    this.#options = options;
  }

  submit(queue: ProcessQueue, messages: readonly MessageExt[]): void {
    if (this.#closed) return;
    const lane = this.#laneOf(queue);
    lane.waiting.push(...messages);
    if (lane.state === 'idle') this.#schedule(lane);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#ready.length = 0;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  /** Resolves when no call for the queue is under way any more. */
  async settled(mq: MessageQueue): Promise<void> {
    await this.#lanes.get(messageQueueKey(mq))?.call;
  }

  isCalling(mq: MessageQueue): boolean {
    return this.#lanes.get(messageQueueKey(mq))?.state === 'calling';
  }

  /** A queue that was lost and taken again has a new ProcessQueue; a call of the old one may still be under way. */
  #laneOf(queue: ProcessQueue): Lane {
    const key = messageQueueKey(queue.mq);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { queue, waiting: [], state: 'idle', call: Promise.resolve() };
      this.#lanes.set(key, lane);
    } else if (lane.queue !== queue) {
      lane.queue = queue;
      lane.waiting = [];
    }
    return lane;
  }

  #schedule(lane: Lane): void {
    if (this.#closed || lane.waiting.length === 0) return;
    lane.state = 'ready';
    this.#ready.push(lane);
    while (this.#running < this.#options.concurrency && this.#ready.length > 0) void this.#work();
  }

  /** Takes one lane after the other for one call each, so that no queue keeps others waiting. Never rejects. */
  async #work(): Promise<void> {
    this.#running++;
    for (let lane = this.#ready.shift(); lane !== undefined; lane = this.#ready.shift()) {
      lane.state = 'calling';
      lane.call = this.#consume(lane);
      await lane.call;
    }
    this.#running--;
    if (this.#closed && this.#running === 0) this.#idle?.();
  }

  /** Never rejects. */
  async #consume(lane: Lane): Promise<void> {
    const { queue } = lane;
    const { holds, batchMaxSize, suspendMs } = this.#options;
    let restMs = 0;
    if (!queue.dropped && holds(queue.mq)) {
      const messages = lane.waiting.slice(0, batchMaxSize);
      const context = { messageQueue: queue.mq, suspendCurrentQueueTimeMillis: suspendMs };
      const status = await this.#listen(messages, context);
      const again = status === 'SUCCESS' ? [] : await this.#tryAgain(messages);
      if (again.length > 0) restMs = clamp(context.suspendCurrentQueueTimeMillis);
      this.#dealtWith(lane, queue, messages, again);
    } else {
      lane.waiting = [];
    }
    lane.state = 'idle';
    if (restMs === 0) this.#schedule(lane);
    else this.#rest(lane, restMs);
  }

  #dealtWith(lane: Lane, queue: ProcessQueue, messages: readonly MessageExt[], again: MessageExt[]): void {
    const { holds, offsets } = this.#options;
    const offset = queue.remove(messages.filter((message) => !again.includes(message)));
    if (offset !== undefined && holds(queue.mq)) offsets.update(queue.mq, offset, false);
    if (lane.queue === queue) lane.waiting.splice(0, messages.length, ...again);
  }

  #rest(lane: Lane, ms: number): void {
    lane.state = 'resting';
    void this.#options.delays.wait(ms).then(() => {
      lane.state = 'idle';
      this.#schedule(lane);
    });
  }

  async #listen(messages: MessageExt[], context: ConsumeOrderlyContext): Promise<ConsumeOrderlyStatus> {
    const { listener, logger } = this.#options;
    try {
      const status: unknown = await listener([...messages], context);
      if (typeof status !== 'string' || status === 'SUCCESS') return 'SUCCESS';
      if (status !== 'SUSPEND_CURRENT_QUEUE_A_MOMENT') {
        logger.error(`the listener answered ${status}: SUSPEND_CURRENT_QUEUE_A_MOMENT`);
      }
    } catch (error) {
      logger.error(`the listener failed on a message of ${context.messageQueue.topic}`, error);
    }
    return 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
  }

  /** Resolves with the messages that come again; the others were sent back. */
  async #tryAgain(messages: readonly MessageExt[]): Promise<MessageExt[]> {
    const { maxReconsumeTimes, sendBack, logger } = this.#options;
    const again: MessageExt[] = [];
    for (const message of messages) {
      if (message.reconsumeTimes >= maxReconsumeTimes) {
        try {
          await sendBack(message);
          continue;
        } catch (error) {
          logger.warn(`${message.msgId} is kept for a retry here: ${String(error)}`);
        }
      }
      message.reconsumeTimes++;
      again.push(message);
    }
    return again;
  }
}

function clamp(ms: number): number {
  return Math.min(MAX_SUSPEND_MS, Math.max(MIN_SUSPEND_MS, Math.trunc(ms) || MIN_SUSPEND_MS));
}
