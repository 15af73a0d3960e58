/** PUT_KV_CONFIG (100): sets one value of a namespace on the namesrv. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const putKvConfig = defineRequest({
  code: RequestCode.PUT_KV_CONFIG,
  javaClass: 'PutKVConfigRequestHeader',
  request: {
    namespace: required('string'),
    key: required('string'),
    value: required('string'),
  },
});
