/**
 * SEND_MESSAGE (10), SEND_MESSAGE_V2 (310): stores one message. The ordinary way, over a decoded header; the frames a
 * producer sends all day are taken by send-message-raw.ts before they get here. A header with the batch flag goes on to
 * send-batch-message.ts, whatever the code, and SEND_BATCH_MESSAGE (320) without it is one message.
 * Behaviour: checks in Java's order (start time, broker and order topic, topic name, forbidden topic, automatic creation,
 *   queueId), random queue for queueId < 0, dead letter queue for a retry topic's message that came too often. A message
 *   with a delay is answered with its own queueId and the offsets of the record that waits. A
 *   message that begins a transaction is answered likewise, with the offsets of its half message. Every answer carries
 *   MSG_REGION and TRACE_ON.
 * Version notes: long and short field names are taken with either code; maxReconsumeTimes counts from V3_4_9 on.
 */

import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import type { SendMessageHeader, sendMessage } from '../../protocol/requests/send-message.ts';
import { decodeSendMessageHeader } from '../../protocol/requests/send-message-v2.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { defineRequest, type Fields } from '../../protocol/schema.ts';
import { type ProcessorResult, type Request, SUSPENDED } from '../../remoting/processor-table.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { type PutListener, PutMessageStatus } from '../../store/put-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { humanTime } from '../human-time.ts';
import type { PutMessage } from '../message-put.ts';
import type { SendReply } from '../send-answer.ts';

type SendResponse = (typeof sendMessage)['response'];
export type SendRequest = Request<Fields, SendResponse>;

/** The schema of a send code with its header left to the processor, which takes either spelling. */
export function eitherSpelling(schema: { code: number; response: SendResponse }) {
  return defineRequest({ code: schema.code, response: schema.response });
}

type SendSchema = ReturnType<typeof eitherSpelling>;

const NO_BODY = Buffer.alloc(0);

/** The way of a message, or a batch, whose topic and queueId are in order and whose topic is on the disk. */
export type SendStep = (
  context: BrokerContext,
  request: SendRequest,
  header: SendMessageHeader,
  target: TopicConfig,
) => ProcessorResult<SendResponse>;

type SendOutcome = ProcessorResult<SendResponse> | Promise<ProcessorResult<SendResponse>>;

/** The processor of all send codes. `sendBatch` throws ReplyError for a batch that is not taken. */
export function sendProcessor(sendBatch: SendStep): BrokerProcessor<SendSchema> {
  return (context, request) => {
    const refuse = (error: unknown): SendReply => {
      if (error instanceof ReplyError) return context.sendAnswer.refusal(error);
      throw error;
    };
    try {
      const header = decodeSendMessageHeader(request.command.extFields);
      const result = send(context, request, header, sendBatch);
      return result instanceof Promise ? result.catch(refuse) : result;
    } catch (error) {
      return refuse(error);
    }
  };
}

/** Throws ReplyError for a message that is not taken. */
function send(context: BrokerContext, request: SendRequest, header: SendMessageHeader, batch: SendStep): SendOutcome {
  const { messagePut, config } = context;
  if (!messagePut.acceptsSends()) {
    const from = humanTime(config.startAcceptSendRequestTimeStamp);
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `broker unable to service, until ${from}`);
  }
  const requested = messagePut.admit(header, request.connection.remoteAddr);
  const isBatch = header.batch === true;
  const target = isBatch ? requested : messagePut.reroute(requested, header, request.command.version);
  const saving = context.topics.saving(target.topicName);
  if (saving !== undefined) return whenSaved(header.topic, saving, () => send(context, request, header, batch));
  return isBatch ? batch(context, request, header, target) : sendOne(context, request, header, { requested, target });
}

/** A message to a topic that was created a moment ago: it is not stored before the topic is on the disk. */
async function whenSaved(
  topic: string,
  saving: Promise<boolean>,
  again: () => SendOutcome,
): Promise<ProcessorResult<SendResponse>> {
  if (await saving) return again();
  throw new ReplyError(ResponseCode.SYSTEM_ERROR, `the topic[${topic}] could not be written to topics.json`);
}

function sendOne(
  context: BrokerContext,
  request: SendRequest,
  header: SendMessageHeader,
  { requested, target }: { requested: TopicConfig; target: TopicConfig },
): ProcessorResult<SendResponse> {
  const { messagePut } = context;
  const queueId = messagePut.chooseQueue(requested, header.queueId);
  const isRerouted = target !== requested;
  // Java answers the queue of the retry topic even when the message went to the dead letter queue.
  const listener = new SendListener(context, request, queueId);
  if (!messagePut.properties.readText(header.properties))
    return listener.refusal(PutMessageStatus.PROPERTIES_SIZE_EXCEEDED);
  const isHalf = messagePut.beginsTransaction(header);
  const message = messageOf(request, header);
  const properties = header.properties ?? '';
  if (isHalf) messagePut.putHalf(target, isRerouted ? 0 : queueId, { ...message, properties }, listener);
  else if (isRerouted) messagePut.put(target, 0, message, listener);
  else if (messagePut.isPlain(header.sysFlag)) messagePut.put(target, queueId, message, listener);
  else messagePut.putDelayed(target, queueId, { ...message, properties }, listener);
  return SUSPENDED;
}

/** What MessagePut takes of a decoded request. */
export function messageOf({ body = NO_BODY, connection }: SendRequest, header: SendMessageHeader): PutMessage {
  const { flag, sysFlag, bornTimestamp, reconsumeTimes = 0 } = header;
  return {
    fields: { flag, sysFlag, bornTimestamp, reconsumeTimes },
    body: { buffer: body, start: 0, end: body.length },
    connection,
  };
}

/** Answers the sender of a message, or of a batch, when the store has it. */
export class SendListener implements PutListener {
  readonly #context: BrokerContext;
  readonly #request: SendRequest;
  readonly #queueId: number;

  constructor(context: BrokerContext, request: SendRequest, queueId: number) {
    this.#context = context;
    this.#request = request;
    this.#queueId = queueId;
  }

  onPut(
    status: PutMessageStatus,
    physicOffset: number,
    queueOffset: number,
    _storeTimestamp: number,
    _count: number,
    physicOffsets?: readonly number[],
  ): void {
    this.#context.stats.putEnds(status);
    const place = { queueId: this.#queueId, queueOffset, physicOffset, physicOffsets };
    this.#request.respond(this.#context.sendAnswer.reply(status, place));
  }

  /** The answer to a message that did not come to the store. */
  refusal(status: PutMessageStatus): SendReply {
    return this.#context.sendAnswer.reply(status, { queueId: this.#queueId, queueOffset: -1, physicOffset: -1 });
  }
}
