/** UPDATE_BROKER_CONFIG (25): changes broker settings while it runs; the body is Java properties text. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const updateBrokerConfig = defineRequest({
  code: RequestCode.UPDATE_BROKER_CONFIG,
});
