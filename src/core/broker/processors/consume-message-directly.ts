/**
 * CONSUME_MESSAGE_DIRECTLY (309): has one member of a group consume one stored message now; its answer goes back.
 * Behaviour: the message, found by its offset message id, is put into the body, the broker's name into the header.
 * Differences from 4.9: an id that cannot be read, or without a message, is refused with a sentence (Java fails inside).
 * Version notes: members older than V3_1_8_SNAPSHOT are not asked.
 */

import { PocketError } from '../../common/errors.ts';
import { decodeOffsetMsgId } from '../../message/message-id.ts';
import { consumeMessageDirectly } from '../../protocol/requests/consume-message-directly.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { callConsumer, findConsumer } from '../broker-to-client.ts';

export const processConsumeMessageDirectly: BrokerProcessor<typeof consumeMessageDirectly> = (context, request) => {
  const { consumerGroup: group, clientId = '', msgId = '' } = request.header;
  findConsumer(context, { group, clientId });
  const body = messageOf(context, msgId);
  const header = { ...request.header, brokerName: context.config.brokerName };
  const passedOn = createRequest(consumeMessageDirectly, header, body);
  return callConsumer(context, { group, clientId }, passedOn);
};

function messageOf({ store }: BrokerContext, msgId: string): Buffer {
  const offset = offsetOf(msgId);
  const body = store.lookMessageByOffset(offset);
  if (body !== undefined) return body;
  throw new ReplyError(ResponseCode.SYSTEM_ERROR, `can not find message by the offset, ${offset}`);
}

function offsetOf(msgId: string): number {
  try {
    return decodeOffsetMsgId(msgId).physicOffset;
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, error.message);
  }
}
