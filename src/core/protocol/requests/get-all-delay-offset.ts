/** GET_ALL_DELAY_OFFSET (45): how far each delay level is delivered, for slaves. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllDelayOffset = defineRequest({
  code: RequestCode.GET_ALL_DELAY_OFFSET,
});
