/**
 * Takes messages from the queues a program chooses, at the offsets it chooses. Mirrors DefaultMQPullConsumer and
 * DefaultMQPullConsumerImpl with MQAdminImpl's questions about queues.
 *
 * The brokers know the group as one that consumes actively (heartbeats every 30 s). Offsets given to updateConsumeOffset are
 * committed every 5 s and at stop.
 *
 * Known differences: every offset given is committed (Java's are only for registered topics, and forgotten otherwise); an
 * offset that is not there is undefined instead of -1; a failure to ask for one rejects instead of -2; registered topics,
 * their division among the group and its listener are not there, nor are SQL92 and broadcasting.
 */

import type { Timer } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import type { MessageExt } from '../../message/message.ts';
import { compareMessageQueues, type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { getEarliestMsgStoretime } from '../../protocol/requests/get-earliest-msg-storetime.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { MASTER_ID } from '../broker-addr.ts';
import { ClientInstance } from '../client-instance.ts';
import { type ClientOptions, checkRange, MAX_INT } from '../client-options.ts';
import { findReader } from '../find-broker.ts';
import { checkGroup } from '../group-name.ts';
import { Producer } from '../producer/producer.ts';
import { queuesNotFound, subscribeQueues } from '../topic-queues.ts';
import { PERSIST_MS } from './offset-store.ts';
import { type PullResult, pullQueue } from './pull.ts';
import { pullMember } from './pull-member.ts';
import { askMaster, maxOffset, placeOf, searchOffset } from './queue-offset.ts';
import { RemoteBrokerOffsetStore } from './remote-broker-offset-store.ts';
import { INNER_PRODUCER_GROUP, sendBack } from './send-back.ts';
import { SUBSCRIBE_ALL, tagSubscription } from './subscription.ts';

const PULL_TIMEOUT_MS = 10_000;
const SUSPEND_MS = 20_000;
const TIMEOUT_WHEN_SUSPENDED_MS = 30_000;
const MAX_RECONSUME_TIMES = 16;

/** What a PullConsumer takes. */
export interface PullConsumerOptions extends ClientOptions {
  /** Consumer group; offsets are stored for it. */
  readonly group: string;
  /** Time-out of pull(), ms; default 10000. */
  readonly consumerPullTimeoutMillis?: number | undefined;
  /** How long a broker may hold a pullBlockIfNotFound() until a message comes, ms; default 20000. */
  readonly brokerSuspendMaxTimeMillis?: number | undefined;
  /** Time-out of pullBlockIfNotFound(), ms; default 30000, not less than brokerSuspendMaxTimeMillis. */
  readonly consumerTimeoutMillisWhenSuspend?: number | undefined;
  /** How often a message that was sent back is delivered again before it becomes a dead letter; default 16. */
  readonly maxReconsumeTimes?: number | undefined;
}

/**
 * Takes messages from the queues and at the offsets a program chooses. Everything but the constructor and start() rejects
 * with PocketError STOPPED before start() and after stop(), with NOT_FOUND for a topic or broker that does not exist, and
 * with CONNECT, TIMEOUT or RESPONSE when a server cannot be reached or refuses.
 */
export class PullConsumer implements Service {
  /** The consumer group. */
  readonly group: string;
  readonly #options: PullConsumerOptions;
  readonly #instance: ClientInstance;
  readonly #producer: Producer;
  readonly #offsets: RemoteBrokerOffsetStore;
  /** messageQueueKey -> the broker id that the last answer suggested; masters are not noted. */
  readonly #pullFrom = new Map<string, number>();
  #persisting: Timer | undefined;
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /** Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used. */
  constructor(options: PullConsumerOptions) {
    checkGroup(options?.group);
    checkTimes(options);
    this.#options = options;
    this.group = options.group;
    this.#instance = new ClientInstance(options);
    this.#producer = new Producer({ group: INNER_PRODUCER_GROUP, instance: this.#instance });
    this.#offsets = new RemoteBrokerOffsetStore(this.#instance, options.group);
  }

  /** The name the brokers know this client by. */
  get clientId(): string {
    return this.#instance.clientId;
  }

  /** Joins the group. Rejects with PocketError NO_NAMESRV when no address was given, STOPPED after stop(). Idempotent. */
  async start(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'stopped') throw new PocketError('STOPPED', 'a stopped consumer cannot be started again');
    this.#state = 'running';
    try {
      await this.#instance.start();
    } catch (error) {
      this.#state = 'created';
      throw error;
    }
    if (this.#stopping !== undefined) return;
    await this.#producer.start();
    this.#instance.registerConsumer(pullMember(this.group, this.#instance, this.#offsets));
    this.#persisting = this.#instance.clock.every(PERSIST_MS, () => void this.#offsets.persistAll());
  }

  /** Commits the offsets, leaves the group and closes the connections; pulls under way reject. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The queues of a topic that can be read, as a name server knows them now: by brokerName, then queueId. */
  fetchSubscribeMessageQueues(topic: string): Promise<MessageQueue[]> {
    return this.#whileRunning(async () => {
      const queues = subscribeQueues(topic, await this.#instance.routes.fetch(topic));
      if (queues.length === 0) throw queuesNotFound(topic);
      return queues.sort(compareMessageQueues);
    });
  }

  /**
   * Takes at most `maxNums` messages of a queue from `offset` on; what there is comes at once. `subExpression` is `*` or
   * `TagA || TagB`. Where to go on is `nextBeginOffset`, also when nothing was found.
   */
  pull(mq: MessageQueue, subExpression: string, offset: number, maxNums: number): Promise<PullResult> {
    return this.#pull({ mq, subExpression, offset, maxNums }, false);
  }

  /** As pull(), but the broker holds the request until a message comes, up to `brokerSuspendMaxTimeMillis`. */
  pullBlockIfNotFound(mq: MessageQueue, subExpression: string, offset: number, maxNums: number): Promise<PullResult> {
    return this.#pull({ mq, subExpression, offset, maxNums }, true);
  }

  /** The lowest offset the queue still holds. */
  minOffset(mq: MessageQueue): Promise<number> {
    return this.#whileRunning(async () => {
      return (await askMaster(this.#instance, checked(mq), getMinOffset, placeOf(mq))).offset;
    });
  }

  /** The offset the next message of the queue will have. */
  maxOffset(mq: MessageQueue): Promise<number> {
    return this.#whileRunning(() => maxOffset(this.#instance, checked(mq)));
  }

  /** The offset of the message stored nearest to a time, milliseconds since 1970. */
  searchOffset(mq: MessageQueue, timestamp: number): Promise<number> {
    return this.#whileRunning(() => searchOffset(this.#instance, checked(mq), timestamp));
  }

  /** When the queue's first message was stored, milliseconds since 1970; -1 without one. */
  earliestMsgStoreTime(mq: MessageQueue): Promise<number> {
    return this.#whileRunning(async () => {
      return (await askMaster(this.#instance, checked(mq), getEarliestMsgStoretime, placeOf(mq))).timestamp;
    });
  }

  /**
   * Where the group stands in a queue: what updateConsumeOffset was given here, else (with `fromStore` always) what the broker
   * has; undefined when it has nothing.
   */
  fetchConsumeOffset(mq: MessageQueue, fromStore = false): Promise<number | undefined> {
    return this.#whileRunning(async () => {
      const known = fromStore ? undefined : this.#offsets.read(checked(mq));
      return known ?? this.#offsets.fetch(checked(mq));
    });
  }

  /** Says where the group goes on in a queue; committed within 5 s, and at stop. Throws PocketError STOPPED. */
  updateConsumeOffset(mq: MessageQueue, offset: number): void {
    this.#requireRunning();
    checkRange('the offset', offset, 0, Number.MAX_SAFE_INTEGER);
    this.#offsets.update(checked(mq), offset, false);
  }

  /**
   * Gives a pulled message back to its broker, which delivers it to the group again: `delayLevel` 1 to 18 after that delay, 0
   * after one that grows with every try, -1 never (it becomes a dead letter).
   */
  sendMessageBack(message: MessageExt, delayLevel = 0): Promise<void> {
    return this.#whileRunning(() => {
      const { maxReconsumeTimes = MAX_RECONSUME_TIMES } = this.#options;
      const from = { instance: this.#instance, producer: this.#producer, group: this.group };
      return sendBack({ ...from, maxReconsumeTimes, delayLevel }, message, message.brokerName ?? '');
    });
  }

  #pull(wanted: Wanted, block: boolean): Promise<PullResult> {
    return this.#whileRunning(async () => {
      const { offset, maxNums } = wanted;
      const mq = checked(wanted.mq);
      checkRange('the offset', offset, 0, Number.MAX_SAFE_INTEGER);
      checkRange('maxNums', maxNums, 1, MAX_INT);
      const key = messageQueueKey(mq);
      const { client, routes } = this.#instance;
      const addr = await findReader(routes, mq, this.#pullFrom.get(key) ?? MASTER_ID);
      const result = await pullQueue(client, addr, {
        mq,
        consumerGroup: this.group,
        offset,
        maxMsgNums: maxNums,
        subscription: tagSubscription(mq.topic, wanted.subExpression ?? SUBSCRIBE_ALL, 0),
        bringSubscription: true,
        ...this.#times(block),
      });
      if (result.suggestWhichBrokerId === MASTER_ID) this.#pullFrom.delete(key);
      else this.#pullFrom.set(key, result.suggestWhichBrokerId);
      return result;
    });
  }

  #times(block: boolean): { suspendTimeoutMillis: number; timeoutMs: number } {
    const options = this.#options;
    if (!block) return { suspendTimeoutMillis: 0, timeoutMs: options.consumerPullTimeoutMillis ?? PULL_TIMEOUT_MS };
    return {
      suspendTimeoutMillis: options.brokerSuspendMaxTimeMillis ?? SUSPEND_MS,
      timeoutMs: options.consumerTimeoutMillisWhenSuspend ?? TIMEOUT_WHEN_SUSPENDED_MS,
    };
  }

  /** What a stop broke off says so, whatever came of its connection. */
  async #whileRunning<R>(work: () => Promise<R>): Promise<R> {
    this.#requireRunning();
    try {
      return await work();
    } catch (cause) {
      if (this.#state !== 'stopped') throw cause;
      throw new PocketError('STOPPED', 'the consumer was stopped', { cause });
    }
  }

  #requireRunning(): void {
    if (this.#state === 'running') return;
    const never = this.#state === 'created';
    throw new PocketError('STOPPED', `the consumer ${never ? 'is not started: call start() first' : 'was stopped'}`);
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'stopped';
    this.#persisting?.cancel();
    if (wasRunning) await this.#offsets.persistAll();
    await this.#producer.stop();
    await this.#instance.stop();
  }
}

