/** How far a group has consumed each of its queues: known here while consuming, kept somewhere else. Mirrors OffsetStore. */

import type { MessageQueue } from '../../message/message-queue.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';

/** How often a consumer keeps what changed (persistConsumerOffsetInterval), ms. */
export const PERSIST_MS = 5000;

export interface OffsetStore {
  /** `increaseOnly`: a lower offset than the known one is ignored. */
  update(mq: MessageQueue, offset: number, increaseOnly: boolean): void;
  /** The offset known here. */
  read(mq: MessageQueue): number | undefined;
  /** The offset that was kept; undefined when there is none. Rejects when nobody can say. */
  fetch(mq: MessageQueue): Promise<number | undefined>;
  /** The offsets known here of the queues of a topic. */
  known(topic: string): QueueOffset[];
  /** Keeps every offset that changed; a failure is logged and tried again next time. */
  persistAll(): Promise<void>;
  /** Keeps one queue's offset if it changed; a failure is only logged. */
  persist(mq: MessageQueue): Promise<void>;
  /** Forgets what is known here. */
  remove(mq: MessageQueue): void;
}
