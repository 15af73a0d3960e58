/** GET_BROKER_RUNTIME_INFO (28): the counters and states of a broker, all texts (body KVTable). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getBrokerRuntimeInfo = defineRequest({
  code: RequestCode.GET_BROKER_RUNTIME_INFO,
});
