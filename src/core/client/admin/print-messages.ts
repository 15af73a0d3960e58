/**
 * What a topic or one of its queues holds, from offset to offset. Mirrors PrintMessageSubCommand and
 * PrintMessageByQueueCommand: 32 messages a pull, so that the last one may bring messages behind the end of a time window.
 *
 * Known differences: a subscription that cannot be read fails the whole call (Java: each queue); a queue whose minimum is -1
 * is read from 0.
 */

import { PocketError } from '../../common/errors.ts';
import { javaHashCode } from '../../common/java-string.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import type { PullResult, PullStatus } from '../consumer/pull.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import { javaHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { type OffsetRange, PullSession, type TimeWindow } from './pull-session.ts';

const MESSAGES_A_PULL = 32;

export interface PrintOptions extends TimeWindow {
  /** `*`, or tags joined by `||`; default `*`. */
  readonly subExpression?: string | undefined;
}

/** In the order mqadmin prints; the text it prints stands behind each. */
export type PrintEvent =
  /** `minOffset={min}, maxOffset={max}, {mq}` */
  | { kind: 'queue'; mq: MessageQueue; min: number; max: number }
  /** One `MSGID: ...` line for each message. */
  | { kind: 'batch'; mq: MessageQueue; messages: MessageExt[] }
  /** `{mq} no matched msg. status={status}, offset={offset}` */
  | { kind: 'noMatch'; mq: MessageQueue; status: PullStatus; offset: number }
  /** `{mq} print msg finished. status={status}, offset={offset}` */
  | { kind: 'end'; mq: MessageQueue; status: PullStatus; offset: number }
  /** A pull failed (stack trace on stderr); the next queue follows. */
  | { kind: 'failed'; mq: MessageQueue; error: PocketError }
  /** A line of 56 hyphens. */
  | { kind: 'queueDone'; mq: MessageQueue };

/**
 * Every queue in Java's hash order. Rejects with NOT_FOUND for an unknown topic or one without readable queues, and
 * ILLEGAL_ARGUMENT for a subscription without tags.
 */
export async function* printTopic(admin: Admin, topic: string, options: PrintOptions): AsyncGenerator<PrintEvent> {
  const subscription = tagSubscription(topic, options.subExpression ?? SUBSCRIBE_ALL, 0);
  const session = await PullSession.open(admin, topic);
  for (const mq of session.queues()) {
    const range = await session.range(mq, options);
    yield { kind: 'queue', mq, ...range };
    yield* readRange(session, mq, range, subscription);
    yield { kind: 'queueDone', mq };
  }
}

/** One queue, to the first pull without a message. Rejects as printTopic, and with NOT_FOUND for an unknown broker. */
export async function* printQueue(admin: Admin, mq: MessageQueue, options: PrintOptions): AsyncGenerator<PrintEvent> {
  const subscription = tagSubscription(mq.topic, options.subExpression ?? SUBSCRIBE_ALL, 0);
  const session = await PullSession.open(admin, mq.topic);
  for await (const event of readRange(session, mq, await session.range(mq, options), subscription)) {
    yield event;
    if (event.kind === 'noMatch') return;
  }
}

async function* readRange(
  session: PullSession,
  mq: MessageQueue,
  range: OffsetRange,
  subscription: SubscriptionData,
): AsyncGenerator<PrintEvent> {
  let offset = Math.max(0, range.min);
  while (offset < range.max) {
    let result: PullResult;
    try {
      result = await session.pull(mq, offset, MESSAGES_A_PULL, subscription);
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      yield { kind: 'failed', mq, error };
      return;
    }
    const { status, messages } = result;
    offset = result.nextBeginOffset;
    if (status === 'FOUND') yield { kind: 'batch', mq, messages };
    else if (status === 'NO_MATCHED_MSG') yield { kind: 'noMatch', mq, status, offset };
    else {
      yield { kind: 'end', mq, status, offset };
      return;
    }
  }
}

export interface TagCount {
  readonly tag: string;
  readonly count: number;
}

/** How many messages have each tag; those without one are not counted. */
export class TagCounter {
  readonly #counts = new Map<string, number>();

  add(messages: readonly MessageExt[]): void {
    for (const { properties } of messages) {
      const tag = properties[Property.TAGS];
      if (tag !== undefined && tag.trim() !== '') this.#counts.set(tag, (this.#counts.get(tag) ?? 0) + 1);
    }
  }

  /** The largest count first; equal ones in Java's hash order. */
  counts(): TagCount[] {
    const all = [...this.#counts].map(([tag, count]) => ({ tag, count }));
    return javaHashOrder(all, ({ tag }) => javaHashCode(tag)).sort((a, b) => b.count - a.count);
  }
}