interface Wanted {
  readonly mq: MessageQueue;
  readonly subExpression: string;
  readonly offset: number;
  readonly maxNums: number;
}

function checked(mq: MessageQueue): MessageQueue {
  if (typeof mq?.topic === 'string' && typeof mq.brokerName === 'string' && Number.isInteger(mq.queueId)) return mq;
  throw new PocketError(
    'ILLEGAL_ARGUMENT',
    'a queue is { topic, brokerName, queueId }, see fetchSubscribeMessageQueues',
  );
}

function checkTimes(options: PullConsumerOptions): void {
  const { brokerSuspendMaxTimeMillis = SUSPEND_MS, consumerTimeoutMillisWhenSuspend = TIMEOUT_WHEN_SUSPENDED_MS } =
    options;
  checkRange('consumerPullTimeoutMillis', options.consumerPullTimeoutMillis, 1, MAX_INT);
  checkRange('brokerSuspendMaxTimeMillis', brokerSuspendMaxTimeMillis, 1, MAX_INT);
  checkRange('consumerTimeoutMillisWhenSuspend', consumerTimeoutMillisWhenSuspend, brokerSuspendMaxTimeMillis, MAX_INT);
  checkRange('maxReconsumeTimes', options.maxReconsumeTimes, -1, MAX_INT);
}
