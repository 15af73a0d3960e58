/**
 * The queues a program assigns to a lite pull consumer itself, whoever else consumes them. Mirrors the assign() half of
 * DefaultLitePullConsumerImpl.
 */

import { compareMessageQueues, type MessageQueue } from '../../message/message-queue.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { Delays } from '../delays.ts';
import type { AssignedQueues } from './assigned-queues.ts';

const RETRY_MS = 1000;

export interface ChosenQueuesOptions {
  readonly instance: ClientInstance;
  readonly group: string;
  readonly delays: Delays;
  readonly assigned: AssignedQueues;
  /** Where to begin in a queue; may reject. */
  readonly startOffset: (mq: MessageQueue) => Promise<number>;
  /** Commits how far a queue was consumed and forgets it. Must not reject. */
  readonly leave: (mq: MessageQueue) => Promise<void>;
}

export class ChosenQueues {
  readonly #options: ChosenQueuesOptions;
  #chosen: readonly MessageQueue[] | undefined;

  constructor(options: ChosenQueuesOptions) {
    this.#options = options;
  }

  get isSet(): boolean {
    return this.#chosen !== undefined;
  }

  set(queues: readonly MessageQueue[]): void {
    this.#chosen = [...queues];
  }

  /** Makes the assignment what was chosen last. A queue whose start cannot be found is tried again after 1 s. Never rejects. */
  async take(): Promise<void> {
    const { assigned, delays, leave } = this.#options;
    const chosen = this.#chosen;
    if (chosen === undefined) return;
    const isChosen = (mq: MessageQueue): boolean => chosen.some((one) => compareMessageQueues(one, mq) === 0);
    await Promise.all(
      assigned
        .queues()
        .filter((mq) => !isChosen(mq))
        .map(leave),
    );
    const fresh = chosen.filter((mq) => !assigned.has(mq));
    const begun = await Promise.all(fresh.map((mq) => this.#begin(mq, chosen)));
    if (begun.every(Boolean)) return;
    void delays.wait(RETRY_MS).then((elapsed) => {
      if (elapsed && this.#chosen === chosen) void this.take();
    });
  }

  /** False when it is to be tried again. */
  async #begin(mq: MessageQueue, chosen: readonly MessageQueue[]): Promise<boolean> {
    const { instance, group, assigned, delays, startOffset } = this.#options;
    try {
      const offset = await startOffset(mq);
      // Chosen anew, or stopped, while the broker was asked.
      if (this.#chosen === chosen && !delays.ended && !assigned.has(mq)) assigned.add(mq, offset);
      return true;
    } catch (error) {
      instance.logger.warn(`${group} cannot begin ${mq.topic} ${mq.brokerName} ${mq.queueId}: ${String(error)}`);
      return false;
    }
  }
}
