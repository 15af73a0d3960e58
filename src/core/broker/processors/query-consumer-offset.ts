/**
 * QUERY_CONSUMER_OFFSET (14): the committed offset of a group in one queue.
 * Behaviour: without one, a queue that has lost nothing yet and whose first message is not "in disk" (further from the
 *   commitlog's end than accessMessageInMemoryMaxRatio of the memory) answers 0, so that a new group starts at the
 *   beginning of a young topic; otherwise 22.
 * Differences from 4.9: none.
 * Version notes: setZeroIfNotFound=false of 5.x asks for 22 instead of that 0.
 */

import type { queryConsumerOffset } from '../../protocol/requests/query-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processQueryConsumerOffset: BrokerProcessor<typeof queryConsumerOffset> = (context, request) => {
  const { consumerGroup, topic, queueId, setZeroIfNotFound } = request.header;
  const offset = context.offsets.query(consumerGroup, topic, queueId);
  if (offset >= 0) return { code: ResponseCode.SUCCESS, header: { offset } };
  const { store } = context;
  const isYoung = store.minOffsetInQueue(topic, queueId) <= 0 && !store.isInDisk(topic, queueId, 0);
  if (isYoung && setZeroIfNotFound !== false) return { code: ResponseCode.SUCCESS, header: { offset: 0 } };
  const remark = 'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first';
  throw new ReplyError(ResponseCode.QUERY_NOT_FOUND, remark);
};
