/** DELETE_KV_CONFIG (102): removes one value of a namespace on the namesrv. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const deleteKvConfig = defineRequest({
  code: RequestCode.DELETE_KV_CONFIG,
  javaClass: 'DeleteKVConfigRequestHeader',
  request: {
    namespace: required('string'),
    key: required('string'),
  },
});
