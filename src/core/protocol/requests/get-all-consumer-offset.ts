/** GET_ALL_CONSUMER_OFFSET (43): the whole offset table of a broker, for slaves and exports. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getAllConsumerOffset = defineRequest({
  code: RequestCode.GET_ALL_CONSUMER_OFFSET,
});
