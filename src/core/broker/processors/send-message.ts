/**
 * SEND_MESSAGE (10), SEND_MESSAGE_V2 (310): stores one message. The ordinary way, over a decoded header; the frames a
 * producer sends all day are taken by send-message-raw.ts before they get here.
 * Behaviour: checks in Java's order (start time, broker and order topic, topic name, forbidden topic, automatic creation,
 *   queueId), random queue for queueId < 0, dead letter queue for a retry topic's message that came too often. Every
 *   answer carries MSG_REGION and TRACE_ON.
 * Differences from 4.9: delayed, transactional and batched messages are refused with SYSTEM_ERROR (see docs/SKIPPED.md).
 * Version notes: long and short field names are taken with either code; maxReconsumeTimes counts from V3_4_9 on.
 */

import type { SendMessageHeader, sendMessage } from '../../protocol/requests/send-message.ts';
import { decodeSendMessageHeader } from '../../protocol/requests/send-message-v2.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { defineRequest, type Fields } from '../../protocol/schema.ts';
import { type ProcessorResult, type Request, SUSPENDED } from '../../remoting/processor-table.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { type PutListener, PutMessageStatus } from '../../store/put-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { humanTime } from '../human-time.ts';
import type { SendReply } from '../send-answer.ts';

type SendResponse = (typeof sendMessage)['response'];
type SendRequest = Request<Fields, SendResponse>;

/** The schema of a send code with its header left to the processor, which takes either spelling. */
export function eitherSpelling(schema: { code: number; response: SendResponse }) {
  return defineRequest({ code: schema.code, response: schema.response });
}

type SendSchema = ReturnType<typeof eitherSpelling>;

const NO_BODY = Buffer.alloc(0);

export const processSendMessage: BrokerProcessor<SendSchema> = (context, request) => {
  const refuse = (error: unknown): SendReply => {
    if (error instanceof ReplyError) return context.sendAnswer.refusal(error);
    throw error;
  };
  try {
    const result = send(context, request, decodeSendMessageHeader(request.command.extFields));
    return result instanceof Promise ? result.catch(refuse) : result;
  } catch (error) {
    return refuse(error);
  }
};

type SendOutcome = ProcessorResult<SendResponse> | Promise<ProcessorResult<SendResponse>>;

/** Throws ReplyError for a message that is not taken. */
function send(context: BrokerContext, request: SendRequest, header: SendMessageHeader): SendOutcome {
  const { messagePut, config } = context;
  if (!messagePut.acceptsSends()) {
    const from = humanTime(config.startAcceptSendRequestTimeStamp);
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `broker unable to service, until ${from}`);
  }
  const requested = messagePut.admit(header, request.connection.remoteAddr);
  if (header.batch === true) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'batches of messages are not served by this broker yet');
  }
  const queueId = messagePut.chooseQueue(requested, header.queueId);
  const target = messagePut.reroute(requested, header, request.command.version);
  const saving = context.topics.saving(target.topicName);
  if (saving !== undefined) return sendWhenSaved(context, request, header, saving);
  const isRerouted = target !== requested;
  // Java answers the queue of the retry topic even when the message went to the dead letter queue.
  const listener = new SendListener(context, request, queueId);
  if (!messagePut.properties.readText(header.properties))
    return listener.reply(PutMessageStatus.PROPERTIES_SIZE_EXCEEDED);
  const refusal = messagePut.refusalOfProperties(header.sysFlag, isRerouted);
  if (refusal !== undefined) throw refusal;
  const { flag, sysFlag, bornTimestamp, reconsumeTimes = 0 } = header;
  const body = request.body ?? NO_BODY;
  messagePut.put(
    target,
    isRerouted ? 0 : queueId,
    {
      fields: { flag, sysFlag, bornTimestamp, reconsumeTimes },
      body: { buffer: body, start: 0, end: body.length },
      connection: request.connection,
    },
    listener,
  );
  return SUSPENDED;
}

/** A message to a topic that was created a moment ago: it is not stored before the topic is on the disk. */
async function sendWhenSaved(
  context: BrokerContext,
  request: SendRequest,
  header: SendMessageHeader,
  saving: Promise<boolean>,
): Promise<ProcessorResult<SendResponse>> {
  if (await saving) return send(context, request, header);
  const remark = `the topic[${header.topic}] could not be written to topics.json`;
  throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
}

class SendListener implements PutListener {
  readonly #context: BrokerContext;
  readonly #request: SendRequest;
  readonly #queueId: number;

  constructor(context: BrokerContext, request: SendRequest, queueId: number) {
    this.#context = context;
    this.#request = request;
    this.#queueId = queueId;
  }

  onPut(status: PutMessageStatus, physicOffset: number, queueOffset: number): void {
    this.#context.stats.putEnds(status);
    this.#request.respond(this.reply(status, physicOffset, queueOffset));
  }

  reply(status: PutMessageStatus, physicOffset = -1, queueOffset = -1): SendReply {
    return this.#context.sendAnswer.reply(status, { queueId: this.#queueId, queueOffset, physicOffset });
  }
}
