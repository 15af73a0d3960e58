/** What a program does with the messages a push consumer hands it. Mirrors the two MessageListener interfaces. */

import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';

/** What a listener says of the messages it was given. */
export type ConsumeStatus = 'CONSUME_SUCCESS' | 'RECONSUME_LATER';
/** What a listener of an ordered consumer says of them. */
export type ConsumeOrderlyStatus = 'SUCCESS' | 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
/** What a listener without `return` gives back. */
export type NoStatus = ReturnType<() => void>;

/**
 * Is given messages of one queue, in their order. They are delivered again later when it says RECONSUME_LATER, throws or
 * rejects; else they are consumed.
 */
export type MessageListener = (messages: MessageExt[]) => ConsumeStatus | NoStatus | Promise<ConsumeStatus | NoStatus>;

/** What an ordered consumer tells and asks its listener beside the messages. */
export interface ConsumeOrderlyContext {
  /** The queue the messages come from. */
  readonly messageQueue: MessageQueue;
  /** How long the queue rests after SUSPEND_CURRENT_QUEUE_A_MOMENT, ms; set to the consumer's own, 10 to 30000. */
  suspendCurrentQueueTimeMillis: number;
}

/**
 * Is given the messages of a queue one call after the other, in their order, and never two calls of a queue at once. After
 * SUSPEND_CURRENT_QUEUE_A_MOMENT, or when it throws or rejects, the queue rests and the same messages come again; else
 * they are consumed.
 */
export type MessageListenerOrderly = (
  messages: MessageExt[],
  context: ConsumeOrderlyContext,
) => ConsumeOrderlyStatus | NoStatus | Promise<ConsumeOrderlyStatus | NoStatus>;
