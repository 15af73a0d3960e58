/**
 * Consumption in any order: several listener calls at a time, each message dealt with by itself. Mirrors
 * ConsumeMessageConcurrentlyService.
 *
 * After RECONSUME_LATER a message is given back to its broker, and when nobody takes it, tried again here after 5 s. With
 * broadcasting it is logged and counts as consumed: nobody would deliver it again to this client alone. A message whose call
 * has not ended after consumeTimeout is given back as well, so that the offset goes on; with broadcasting it is waited for.
 */

import type { Clock, Timer } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import type { Delays } from '../delays.ts';
import type { ConsumeMessageService } from './consume-message-service.ts';
import { ConsumePool } from './consume-pool.ts';
import type { ConsumeStatus, MessageListener } from './message-listener.ts';
import type { OffsetStore } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';

const LOCAL_RETRY_MS = 5000;
/** Of messages whose consumption hangs: 10 s, as Java's. */
const EXPIRED_DELAY_LEVEL = 3;
const EXPIRE_CHECK_MS = 1000;

export interface ConsumeConcurrentlyOptions {
  readonly listener: MessageListener;
  /** Listener calls at the same time. */
  readonly concurrency: number;
  /** Messages of one call at most; they are of one queue. */
  readonly batchMaxSize: number;
  readonly offsets: OffsetStore;
  readonly delays: Delays;
  readonly logger: Logger;
  readonly clock: Clock;
  /** A call that takes longer is given up, ms. */
  readonly consumeTimeoutMs: number;
  /**
   * Gives a message back to the broker it came from; rejects when nobody takes it. `delayLevel` 0: by the number of tries.
   * Undefined with broadcasting.
   */
  readonly sendBack: ((message: MessageExt, brokerName: string, delayLevel: number) => Promise<void>) | undefined;
}

export class ConsumeConcurrentlyService implements ConsumeMessageService {
  readonly #options: ConsumeConcurrentlyOptions;
  readonly #pool: ConsumePool;
  readonly #expiry: Timer | undefined;

  constructor(options: ConsumeConcurrentlyOptions) {
    this.#options = options;
    const { listener, concurrency, batchMaxSize, logger, clock, consumeTimeoutMs, sendBack } = options;
    this.#pool = new ConsumePool({
      ...{ listener, concurrency, batchMaxSize, logger, clock },
      onExpired: (queue, messages) => this.#onExpired(queue, messages),
      onResult: (queue, messages, status) => this.#onResult(queue, messages, status),
    });
    const expire = (): void => this.#pool.expire(consumeTimeoutMs);
    this.#expiry = sendBack && clock.every(EXPIRE_CHECK_MS, expire);
  }

  submit(queue: ProcessQueue, messages: readonly MessageExt[]): void {
    this.#pool.submit(queue, messages);
  }

  close(): Promise<void> {
    this.#expiry?.cancel();
    return this.#pool.close();
  }

  async #onResult(queue: ProcessQueue, messages: MessageExt[], status: ConsumeStatus): Promise<void> {
    if (queue.dropped) return;
    const kept = status === 'RECONSUME_LATER' ? await this.#giveBack(queue, messages) : [];
    const offset = queue.remove(messages.filter((message) => !kept.includes(message)));
    if (offset !== undefined && !queue.dropped) this.#options.offsets.update(queue.mq, offset, true);
    if (kept.length === 0) return;
    void this.#options.delays.wait(LOCAL_RETRY_MS).then((elapsed) => {
      if (elapsed) this.#pool.submit(queue, kept);
    });
  }

  /** Whether all are given back. */
  async #onExpired(queue: ProcessQueue, messages: MessageExt[]): Promise<boolean> {
    const { sendBack, logger, offsets, consumeTimeoutMs } = this.#options;
    const { brokerName } = queue.mq;
    const seconds = Math.round(consumeTimeoutMs / 1000);
    for (const message of messages)
      logger.warn(`${message.msgId} is not consumed after ${seconds} s and is given back`);
    const given = await Promise.allSettled(
      messages.map((message) => sendBack?.(message, brokerName, EXPIRED_DELAY_LEVEL)),
    );
    if (given.some(({ status }) => status === 'rejected')) return false;
    const offset = queue.remove(messages);
    if (offset !== undefined && !queue.dropped) offsets.update(queue.mq, offset, true);
    return true;
  }

  /** Resolves with the messages that are to be tried again here. */
  async #giveBack(queue: ProcessQueue, messages: readonly MessageExt[]): Promise<MessageExt[]> {
    const { sendBack, logger } = this.#options;
    const kept: MessageExt[] = [];
    for (const message of messages) {
      try {
        if (sendBack === undefined) logger.warn(`${message.msgId} was not consumed and is passed over`);
        else await sendBack(message, queue.mq.brokerName, 0);
      } catch (error) {
        logger.warn(`${message.msgId} is kept for a retry here: ${String(error)}`);
        message.reconsumeTimes++;
        kept.push(message);
      }
    }
    return kept;
  }
}
