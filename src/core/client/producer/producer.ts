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
import { Property } from '../../message/properties.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { sendMessageV2 } from '../../protocol/requests/send-message-v2.ts';
import { decodeHeader } from '../../protocol/schema.ts';
import { responseError } from '../../remoting/call.ts';
import type { RemotingCommand } from '../../remoting/remoting-command.ts';
import { ClientInstance } from '../client-instance.ts';
import { checkRange, MAX_INT } from '../client-options.ts';
import type { ProducerMember } from '../client-processors.ts';
import { brokerNotFound } from '../find-broker.ts';
import { publishQueues } from '../topic-queues.ts';
import type { AsyncTraceDispatcher } from '../trace/async-trace-dispatcher.ts';
import { sendTrace, type TracedSend } from '../trace/send-trace.ts';
import { traceOver, traceProducerOf } from '../trace/trace-producer.ts';
import { FaultTable } from './fault-table.ts';
import { greetRepliers } from './greet-repliers.ts';
import { type Outgoing, outgoingBatch, outgoingOf, requestOf } from './outgoing.ts';
import { checkProducerOptions, type ProducerOptions, type SendCallback, type SendOptions } from './producer-options.ts';
import { QueueChoice } from './queue-choice.ts';
import type { ReplyMessage } from './request-table.ts';
import { finalFailure, isRetriable, notRunning, retryCodesWith } from './send-failures.ts';
import { type SendResult, sendStatusByCode } from './send-result.ts';
import { SendWindow } from './send-window.ts';

const SEND_TIMEOUT_MS = 3000;
const RETRY_TIMES = 2;
const ASYNC_SEND_NUM = 10_000;
const ASYNC_SEND_SIZE = 100 * 1024 * 1024;
const MAX_CHOICES = 10_000;

