/**
 * SEND_REPLY_MESSAGE (324), SEND_REPLY_MESSAGE_V2 (325): hands a reply to the producer that waits for it, by the clientId in
 * REPLY_TO_CLIENT, and, unless storeReplyMessageEnable says otherwise, stores it as well.
 * Behaviour: the checks of a send, in its order; the push is answered before the message is stored. Whether the push worked
 *   decides the code; a reply that is not stored is answered with the msgId "0" and the offset 0. A failed push names the
 *   stored message all the same. The record has the sender's properties as they came: no CLUSTER, WAIT among them.
 * Differences from 4.9: the stored record keeps the sysFlag (Java drops it, so that a compressed reply cannot be read).
 * Version notes: long and short field names are taken with either code.
 */

import { decodeHostAddress } from '../../message/host-address.ts';
import { decodeProperties, encodeProperties, Property } from '../../message/properties.ts';
import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import { pushReplyMessageToClient } from '../../protocol/requests/push-reply-message-to-client.ts';
import type { SendMessageHeader, sendMessage } from '../../protocol/requests/send-message.ts';
import { decodeSendMessageHeader } from '../../protocol/requests/send-message-v2.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { defineRequest, type Fields } from '../../protocol/schema.ts';
import type { Request } from '../../remoting/processor-table.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { PutListener } from '../../store/put-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { callProducer } from '../broker-to-client.ts';
import { humanTime } from '../human-time.ts';
import type { PutMessage } from '../message-put.ts';
import type { SendReply } from '../send-answer.ts';

type SendResponse = (typeof sendMessage)['response'];
type ReplyRequest = Request<Fields, SendResponse>;

const NO_BODY = Buffer.alloc(0);

/** The schema of a reply code with its header left to the processor, which takes either spelling. */
export function replySchema(schema: { code: number; response: SendResponse }) {
  return defineRequest({ code: schema.code, response: schema.response });
}

export const processSendReplyMessage: BrokerProcessor<ReturnType<typeof replySchema>> = async (context, request) => {
  try {
    return await reply(context, request, decodeSendMessageHeader(request.command.extFields));
  } catch (error) {
    if (error instanceof ReplyError) return context.sendAnswer.refusal(error);
    throw error;
  }
};

/** Throws ReplyError for a message that is not taken. */
async function reply(context: BrokerContext, request: ReplyRequest, header: SendMessageHeader): Promise<SendReply> {
  const { config, messagePut, topics, sendAnswer } = context;
  if (!messagePut.acceptsSends()) {
    const from = humanTime(config.startAcceptSendRequestTimeStamp);
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `broker unable to service, until ${from}`);
  }
  const topic = messagePut.admit(header, request.connection.remoteAddr);
  if ((await topics.saving(topic.topicName)) === false) {
    const text = `the topic[${header.topic}] could not be written to topics.json`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, text);
  }
  const queueId = messagePut.chooseQueue(topic, header.queueId);
  const failure = await push(context, request, header);
  const stored = config.storeReplyMessageEnable ? await store(context, request, header, { topic, queueId }) : undefined;
  const place = stored ?? (failure === undefined ? { msgId: '0', queueId, queueOffset: 0 } : undefined);
  return {
    code: failure === undefined ? ResponseCode.SUCCESS : ResponseCode.SYSTEM_ERROR,
    remark: failure,
    header: place,
    extFields: sendAnswer.extFields,
  };
}

/** Why the requester did not get the reply, as the replier is told; undefined when it did. */
async function push(
  context: BrokerContext,
  request: ReplyRequest,
  header: SendMessageHeader,
): Promise<string | undefined> {
  const { clock, logger, storeHost } = context;
  const properties = decodeProperties(header.properties ?? '');
  const clientId = properties[Property.REPLY_TO_CLIENT];
  if (clientId === undefined) {
    logger.warn(`a reply from ${request.connection.remoteAddr} says not whom it is for`);
    return 'reply message properties[REPLY_TO_CLIENT] is null';
  }
  const storeTimestamp = clock.now();
  properties[Property.PUSH_REPLY_TIME] = String(storeTimestamp);
  const pushed = {
    ...header,
    properties: encodeProperties(properties),
    bornHost: request.connection.remoteAddr,
    storeHost: decodeHostAddress(storeHost, 0, storeHost.length),
    storeTimestamp,
  };
  return callProducer(context, clientId, createRequest(pushReplyMessageToClient, pushed, request.body ?? NO_BODY));
}

/** Where the reply was stored; undefined when it was not, which the replier is not told. */
function store(
  { messagePut, sendAnswer, stats, logger }: BrokerContext,
  request: ReplyRequest,
  header: SendMessageHeader,
  place: { topic: TopicConfig; queueId: number },
): Promise<SendReply['header']> {
  const { topic, queueId } = place;
  const message = { ...messageOf(request, header), properties: header.properties ?? '' };
  return new Promise((resolve) => {
    const onPut: PutListener['onPut'] = (status, physicOffset, queueOffset) => {
      stats.putEnds(status);
      const stored = sendAnswer.reply(status, { queueId, queueOffset, physicOffset }).header;
      if (stored === undefined) logger.warn(`a reply to ${topic.topicName} was not stored: ${status}`);
      resolve(stored);
    };
    messagePut.putVerbatim(topic, queueId, message, { onPut });
  });
}

/** What MessagePut takes of the request. */
function messageOf({ body = NO_BODY, connection }: ReplyRequest, header: SendMessageHeader): PutMessage {
  const { flag, sysFlag, bornTimestamp, reconsumeTimes = 0 } = header;
  return {
    fields: { flag, sysFlag, bornTimestamp, reconsumeTimes },
    body: { buffer: body, start: 0, end: body.length },
    connection,
  };
}
