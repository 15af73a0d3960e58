/**
 * CHECK_CLIENT_CONFIG (46): a push consumer asks whether its filter expression compiles (body with one
 * SubscriptionData).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const checkClientConfig = defineRequest({
  code: RequestCode.CHECK_CLIENT_CONFIG,
});
