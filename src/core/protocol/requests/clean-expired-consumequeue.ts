/** CLEAN_EXPIRED_CONSUMEQUEUE (306): removes consume queues whose messages are gone. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const cleanExpiredConsumequeue = defineRequest({
  code: RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE,
});
