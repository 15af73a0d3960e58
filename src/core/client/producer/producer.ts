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
import { ResponseCode } from '../../protocol/response-code.ts';
import { decodeHeader } from '../../protocol/schema.ts';
import { responseError } from '../../remoting/call.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { ClientInstance } from '../client-instance.ts';
import { type ClientOptions, checkRange, MAX_INT } from '../client-options.ts';
import type { ProducerMember } from '../client-processors.ts';
import { brokerNotFound } from '../find-broker.ts';
import { checkGroup } from '../group-name.ts';
import { topicNotFound } from '../namesrv-client.ts';
import { publishQueues } from '../topic-queues.ts';
import { FaultTable } from './fault-table.ts';
import { checkBatch, encodeBatch } from './message-batch.ts';
import { bodyOf, checkSize, propertiesOf } from './new-message.ts';
import { QueueChoice } from './queue-choice.ts';
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
export interface ProducerOptions extends ClientOptions {
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
  readonly batch: boolean;
}

/** Sends messages. Made once, started once, used for as long as the program sends, then stopped. */
export class Producer implements Service {
  readonly #options: ProducerOptions;
  readonly #instance: ClientInstance;
  readonly #faults: FaultTable;
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
  }

  /** @internal */
  protected get instance(): ClientInstance {
    return this.#instance;
  }

  /**
   * Who answers what brokers ask about transactions.
   * @internal
   */
  protected get member(): ProducerMember | undefined {
    return undefined;
  }

  /**
   * Makes ready to send; connections are made when they are first needed, so a name server that is away shows at the first
   * send. Rejects with PocketError NO_NAMESRV when no address was given, STOPPED after stop(). Idempotent.
   */
  async start(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'stopped') throw new PocketError('STOPPED', 'a stopped producer cannot be started again');
    this.#state = 'running';
    this.#instance.registerProducer(this.#options.group, this.member);
    try {
      if (this.#options.instance === undefined) await this.#instance.start();
    } catch (error) {
      this.#state = 'created';
      throw error;
    }
  }

  /** Leaves the group and closes the connections; sends under way reject. Idempotent. */
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

  async #stop(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'stopped';
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
    const batch = false;
    return { topic, body, sysFlag, flag, properties: encoded, msgId, reconsumeTimes, maxReconsumeTimes, batch };
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

function notRunning(state: 'created' | 'stopped'): PocketError {
  const text = state === 'created' ? 'the producer is not started: call start() first' : 'the producer was stopped';
  return new PocketError('STOPPED', text);
}

/** Loaded when first needed: a tool that sends short messages starts without it. */
async function compress(body: Buffer): Promise<Buffer> {
  const { compressBody } = await import('../../message/compression.ts');
  return compressBody(body);
}
