/**
 * QUERY_MESSAGE (12): messages whose index holds a key within a time range, as stored records.
 * The client adds the extField _UNIQUE_KEY_QUERY after signing: `true` says the key is a UNIQ_KEY.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const queryMessage = defineRequest({
  code: RequestCode.QUERY_MESSAGE,
  javaClass: 'QueryMessageRequestHeader',
  request: {
    topic: required('string'),
    key: required('string'),
    maxNum: required('int'),
    beginTimestamp: required('long'),
    endTimestamp: required('long'),
  },
  responseJavaClass: 'QueryMessageResponseHeader',
  response: {
    indexLastUpdateTimestamp: required('long'),
    indexLastUpdatePhyoffset: required('long'),
  },
});