/** Sends messages. Made once, started once, used for as long as the program sends, then stopped. */
export class Producer implements Service {
  readonly #options: ProducerOptions;
  readonly #instance: ClientInstance;
  readonly #faults: FaultTable;
  readonly #retryCodes: ReadonlySet<number>;
  readonly #window: SendWindow;
  readonly #trace: AsyncTraceDispatcher | undefined;
  /** By topic, remade when the route changes. */
  readonly #choices = new Map<string, { route: TopicRouteData; choice: QueueChoice }>();
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /** Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used. */
  constructor(options: ProducerOptions) {
    checkProducerOptions(options);
    this.#options = options;
    this.#instance = options.instance ?? new ClientInstance(options);
    this.#faults = new FaultTable(this.#instance.clock, options);
    this.#retryCodes = retryCodesWith(options.retryResponseCodes);
    const { backPressureForAsyncSendNum = ASYNC_SEND_NUM, backPressureForAsyncSendSize = ASYNC_SEND_SIZE } = options;
    this.#window = new SendWindow(backPressureForAsyncSendNum, backPressureForAsyncSendSize);
    this.#trace = options.enableMsgTrace
      ? traceOver(new Producer(traceProducerOf(options.group, 'PRODUCE', this.#instance)), this.#instance, options)
      : undefined;
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
    return this.#sendOutgoing(await this.#prepare(message), await this.#queueOf(message, options), deadline);
  }

  /**
   * Takes one message to send and resolves when it is taken: at once, or when fewer are under way than
   * backPressureForAsyncSendNum and their bodies shorter than backPressureForAsyncSendSize. `callback` is told how it went.
   * Whoever waits for each call may send any number of messages with a bounded memory. Rejects with STOPPED.
   */
  async sendAsync(message: NewMessage, callback: SendCallback, options: SendOptions = {}): Promise<void> {
    if (this.#state !== 'running') throw notRunning(this.#state);
    const bytes = message.body.length;
    const entered = this.#window.take(bytes);
    if (entered !== undefined) await entered;
    const given = (): void => this.#window.give(bytes);
    // Whoever waits for idle() has heard of every message.
    void this.send(message, options)
      .then(
        (result) => callback.onSuccess(result),
        (error: unknown) => callback.onException(error),
      )
      .finally(given);
  }

  /** Resolves when what sendAsync() took is answered. */
  idle(): Promise<void> {
    return this.#window.idle();
  }

  /**
   * Sends messages of one topic in one request: the broker stores all of them, one behind the other in one queue, or none.
   * They must agree in WAIT, have no DELAY and not be for a retry topic, and be encoded no larger than 4 MiB together; a
   * list that is too long is the caller's to split. `msgId` and `offsetMsgId` of the result are the ids of all messages,
   * joined by commas, `queueOffset` is the first one's. Nothing is compressed. Rejects as send() does.
   */
  async sendBatch(messages: readonly NewMessage[], options: SendOptions = {}): Promise<SendResult> {
    const deadline = this.#deadline(options);
    return this.#sendOutgoing(this.#batchOf(messages), options.queue, deadline);
  }

  #deadline(options: SendOptions): number {
    const timeoutMs = options.timeoutMs ?? this.#options.sendMsgTimeout ?? SEND_TIMEOUT_MS;
    return this.#instance.clock.monotonic() + timeoutMs;
  }

  async #sendOutgoing(outgoing: Outgoing, given: MessageQueue | undefined, deadline: number): Promise<SendResult> {
    if (given !== undefined) return this.#sendTo(given, outgoing, deadline);
    const choice = await this.#choiceOf(outgoing.topic);
    const tries = 1 + (this.#options.retryTimesWhenSendFailed ?? RETRY_TIMES);
    let failure: PocketError | undefined;
    let notStoreOk: SendResult | undefined;
    let queue: MessageQueue | undefined;
    for (let tried = 0; tried < tries && this.#state === 'running'; tried++) {
      if (tried > 0 && this.#instance.clock.monotonic() >= deadline) break;
      queue = choice.next(this.#faults, queue?.brokerName);
      try {
        const result = await this.#sendTo(queue, outgoing, deadline);
        if (result.sendStatus === 'SEND_OK' || !this.#options.retryAnotherBrokerWhenNotStoreOK) return result;
        notStoreOk = result;
      } catch (error) {
        if (!(error instanceof PocketError)) throw error;
        if (!isRetriable(error, this.#retryCodes)) {
          if (notStoreOk !== undefined) return notStoreOk;
          throw error;
        }
        failure = error;
        this.#instance.logger.warn(`sending to ${queue.brokerName} failed: ${error.message}`);
      }
    }
    if (notStoreOk !== undefined) return notStoreOk;
    throw finalFailure(outgoing.topic, failure);
  }

  /**
   * Sends without waiting for the broker: resolves when the request is on its way, or where the broker reads too slowly when it
   * has left. Rejects as send() does, but for what the broker would answer.
   */
  async sendOneway(message: NewMessage, options: Omit<SendOptions, 'timeoutMs'> = {}): Promise<void> {
    const outgoing = await this.#prepare(message);
    const queue = (await this.#queueOf(message, options)) ?? (await this.#choiceOf(message.topic)).next(this.#faults);
    const addr = await this.#addrOf(queue);
    await this.#instance.client.oneway(addr, this.#requestOf(queue, outgoing));
  }

  /**
   * Sends a message and waits for the reply that a consumer of its topic makes with createReplyMessage(). Resolves to the
   * reply, whichever consumer it came from first. Rejects with PocketError TIMEOUT when none came within `timeoutMs`, which
   * counts from here (responseCode 10006 when the message was sent), else as send() does.
   */
  async request(
    message: NewMessage,
    timeoutMs: number,
    options: Omit<SendOptions, 'timeoutMs'> = {},
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
      await this.#sendOutgoing(outgoing, await this.#queueOf(message, options), deadline);
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
    return outgoingOf(message, this.#options, this.#instance.nextUniqId);
  }

  #batchOf(messages: readonly NewMessage[]): Outgoing {
    if (this.#state !== 'running') throw notRunning(this.#state);
    return outgoingBatch(messages, this.#options, this.#instance.nextUniqId);
  }

  #requestOf(queue: MessageQueue, outgoing: Outgoing): RemotingCommand {
    const { group } = this.#options;
    return requestOf(outgoing, queue, { group, bornTimestamp: this.#instance.clock.now() });
  }

  /** The queue that the options name or select. */
  async #queueOf(message: NewMessage, { queue, selector, arg }: SendOptions): Promise<MessageQueue | undefined> {
    if (queue !== undefined || selector === undefined) return queue;
    if (arg === undefined) throw new PocketError('ILLEGAL_ARGUMENT', 'a selector needs an arg to go by');
    const selected = selector((await this.#choiceOf(message.topic)).queues, message, arg);
    if (selected === undefined) throw new PocketError('ILLEGAL_ARGUMENT', 'select message queue return null.');
    return selected;
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
      answer = await client.invoke(addr, this.#requestOf(queue, outgoing), timeoutMs);
    } catch (error) {
      this.#faults.failed(queue.brokerName, clock.monotonic() - begun);
      this.#instance.routes.refreshSoon(queue.topic);
      throw error;
    }
    const sendStatus = sendStatusByCode.get(answer.code);
    if (sendStatus === undefined) {
      if (this.#faults.latencyFault || this.#retryCodes.has(answer.code))
        this.#faults.failed(queue.brokerName, clock.monotonic() - begun);
      throw responseError(answer, addr);
    }
    this.#faults.succeeded(queue.brokerName, clock.monotonic() - begun);
    const { msgId: offsetMsgId, queueId, queueOffset } = decodeHeader(sendMessageV2.response, answer.extFields);
    const messageQueue = { ...queue, queueId };
    const result = { sendStatus, msgId: outgoing.msgId, offsetMsgId, messageQueue, queueOffset };
    this.#tell(result, outgoing, { begun: begunAt, brokerAddr: addr, extFields: answer.extFields });
    return result;
  }

  /** Traces a message that was sent. */
  #tell(result: SendResult, outgoing: Outgoing, sent: Pick<TracedSend, 'begun' | 'brokerAddr' | 'extFields'>): void {
    if (this.#trace === undefined || outgoing.topic.startsWith(this.#trace.traceTopic)) return;
    const { topic, body, properties } = outgoing;
    const ended = this.#instance.clock.now();
    const trace = sendTrace({ ...sent, ...{ group: this.#options.group, topic, body, properties, ended, result } });
    if (trace !== undefined) this.#trace.append(trace);
  }

  async #addrOf(queue: MessageQueue): Promise<string> {
    const { routes } = this.#instance;
    if (routes.masterAddr(queue.brokerName) === undefined) await routes.publishRoute(queue.topic);
    const addr = routes.masterAddr(queue.brokerName);
    if (addr !== undefined) return addr;
    routes.refreshSoon(queue.topic);
    throw brokerNotFound(queue.brokerName);
  }
}
