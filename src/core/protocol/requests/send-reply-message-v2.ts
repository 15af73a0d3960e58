/** SEND_REPLY_MESSAGE_V2 (325): SEND_REPLY_MESSAGE with the one-letter field names of SEND_MESSAGE_V2. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';
import { sendMessageV2 } from './send-message-v2.ts';

export const sendReplyMessageV2 = defineRequest({
  code: RequestCode.SEND_REPLY_MESSAGE_V2,
  javaClass: 'SendMessageRequestHeaderV2',
  request: sendMessageV2.request,
  responseJavaClass: 'SendMessageResponseHeader',
  response: sendMessageV2.response,
});
