/** GET_KVLIST_BY_NAMESPACE (219): all values of a namespace on the namesrv (body KVTable); 22 when there is none. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getKvlistByNamespace = defineRequest({
  code: RequestCode.GET_KVLIST_BY_NAMESPACE,
  javaClass: 'GetKVListByNamespaceRequestHeader',
  request: {
    namespace: required('string'),
  },
});
