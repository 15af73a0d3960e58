/**
 * QUERY_CONSUME_TIME_SPAN (303): when the first, the last and the last consumed message of each write queue was stored, and
 * how long the next one has waited.
 * Behaviour: a group without an offset stands at the first message; times are -1 where there is no message; 17 for an unknown
 *   topic.
 * Differences from 4.9: where the group has no offset, the first message has waited (Java: since 1970).
 * Version notes: none.
 */

import { encodeConsumeTimeSpan, type QueueTimeSpan } from '../../protocol/bodies/consume-time-span.ts';
import type { queryConsumeTimeSpan } from '../../protocol/requests/query-consume-time-span.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';

export const processQueryConsumeTimeSpan: BrokerProcessor<typeof queryConsumeTimeSpan> = (context, request) => {
  const { topic, group } = request.header;
  const config = context.topics.select(topic);
  if (config === undefined) throw new ReplyError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist`);
  const consumeTimeSpanSet = Array.from({ length: config.writeQueueNums }, (_, queueId) =>
    spanOf(context, group, topic, queueId),
  );
  return { code: ResponseCode.SUCCESS, body: encodeConsumeTimeSpan({ consumeTimeSpanSet }) };
};

function spanOf(context: BrokerContext, group: string, topic: string, queueId: number): QueueTimeSpan {
  const { store, offsets, clock, config } = context;
  const max = store.maxOffsetInQueue(topic, queueId);
  const consumed = offsets.query(group, topic, queueId);
  const storedAt = (offset: number): number => store.storeTimestampAt(topic, queueId, offset);
  const min = store.minOffsetInQueue(topic, queueId);
  const minTimeStamp = storedAt(min);
  const next = Math.max(consumed, min);
  return {
    messageQueue: { topic, brokerName: config.brokerName, queueId },
    minTimeStamp,
    maxTimeStamp: storedAt(max - 1),
    consumeTimeStamp: consumed > 0 ? storedAt(consumed - 1) : minTimeStamp,
    delayTime: next < max ? clock.now() - storedAt(next) : 0,
  };
}
