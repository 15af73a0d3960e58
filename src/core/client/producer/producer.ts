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
import type { Message } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { encodeProperties, Property } from '../../message/properties.ts';
import { SysFlag } from '../../message/sys-flag.ts';
import { RETRY_GROUP_TOPIC_PREFIX, Topic, topicFault } from '../../message/topic-validator.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { sendBatchMessage } from '../../protocol/requests/send-batch-message.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../protocol/requests/send-message-v2.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { decodeHeader } from '../../protocol/schema.ts';
import { responseError } from '../../remoting/call.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { ClientInstance, type ClientInstanceOptions } from '../client-instance.ts';
import { checkGroup } from '../group-name.ts';
import { topicNotFound } from '../namesrv-client.ts';
import { publishQueues } from '../topic-queues.ts';
import { FaultTable } from './fault-table.ts';
import { checkBatch, encodeBatch } from './message-batch.ts';
import { QueueChoice } from './queue-choice.ts';
import { type SendResult, sendStatusByCode } from './send-result.ts';

const SEND_TIMEOUT_MS = 3000;
const RETRY_TIMES = 2;
const COMPRESS_FROM_BYTES = 4096;
const MAX_MESSAGE_SIZE = 4 * 1024 * 1024;
const DEFAULT_TOPIC_QUEUE_NUMS = 4;
const MAX_CHOICES = 10_000;

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

export interface ProducerOptions extends Omit<ClientInstanceOptions, 'shared'> {
  /** Producer group. */
  readonly group: string;
  /** A client to share; without it the producer makes and stops its own. */
  readonly instance?: ClientInstance | undefined;
  /** Time-out of a send with all its tries, ms; default 3000. */
  readonly sendMsgTimeout?: number | undefined;
  /** Default 2. */
  readonly retryTimesWhenSendFailed?: number | undefined;
  /** Avoid slow brokers, not only failing ones; default false. */
  readonly sendLatencyFaultEnable?: boolean | undefined;
}

export interface SendOptions {
  /** The queue to use; without it one is chosen. */
  readonly queue?: MessageQueue | undefined;
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
  readonly batch: boolean;
}

export class Producer implements Service {
  readonly #options: ProducerOptions;
  readonly #instance: ClientInstance;
  readonly #faults: FaultTable;
  /** By topic, remade when the route changes. */
  readonly #choices = new Map<string, { route: TopicRouteData; choice: QueueChoice }>();
  #running = false;

  /** Throws PocketError ILLEGAL_ARGUMENT for an illegal group name. */
  constructor(options: ProducerOptions) {
    checkGroup(options.group);
    this.#options = options;
    this.#instance = options.instance ?? new ClientInstance(options);
    this.#faults = new FaultTable(this.#instance.clock, options.sendLatencyFaultEnable ?? false);
  }

  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#instance.registerProducer(this.#options.group);
    if (this.#options.instance === undefined) await this.#instance.start();
  }

  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    if (this.#options.instance === undefined) await this.#instance.stop();
    else await this.#instance.unregisterProducer(this.#options.group);
  }

  /**
   * Sends one message. Resolves when the broker has stored it. Rejects with PocketError ILLEGAL_ARGUMENT for a message no
   * broker would take, NOT_FOUND for an unknown topic or broker, RESPONSE with the broker's code, CONNECT, TIMEOUT, STOPPED.
   */
  async send(message: Message, options: SendOptions = {}): Promise<SendResult> {
    const deadline = this.#deadline(options);
    return this.#sendOutgoing(await this.#prepare(message), options, deadline);
  }

