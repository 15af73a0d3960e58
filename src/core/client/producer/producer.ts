/**
 * Sends messages: finds the topic's queues, chooses one, tries another broker when it fails. Mirrors DefaultMQProducer and
 * DefaultMQProducerImpl.
 *
 * A send is tried 1 + retryTimesWhenSendFailed times within one time-out, after connection failures and time-outs and
 * after the response codes of protocol/responses.md section 6; a send to a given queue is tried once. The same unique id
 * goes with every try. Bodies of 4 KiB and more are compressed with zlib.
 *
 * Known differences: the caller's message is not changed; WAIT is not set (its absence means the same to a broker).
 */

import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import type { NewMessage } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { encodeProperties, Property } from '../../message/properties.ts';
import { SysFlag } from '../../message/sys-flag.ts';
import { RETRY_GROUP_TOPIC_PREFIX, Topic } from '../../message/topic-validator.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { sendBatchMessage } from '../../protocol/requests/send-batch-message.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../protocol/requests/send-message-v2.ts';
import { sendReplyMessageV2 } from '../../protocol/requests/send-reply-message-v2.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { decodeHeader } from '../../protocol/schema.ts';
import { responseError } from '../../remoting/call.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { ClientInstance } from '../client-instance.ts';
import { type ClientOptions, checkRange, MAX_INT } from '../client-options.ts';
import { brokerNotFound } from '../find-broker.ts';
import { checkGroup } from '../group-name.ts';
import { topicNotFound } from '../namesrv-client.ts';
import { publishQueues } from '../topic-queues.ts';
import type { AsyncTraceDispatcher, TraceOptions } from '../trace/async-trace-dispatcher.ts';
import { sendTrace } from '../trace/send-trace.ts';
import { traceOver, traceProducerOf } from '../trace/trace-producer.ts';
import { FaultTable } from './fault-table.ts';
import { greetRepliers } from './greet-repliers.ts';
import { checkBatch, encodeBatch } from './message-batch.ts';
import { bodyOf, checkSize, propertiesOf } from './new-message.ts';
import { QueueChoice } from './queue-choice.ts';
import { REPLY_MESSAGE_FLAG } from './reply-message.ts';
import type { ReplyMessage } from './request-table.ts';
import { type SendResult, sendStatusByCode } from './send-result.ts';

const SEND_TIMEOUT_MS = 3000;
const RETRY_TIMES = 2;
const COMPRESS_FROM_BYTES = 4096;
const DEFAULT_TOPIC_QUEUE_NUMS = 4;
const MAX_CHOICES = 10_000;
const MAX_RETRY_TIMES = 1000;

/** Refused with this code by a 5.x broker or proxy that is about to go. */
const GO_AWAY = 1500;

/** 4.9 clients do not retry SYSTEM_BUSY and GO_AWAY, 5.x ones do; nothing was stored in either case. */
const retryCodes: ReadonlySet<number> = new Set<number>([
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.NO_PERMISSION,
  ResponseCode.NO_BUYER_ID,
  ResponseCode.NOT_IN_CURRENT_UNIT,
  ResponseCode.SYSTEM_BUSY,
  GO_AWAY,
]);

/** What a Producer takes. */
export interface ProducerOptions extends ClientOptions, TraceOptions {
  /** Producer group. */
  readonly group: string;
  /**
   * A client to share; without it the producer makes and stops its own.
   * @internal
   */
  readonly instance?: ClientInstance | undefined;
  /** Time-out of a send with all its tries, ms; default 3000. */
  readonly sendMsgTimeout?: number | undefined;
  /** Default 2. */
  readonly retryTimesWhenSendFailed?: number | undefined;
  /** Avoid slow brokers, not only failing ones; default false. */
  readonly sendLatencyFaultEnable?: boolean | undefined;
}

/** How one message is sent. */
export interface SendOptions {
  /** The queue to use; without it one is chosen. */
  readonly queue?: MessageQueue | undefined;
  /** Time-out of the send with all its tries, ms; default: the producer's sendMsgTimeout. */
  readonly timeoutMs?: number | undefined;
}

/** A message ready for the wire. */
interface Outgoing {
  readonly topic: string;
  readonly body: Buffer;
  readonly sysFlag: number;
  readonly flag: number;
  readonly properties: string;
  readonly msgId: string;
  readonly reconsumeTimes: number;
  readonly maxReconsumeTimes: number | undefined;
  /** The request it goes as: a message, a batch, a reply. */
  readonly schema: typeof sendMessageV2;
}

