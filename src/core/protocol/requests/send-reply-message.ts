/** SEND_REPLY_MESSAGE (324): the answer to a request message, which the broker pushes to the requester. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';
import { sendMessage } from './send-message.ts';

export const sendReplyMessage = defineRequest({
  code: RequestCode.SEND_REPLY_MESSAGE,
  javaClass: 'SendMessageRequestHeader',
  request: sendMessage.request,
  responseJavaClass: 'SendMessageResponseHeader',
  response: sendMessage.response,
});
