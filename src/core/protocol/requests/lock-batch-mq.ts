/** LOCK_BATCH_MQ (41): an orderly consumer locks queues for 60 s (body in, locked queues out). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const lockBatchMq = defineRequest({
  code: RequestCode.LOCK_BATCH_MQ,
});
