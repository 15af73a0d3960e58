/**
 * Which queue the next message goes to: round robin from a random start, passing over avoided brokers and the one that
 * has just failed this message. Mirrors TopicPublishInfo.selectOneMessageQueue and MQFaultStrategy.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import type { FaultTable } from './fault-table.ts';

export class QueueChoice {
  readonly queues: readonly MessageQueue[];
  #index: number;

  /** `queues` must not be empty. */
  constructor(queues: readonly MessageQueue[], random: () => number) {
    this.queues = queues;
    this.#index = Math.floor(random() * queues.length);
  }

  /** `failedBroker`: where the last try of this message failed; taken again only when there is no other broker. */
  next(faults: FaultTable, failedBroker?: string): MessageQueue {
    if (faults.latencyFault) return this.#byLatency(faults);
    return (
      this.#find((queue) => queue.brokerName !== failedBroker && faults.isAvailable(queue.brokerName)) ??
      this.#find((queue) => queue.brokerName !== failedBroker) ??
      this.#take()
    );
  }

  /** As Java's, to the step of the index: an available broker, else one of the better half, else whatever is next. */
  #byLatency(faults: FaultTable): MessageQueue {
    const begin = this.#index;
    const next = this.#take();
    for (let i = 0; i < this.queues.length; i++) {
      const queue = this.queues[(begin + i) % this.queues.length] as MessageQueue;
      if (faults.isAvailable(queue.brokerName)) return queue;
    }
    const notBest = faults.pickOneAtLeast();
    if (notBest === undefined) return next;
    const its = this.queues.filter(({ brokerName }) => brokerName === notBest);
    if (its.length === 0) {
      faults.remove(notBest);
      return this.#take();
    }
    this.#take();
    const queue = its[this.#index % its.length] as MessageQueue;
    this.#take();
    return queue;
  }

  #find(isWanted: (queue: MessageQueue) => boolean): MessageQueue | undefined {
    for (let tries = this.queues.length; tries > 0; tries--) {
      const queue = this.#take();
      if (isWanted(queue)) return queue;
    }
    return undefined;
  }

  #take(): MessageQueue {
    const queue = this.queues[this.#index % this.queues.length] as MessageQueue;
    this.#index++;
    return queue;
  }
}
