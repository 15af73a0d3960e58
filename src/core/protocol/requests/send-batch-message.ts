/** SEND_BATCH_MESSAGE (320): several messages of one topic in one body (the batch form of the message codec). */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';
import { sendMessageV2 } from './send-message-v2.ts';

export const sendBatchMessage = defineRequest({
  code: RequestCode.SEND_BATCH_MESSAGE,
  javaClass: 'SendMessageRequestHeaderV2',
  request: sendMessageV2.request,
  responseJavaClass: 'SendMessageResponseHeader',
  response: sendMessageV2.response,
});