/** Sends messages. Made once, started once, used for as long as the program sends, then stopped. */
export class Producer implements Service {
  readonly #options: ProducerOptions;
  readonly #instance: ClientInstance;
  readonly #faults: FaultTable;
  readonly #trace: AsyncTraceDispatcher | undefined;
  /** By topic, remade when the route changes. */
  readonly #choices = new Map<string, { route: TopicRouteData; choice: QueueChoice }>();
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /** Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used. */
  constructor(options: ProducerOptions) {
    checkGroup(options?.group);
    checkRange('sendMsgTimeout', options.sendMsgTimeout, 1, MAX_INT);
    checkRange('retryTimesWhenSendFailed', options.retryTimesWhenSendFailed, 0, MAX_RETRY_TIMES);
    this.#options = options;
    this.#instance = options.instance ?? new ClientInstance(options);
    this.#faults = new FaultTable(this.#instance.clock, options.sendLatencyFaultEnable ?? false);
    this.#trace = options.enableMsgTrace
      ? traceOver(new Producer(traceProducerOf(options.group, 'PRODUCE', this.#instance)), this.#instance, options)
      : undefined;
  }

  /**
   * Makes ready to send; connections are made when they are first needed, so a name server that is away shows at the first
   * send. Rejects with PocketError NO_NAMESRV when no address was given, STOPPED after stop(). Idempotent.
   */
  async start(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'stopped') throw new PocketError('STOPPED', 'a stopped producer cannot be started again');
    this.#state = 'running';
    this.#instance.registerProducer(this.#options.group);
    try {
      if (this.#options.instance === undefined) await this.#instance.start();
      await this.#trace?.start();
    } catch (error) {
      this.#state = 'created';
      throw error;
    }
  }

  /** Sends the traces that are left, leaves the group and closes the connections; sends under way reject. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Sends one message. Resolves when the broker has stored it. Rejects with PocketError ILLEGAL_ARGUMENT for a message no
   * broker would take, NOT_FOUND for an unknown topic or broker, RESPONSE with the broker's code, CONNECT, TIMEOUT, and
   * STOPPED before start() and after stop().
   */
  async send(message: NewMessage, options: SendOptions = {}): Promise<SendResult> {
    const deadline = this.#deadline(options);
    return this.#sendOutgoing(await this.#prepare(message), options, deadline);
  }

  /**
   * Sends messages of one topic in one request: the broker stores all of them, one behind the other in one queue, or none.
   * They must agree in WAIT, have no DELAY and not be for a retry topic, and be encoded no larger than 4 MiB together; a
   * list that is too long is the caller's to split. `msgId` and `offsetMsgId` of the result are the ids of all messages,
   * joined by commas, `queueOffset` is the first one's. Nothing is compressed. Rejects as send() does.
   */
  async sendBatch(messages: readonly NewMessage[], options: SendOptions = {}): Promise<SendResult> {
    const deadline = this.#deadline(options);
    return this.#sendOutgoing(this.#prepareBatch(messages), options, deadline);
  }

  #deadline(options: SendOptions): number {
    const timeoutMs = options.timeoutMs ?? this.#options.sendMsgTimeout ?? SEND_TIMEOUT_MS;
    return this.#instance.clock.monotonic() + timeoutMs;
  }

  async #sendOutgoing(outgoing: Outgoing, options: SendOptions, deadline: number): Promise<SendResult> {
    if (options.queue !== undefined) return this.#sendTo(options.queue, outgoing, deadline);
    const choice = await this.#choiceOf(outgoing.topic);
    const tries = 1 + (this.#options.retryTimesWhenSendFailed ?? RETRY_TIMES);
    let failure: PocketError | undefined;
    let queue: MessageQueue | undefined;
    for (let tried = 0; tried < tries && this.#state === 'running'; tried++) {
      if (failure !== undefined && this.#instance.clock.monotonic() >= deadline) break;
      queue = choice.next(this.#faults, queue?.brokerName);
      try {
        return await this.#sendTo(queue, outgoing, deadline);
      } catch (error) {
        if (!(error instanceof PocketError) || !isRetriable(error)) throw error;
        failure = error;
        this.#instance.logger.warn(`sending to ${queue.brokerName} failed: ${error.message}`);
      }
    }
    throw finalFailure(outgoing.topic, failure);
  }

  /**
   * Sends without waiting for the broker: resolves when the request is on its way. Rejects as send() does, but for what the
   * broker would answer.
   */
  async sendOneway(message: NewMessage, options: Pick<SendOptions, 'queue'> = {}): Promise<void> {
    const outgoing = await this.#prepare(message);
    const queue = options.queue ?? (await this.#choiceOf(message.topic)).next(this.#faults);
    const addr = await this.#addrOf(queue);
    await this.#instance.client.oneway(addr, this.#request(queue, outgoing));
  }

  /**
   * Sends a message and waits for the reply that a consumer of its topic makes with createReplyMessage(). Resolves to the
   * reply, whichever consumer it came from first. Rejects with PocketError TIMEOUT when none came within `timeoutMs`, which
   * counts from here (responseCode 10006 when the message was sent), else as send() does.
   */
  async request(
    message: NewMessage,
    timeoutMs: number,
    options: Pick<SendOptions, 'queue'> = {},
  ): Promise<ReplyMessage> {
    checkRange('timeoutMs', timeoutMs, 1, MAX_INT);
    const deadline = this.#deadline({ timeoutMs });
    const { requests, clientId } = this.#instance;
    const correlationId = crypto.randomUUID();
    const asked = { [Property.CORRELATION_ID]: correlationId, [Property.REPLY_TO_CLIENT]: clientId };
    const properties = { ...message?.properties, ...asked, [Property.TTL]: String(timeoutMs) };
    const outgoing = await this.#prepare({ ...message, properties });
    const reply = requests.wait({ correlationId, topic: message.topic, timeoutMs, owner: this });
    reply.catch(() => {});
    try {
      await greetRepliers(this.#instance, message.topic, this.#faults);
      await this.#sendOutgoing(outgoing, options, deadline);
    } catch (error) {
      // Who has the reply, or was told that none came, need not hear how the send went.
      if (requests.forget(correlationId)) throw error;
    }
    return reply;
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'stopped';
    this.#instance.requests.failOf(this, notRunning('stopped'));
    await this.#trace?.stop();
    if (this.#options.instance === undefined) await this.#instance.stop();
    else if (wasRunning) await this.#instance.unregisterProducer(this.#options.group);
  }

  async #prepare(message: NewMessage): Promise<Outgoing> {
    if (this.#state !== 'running') throw notRunning(this.#state);
    const plain = bodyOf(message);
    const properties = propertiesOf(message);
    const msgId = properties[Property.UNIQ_KEY] ?? this.#instance.nextUniqId();
    properties[Property.UNIQ_KEY] = msgId;
    let reconsumeTimes = 0;
    let maxReconsumeTimes: number | undefined;
    // What a retry says of itself goes into the header; as in Java it stays among the properties, too.
    if (message.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) {
      reconsumeTimes = Number(properties[Property.RECONSUME_TIME] ?? 0);
      const max = properties[Property.MAX_RECONSUME_TIMES];
      maxReconsumeTimes = max === undefined ? undefined : Number(max);
    }
    const { topic, flag = 0 } = message;
    const compressed = plain.length >= COMPRESS_FROM_BYTES;
    const body = compressed ? await compress(plain) : plain;
    const sysFlag =
      (compressed ? SysFlag.COMPRESSED | SysFlag.COMPRESSION_ZLIB : 0) |
      (properties[Property.TRAN_MSG] === 'true' ? SysFlag.TRANSACTION_PREPARED : 0);
    const encoded = encodeProperties(properties);
    const schema = properties[Property.MSG_TYPE] === REPLY_MESSAGE_FLAG ? sendReplyMessageV2 : sendMessageV2;
    return { topic, body, sysFlag, flag, properties: encoded, msgId, reconsumeTimes, maxReconsumeTimes, schema };
  }

  #prepareBatch(messages: readonly NewMessage[]): Outgoing {
    if (this.#state !== 'running') throw notRunning(this.#state);
    const members = messages.map((message) => ({ topic: message.topic, properties: propertiesOf(message) }));
    const first = checkBatch(members);
    const plain = messages.map((message) => {
      const { topic, flag = 0 } = message;
      return { topic, flag, body: bodyOf(message), properties: propertiesOf(message) };
    });
    const { topic, body, properties, msgIds } = encodeBatch(plain, first, () => this.#instance.nextUniqId());
    checkSize(body);
    return {
      topic,
      body,
      sysFlag: 0,
      flag: 0,
      properties,
      msgId: msgIds.join(','),
      reconsumeTimes: 0,
      maxReconsumeTimes: undefined,
      schema: sendBatchMessage,
    };
  }

  async #choiceOf(topic: string): Promise<QueueChoice> {
    const route = await this.#instance.routes.publishRoute(topic);
    const known = this.#choices.get(topic);
    if (known?.route === route) return known.choice;
    const queues = publishQueues(topic, route);
    if (queues.length === 0) {
      this.#instance.routes.refreshSoon(topic);
      throw new PocketError('NOT_FOUND', `No route info of this topic: ${topic}`, { detail: topic });
    }
    if (this.#choices.size >= MAX_CHOICES) this.#choices.clear();
    const choice = new QueueChoice(queues, this.#instance.random);
    this.#choices.set(topic, { route, choice });
    return choice;
  }

  async #sendTo(queue: MessageQueue, outgoing: Outgoing, deadline: number): Promise<SendResult> {
    const { clock, client } = this.#instance;
    const addr = await this.#addrOf(queue);
    const begun = clock.monotonic();
    const begunAt = clock.now();
    const timeoutMs = Math.max(1, Math.ceil(deadline - begun));
    let answer: RemotingCommand;
    try {
      answer = await client.invoke(addr, this.#request(queue, outgoing), timeoutMs);
    } catch (error) {
      this.#faults.failed(queue.brokerName);
      this.#instance.routes.refreshSoon(queue.topic);
      throw error;
    }
    const sendStatus = sendStatusByCode.get(answer.code);
    if (sendStatus === undefined) {
      if (retryCodes.has(answer.code)) this.#faults.failed(queue.brokerName);
      throw responseError(answer, addr);
    }
    this.#faults.succeeded(queue.brokerName, clock.monotonic() - begun);
    const { msgId: offsetMsgId, queueId, queueOffset } = decodeHeader(sendMessageV2.response, answer.extFields);
    const messageQueue = { ...queue, queueId };
    const result = { sendStatus, msgId: outgoing.msgId, offsetMsgId, messageQueue, queueOffset };
    if (this.#trace !== undefined && !outgoing.topic.startsWith(this.#trace.traceTopic)) {
      const { topic, body, properties } = outgoing;
      const { group } = this.#options;
      const sent = { group, topic, body, properties, begun: begunAt, ended: clock.now(), brokerAddr: addr };
      const trace = sendTrace({ ...sent, result, extFields: answer.extFields });
      if (trace !== undefined) this.#trace.append(trace);
    }
    return result;
  }

  async #addrOf(queue: MessageQueue): Promise<string> {
    const { routes } = this.#instance;
    if (routes.masterAddr(queue.brokerName) === undefined) await routes.publishRoute(queue.topic);
    const addr = routes.masterAddr(queue.brokerName);
    if (addr !== undefined) return addr;
    routes.refreshSoon(queue.topic);
    throw brokerNotFound(queue.brokerName);
  }

  #request(queue: MessageQueue, outgoing: Outgoing): RemotingCommand {
    const header = toSendMessageV2Header({
      producerGroup: this.#options.group,
      topic: outgoing.topic,
      defaultTopic: Topic.AUTO_CREATE,
      defaultTopicQueueNums: DEFAULT_TOPIC_QUEUE_NUMS,
      queueId: queue.queueId,
      sysFlag: outgoing.sysFlag,
      bornTimestamp: this.#instance.clock.now(),
      flag: outgoing.flag,
      properties: outgoing.properties,
      reconsumeTimes: outgoing.reconsumeTimes,
      unitMode: false,
      maxReconsumeTimes: outgoing.maxReconsumeTimes,
      batch: outgoing.schema === sendBatchMessage,
      bname: queue.brokerName,
    });
    return createRequest(outgoing.schema, header, outgoing.body);
  }
}

/** Whether another broker may do better. */
function isRetriable(error: PocketError): boolean {
  if (error.code === 'RESPONSE') return error.responseCode !== undefined && retryCodes.has(error.responseCode);
  return error.code === 'CONNECT' || error.code === 'TIMEOUT' || error.code === 'NOT_FOUND';
}

function finalFailure(topic: string, failure: PocketError | undefined): PocketError {
  if (failure === undefined) return new PocketError('STOPPED', 'the producer was stopped');
  return failure.responseCode === ResponseCode.TOPIC_NOT_EXIST ? topicNotFound(topic, failure) : failure;
}

function notRunning(state: 'created' | 'stopped'): PocketError {
  const text = state === 'created' ? 'the producer is not started: call start() first' : 'the producer was stopped';
  return new PocketError('STOPPED', text);
}

/** Loaded when first needed: a tool that sends short messages starts without it. */
async function compress(body: Buffer): Promise<Buffer> {
  const { compressBody } = await import('../../message/compression.ts');
  return compressBody(body);
}
