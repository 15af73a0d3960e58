/** UNLOCK_BATCH_MQ (42): an orderly consumer gives its queue locks back. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const unlockBatchMq = defineRequest({
  code: RequestCode.UNLOCK_BATCH_MQ,
});
