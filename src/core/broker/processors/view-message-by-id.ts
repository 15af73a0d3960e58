/**
 * VIEW_MESSAGE_BY_ID (33): one stored record by its commitlog offset, which an offsetMsgId holds.
 * Behaviour: the body is the record; 1 when no record begins there.
 * Differences from 4.9: an offset inside a record is refused (Java answers whatever bytes it finds).
 * Version notes: none.
 */

import type { viewMessageById } from '../../protocol/requests/view-message-by-id.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processViewMessageById: BrokerProcessor<typeof viewMessageById> = (context, request) => {
  const { offset } = request.header;
  const body = context.store.lookMessageByOffset(offset);
  if (body === undefined) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
  }
  return { code: ResponseCode.SUCCESS, body };
};
