/** LITE_PULL_MESSAGE (361): what the lite pull consumer of 5.x sends instead of PULL_MESSAGE; in all things the same. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';
import { pullMessage } from './pull-message.ts';

export const litePullMessage = defineRequest({
  code: RequestCode.LITE_PULL_MESSAGE,
  javaClass: 'PullMessageRequestHeader',
  request: pullMessage.request,
  responseJavaClass: 'PullMessageResponseHeader',
  response: pullMessage.response,
});
