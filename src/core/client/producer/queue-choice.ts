/**
 * Which queue the next message goes to: round robin from a random start, passing over avoided brokers and the one that
 * has just failed this message. Mirrors TopicPublishInfo.selectOneMessageQueue and MQFaultStrategy.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import type { FaultTable } from './fault-table.ts';

export class QueueChoice {
  readonly #queues: readonly MessageQueue[];
  #index: number;

  /** `queues` must not be empty. */
  constructor(queues: readonly MessageQueue[], random: () => number) {
    this.#queues = queues;
    this.#index = Math.floor(random() * queues.length);
  }

  /** `failedBroker`: where the last try of this message failed; taken again only when there is no other broker. */
  next(faults: FaultTable, failedBroker?: string): MessageQueue {
    return (
      this.#find((queue) => queue.brokerName !== failedBroker && faults.isAvailable(queue.brokerName)) ??
      this.#find((queue) => queue.brokerName !== failedBroker) ??
      this.#take()
    );
  }

  #find(isWanted: (queue: MessageQueue) => boolean): MessageQueue | undefined {
    for (let tries = this.#queues.length; tries > 0; tries--) {
      const queue = this.#take();
      if (isWanted(queue)) return queue;
    }
    return undefined;
  }

  #take(): MessageQueue {
    const queue = this.#queues[this.#index % this.#queues.length] as MessageQueue;
    this.#index = (this.#index + 1) % this.#queues.length;
    return queue;
  }
}
