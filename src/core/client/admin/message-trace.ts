/**
 * What clients have told of a message: the records about it in the trace topic. Mirrors QueryMsgTraceByIdSubCommand and
 * TraceView.
 *
 * Known difference: the newest records are found also when this machine's clock is behind the broker's (Java asks up to now).
 */

import type { MessageExt } from '../../message/message.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { TraceContext } from '../trace/trace-context.ts';
import { decodeTraces } from '../trace/trace-data-encoder.ts';
import type { Admin } from './admin.ts';
import { queryMessageByKey } from './message-query.ts';
import type { AddressResult } from './per-address.ts';

/** One record about the message. */
export interface TraceView {
  readonly context: TraceContext;
  /** Host of the client that told it, without its port. */
  readonly clientHost: string;
}

export interface MessageTraces {
  /** In the order of the trace messages. Empty when those that have the key tell of other messages. */
  readonly views: readonly TraceView[];
  /** What each broker of the trace topic had. */
  readonly brokers: readonly AddressResult<unknown>[];
}

/** Rejects with NOT_FOUND: responseCode 17 for an unknown trace topic, 208 when nothing is told of the message. */
export async function queryMsgTrace(
  admin: Admin,
  msgId: string,
  traceTopic: string = Topic.TRACE,
): Promise<MessageTraces> {
  const { messages, brokers } = await queryMessageByKey(admin, { topic: traceTopic, key: msgId });
  return { views: messages.flatMap((message) => viewsOf(message, msgId)), brokers };
}

function viewsOf(message: MessageExt, msgId: string): TraceView[] {
  const clientHost = message.bornHost.slice(0, message.bornHost.lastIndexOf(':'));
  return decodeTraces(message.body.toString())
    .filter((context) => ('beans' in context ? context.beans[0]?.msgId : context.msgId) === msgId)
    .map((context) => ({ context, clientHost }));
}