  /**
   * Sends messages of one topic in one request: the broker stores all of them, one behind the other in one queue, or none.
   * They must agree in WAIT, have no DELAY and not be for a retry topic, and be encoded no larger than 4 MiB together; a
   * list that is too long is the caller's to split. `msgId` and `offsetMsgId` of the result are the ids of all messages,
   * joined by commas, `queueOffset` is the first one's. Nothing is compressed. Rejects as send() does.
   */
  async sendBatch(messages: readonly Message[], options: SendOptions = {}): Promise<SendResult> {
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
    for (let tried = 0; tried < tries && this.#running; tried++) {
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

  /** Sends without waiting for the broker: resolves when the request is on its way. */
  async sendOneway(message: Message, options: Pick<SendOptions, 'queue'> = {}): Promise<void> {
    const outgoing = await this.#prepare(message);
    const queue = options.queue ?? (await this.#choiceOf(message.topic)).next(this.#faults);
    const addr = await this.#addrOf(queue);
    await this.#instance.client.oneway(addr, this.#request(queue, outgoing));
  }

  async #prepare(message: Message): Promise<Outgoing> {
    if (!this.#running) throw new PocketError('STOPPED', 'the producer is not running');
    checkMessage(message);
    const properties = { ...message.properties };
    const msgId = properties[Property.UNIQ_KEY] ?? this.#instance.nextUniqId();
    properties[Property.UNIQ_KEY] = msgId;
    let reconsumeTimes = 0;
    let maxReconsumeTimes: number | undefined;
    if (message.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) {
      reconsumeTimes = Number(properties[Property.RECONSUME_TIME] ?? 0);
      const max = properties[Property.MAX_RECONSUME_TIMES];
      maxReconsumeTimes = max === undefined ? undefined : Number(max);
      delete properties[Property.RECONSUME_TIME];
      delete properties[Property.MAX_RECONSUME_TIMES];
    }
    const { topic, flag } = message;
    const compressed = message.body.length >= COMPRESS_FROM_BYTES;
    const body = compressed ? await compress(message.body) : message.body;
    const sysFlag =
      (compressed ? SysFlag.COMPRESSED | SysFlag.COMPRESSION_ZLIB : 0) |
      (properties[Property.TRAN_MSG] === 'true' ? SysFlag.TRANSACTION_PREPARED : 0);
    const encoded = encodeProperties(properties);
    const batch = false;
    return { topic, body, sysFlag, flag, properties: encoded, msgId, reconsumeTimes, maxReconsumeTimes, batch };
  }

  #prepareBatch(messages: readonly Message[]): Outgoing {
    if (!this.#running) throw new PocketError('STOPPED', 'the producer is not running');
    const first = checkBatch(messages);
    for (const message of messages) checkMessage(message);
    const { topic, body, properties, msgIds } = encodeBatch(messages, first, () => this.#instance.nextUniqId());
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
      batch: true,
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
    return { sendStatus, msgId: outgoing.msgId, offsetMsgId, messageQueue: { ...queue, queueId }, queueOffset };
  }

  async #addrOf(queue: MessageQueue): Promise<string> {
    const { routes } = this.#instance;
    if (routes.masterAddr(queue.brokerName) === undefined) await routes.publishRoute(queue.topic);
    const addr = routes.masterAddr(queue.brokerName);
    if (addr !== undefined) return addr;
    routes.refreshSoon(queue.topic);
    throw new PocketError('NOT_FOUND', `The broker[${queue.brokerName}] not exist`, { detail: queue.brokerName });
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
      batch: outgoing.batch,
      bname: queue.brokerName,
    });
    return createRequest(outgoing.batch ? sendBatchMessage : sendMessageV2, header, outgoing.body);
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

function checkMessage(message: Message): void {
  const fault = topicFault(message.topic);
  if (fault !== undefined) throw new PocketError('ILLEGAL_ARGUMENT', fault, { detail: message.topic });
  if (message.body.length === 0) throw new PocketError('ILLEGAL_ARGUMENT', 'the message body length is zero');
  checkSize(message.body);
}

function checkSize(body: Buffer): void {
  if (body.length > MAX_MESSAGE_SIZE) {
    throw new PocketError('ILLEGAL_ARGUMENT', `the message body size over max value, MAX: ${MAX_MESSAGE_SIZE}`);
  }
}

/** Loaded when first needed: a tool that sends short messages starts without it. */
async function compress(body: Buffer): Promise<Buffer> {
  const { compressBody } = await import('../../message/compression.ts');
  return compressBody(body);
}
