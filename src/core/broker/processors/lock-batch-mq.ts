/**
 * LOCK_BATCH_MQ (41): a client of an orderly consumer group takes queues for itself.
 * Behaviour: the answer names the queues it holds now; a lock lives 60 s unless renewed.
 * Differences from 4.9: none.
 * Version notes: `onlyThisBroker` of 5.x is not read; a broker locks only its own queues anyway.
 */

import { decodeLockBatchRequestBody, encodeLockBatchResponseBody } from '../../protocol/bodies/lock-batch.ts';
import type { lockBatchMq } from '../../protocol/requests/lock-batch-mq.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processLockBatchMq: BrokerProcessor<typeof lockBatchMq> = (context, request) => {
  const { consumerGroup, clientId, mqSet } = decodeLockBatchRequestBody(request.body);
  const lockOKMQSet = context.locks.tryLockBatch(consumerGroup, mqSet, clientId);
  return { code: ResponseCode.SUCCESS, body: encodeLockBatchResponseBody({ lockOKMQSet }) };
};
