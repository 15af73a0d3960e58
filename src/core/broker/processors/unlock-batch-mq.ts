/**
 * UNLOCK_BATCH_MQ (42): a client gives back queues it had locked.
 * Behaviour: queues held by another client stay as they are.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import { decodeLockBatchRequestBody } from '../../protocol/bodies/lock-batch.ts';
import type { unlockBatchMq } from '../../protocol/requests/unlock-batch-mq.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processUnlockBatchMq: BrokerProcessor<typeof unlockBatchMq> = (context, request) => {
  const { consumerGroup, clientId, mqSet } = decodeLockBatchRequestBody(request.body);
  context.locks.unlockBatch(consumerGroup, mqSet, clientId);
  return { code: ResponseCode.SUCCESS };
};
