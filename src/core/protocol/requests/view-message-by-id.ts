/** VIEW_MESSAGE_BY_ID (33): one stored record by its commit-log offset (taken from an offsetMsgId). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const viewMessageById = defineRequest({
  code: RequestCode.VIEW_MESSAGE_BY_ID,
  javaClass: 'ViewMessageRequestHeader',
  request: {
    offset: required('long'),
  },
  responseJavaClass: 'ViewMessageResponseHeader',
});
