/**
 * HEART_BEAT (34): a client names its groups and subscriptions (body HeartbeatData); every 30 s to every broker it
 * uses.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const heartBeat = defineRequest({
  code: RequestCode.HEART_BEAT,
});
