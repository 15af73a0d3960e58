/** GET_KV_CONFIG (101): one value of a namespace on the namesrv; 22 when it is not set. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getKvConfig = defineRequest({
  code: RequestCode.GET_KV_CONFIG,
  javaClass: 'GetKVConfigRequestHeader',
  request: {
    namespace: required('string'),
    key: required('string'),
  },
  responseJavaClass: 'GetKVConfigResponseHeader',
  response: {
    value: optional('string'),
  },
});
