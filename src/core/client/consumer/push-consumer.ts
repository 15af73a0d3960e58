/**
 * A member of a consumer group: shares the queues of its topics with the other members, or with broadcasting takes all of
 * them, and hands each message to a listener, concurrently or in order. Mirrors DefaultMQPushConsumer and
 * DefaultMQPushConsumerImpl.
 *
 * Delivery is at least once: a message counts as consumed when the listener says so. Offsets are committed every 5 s, when
 * a queue is given up, and at stop. What happens to a message that was not consumed stands in the two consume services.
 *
 * Known differences: a listener that returns no status has consumed (in Java null means it has not); a topic that does
 * not exist is looked for every second (Java: every 30 s); stop() waits for the listener calls under way (up to
 * awaitTerminationMillisWhenShutdown) before it commits. What brokers ask of it stands in push-requests.ts.
 */

import type { Timer } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import type { ConsumerData } from '../../protocol/bodies/heartbeat-data.ts';
import { ClientInstance } from '../client-instance.ts';
import type { MemberRequests } from '../client-processors.ts';
import { Delays } from '../delays.ts';
import { Producer } from '../producer/producer.ts';
import type { AsyncTraceDispatcher } from '../trace/async-trace-dispatcher.ts';
import { traceOver, traceProducerOf } from '../trace/trace-producer.ts';
import { tracedListener } from '../trace/traced-listener.ts';
import { strategyOf } from './allocate/strategies.ts';
import { checkClientConfig } from './check-client-config.ts';
import { ConsumerStats } from './consumer-stats.ts';
import { findTopic } from './find-topic.ts';
import { GroupSubscriptions } from './group-subscriptions.ts';
import { LocalFileOffsetStore } from './local-file-offset-store.ts';
import { type ConsumeService, makeConsumeService } from './make-consume-service.ts';
import { type OffsetStore, PERSIST_MS } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';
import { pullLoop } from './pull-loop.ts';
import { type AnyPushConsumerOptions, checkPushOptions } from './push-consumer-options.ts';
import { measuredListener, pushRequests } from './push-requests.ts';
import { LOCK_RENEWAL_MS, QueueLocks } from './queue-locks.ts';
import { maxOffset, searchOffset } from './queue-offset.ts';
import { Rebalancer } from './rebalancer.ts';
import { RemoteBrokerOffsetStore } from './remote-broker-offset-store.ts';
import { INNER_PRODUCER_GROUP } from './send-back.ts';
import { type StartFrom, startOffset } from './start-offset.ts';
import { SUBSCRIBE_ALL } from './subscription.ts';

const REBALANCE_MS = 20_000;
/** What is under way with an offset the broker does not have may end before the offset is corrected. */
const OFFSET_MOVED_PAUSE_MS = 10_000;
/** Where a group without offsets begins with CONSUME_FROM_TIMESTAMP and no consumeTimestamp. */
const HALF_AN_HOUR_MS = 30 * 60 * 1000;
const MAX_SPAN = 2000;
const MIB = 1024 * 1024;

/**
 * A member of a consumer group: shares the queues of its topics with the other members and hands each message to a listener,
 * at least once.
 */
export class PushConsumer implements Service {
  /** The consumer group. */
  readonly group: string;
  readonly #options: AnyPushConsumerOptions;
  readonly #instance: ClientInstance;
  readonly #producer: Producer;
  readonly #trace: AsyncTraceDispatcher | undefined;
  readonly #offsets: OffsetStore;
  readonly #delays: Delays;
  readonly #consume: ConsumeService;
  /** Of an ordered consumer in clustering mode. */
  readonly #locks: QueueLocks | undefined;
  readonly #rebalancer: Rebalancer;
  readonly #subscriptions: GroupSubscriptions;
  readonly #stats: ConsumerStats;
  readonly #retryTopic: string;
  readonly #isBroadcast: boolean;
  readonly #loops = new Set<Promise<void>>();
  #timers: Timer[] = [];
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /**
   * Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used, and for a subscription
   * without a tag.
   */
  constructor(options: AnyPushConsumerOptions) {
    checkPushOptions(options);
    this.#options = options;
    this.group = options.group;
    this.#retryTopic = `${RETRY_GROUP_TOPIC_PREFIX}${options.group}`;
    this.#isBroadcast = options.messageModel === 'BROADCASTING';
    // The offsets' file is found again by the client id, so with broadcasting that must not change from start to start.
    const instanceName = options.instanceName ?? (this.#isBroadcast ? 'DEFAULT' : undefined);
    const instance = new ClientInstance({ ...options, instanceName });
    this.#instance = instance;
    this.#producer = new Producer({ group: INNER_PRODUCER_GROUP, instance });
    this.#trace = options.enableMsgTrace
      ? traceOver(new Producer(traceProducerOf(options.group, 'CONSUME', instance)), instance, options)
      : undefined;
    this.#offsets = this.#isBroadcast
      ? new LocalFileOffsetStore({
          folder: options.localOffsetStoreDir,
          clientId: instance.clientId,
          group: options.group,
          logger: instance.logger,
        })
      : new RemoteBrokerOffsetStore(instance, options.group);
    this.#delays = new Delays(instance.clock);
    this.#stats = new ConsumerStats(instance.clock);
    this.#subscriptions = new GroupSubscriptions(instance, {
      ...options.subscriptions,
      ...(this.#isBroadcast ? {} : { [this.#retryTopic]: SUBSCRIBE_ALL }),
    });
    this.#locks =
      options.ordered === true && !this.#isBroadcast
        ? new QueueLocks({ instance, group: options.group, onLost: (mq) => this.#lost(mq) })
        : undefined;
    const trace = this.#trace;
    const heard =
      trace === undefined
        ? options
        : tracedListener(options, {
            clock: instance.clock,
            nextUniqId: instance.nextUniqId,
            append: (context) => trace.append(context),
          });
    this.#consume = makeConsumeService(measuredListener(heard, this.#stats), {
      instance,
      producer: this.#producer,
      offsets: this.#offsets,
      delays: this.#delays,
      locks: this.#locks,
    });
    this.#rebalancer = this.#makeRebalancer();
  }

  /** Queues held now, retry queues included. */
  queues(): MessageQueue[] {
    return this.#rebalancer.queues();
  }

  /** The name the brokers know this member by. */
  get clientId(): string {
    return this.#instance.clientId;
  }

  /**
   * Joins the group and takes a first share of the queues. A topic that does not exist is waited for. Rejects, stopped,
   * with PocketError CONNECT, TIMEOUT or NO_NAMESRV when no namesrv answers; with STOPPED after stop(). Idempotent.
   */
  async start(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'stopped') throw new PocketError('STOPPED', 'a stopped consumer cannot be started again');
    this.#state = 'running';
    const { clock } = this.#instance;
    try {
      if (this.#offsets instanceof LocalFileOffsetStore) this.#offsets.load();
      await this.#instance.start();
      await this.#producer.start();
      await this.#trace?.start();
      this.#instance.registerConsumer({
        group: this.group,
        consumerData: () => this.#consumerData(),
        rebalanceSoon: (topic) => this.#rebalanceSoon(topic),
        requests: this.#requests(),
      });
      await Promise.all(
        Object.keys(this.#options.subscriptions).map((topic) =>
          findTopic(this.#instance, this.#delays, this.group, topic),
        ),
      );
      await checkClientConfig(this.#instance, this.group, this.#subscriptions.announced());
      await this.#instance.heartbeat();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#stopping !== undefined) return;
    this.#timers = [
      clock.every(REBALANCE_MS, () => this.#rebalanceSoon()),
      clock.every(PERSIST_MS, () => void this.#offsets.persistAll()),
      clock.every(LOCK_RENEWAL_MS, () => void this.#locks?.renew()),
    ];
    await this.#rebalancer.run();
  }

  /** Ends consumption, commits the offsets and leaves the group. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #consumerData(): ConsumerData {
    return {
      groupName: this.group,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: this.#isBroadcast ? 'BROADCASTING' : 'CLUSTERING',
      consumeFromWhere: this.#startFrom(),
      subscriptionDataSet: this.#subscriptions.announced(),
      unitMode: false,
    };
  }

  #requests(): MemberRequests {
    return pushRequests({
      options: this.#options,
      instance: this.#instance,
      offsets: this.#offsets,
      rebalancer: this.#rebalancer,
      subscriptions: this.#subscriptions,
      stats: this.#stats,
      locks: this.#locks,
      ordered: this.#consume.ordered,
      rebalanceSoon: () => this.#rebalanceSoon(),
    });
  }

  #rebalanceSoon(topic?: string): void {
    if (this.#timers.length === 0 || (topic !== undefined && !this.#subscriptions.has(topic))) return;
    void this.#rebalancer.run();
  }

  #startFrom(): StartFrom {
    return this.#options.consumeFromWhere ?? 'CONSUME_FROM_LAST_OFFSET';
  }

  #makeRebalancer(): Rebalancer {
    const options = this.#options;
    const instance = this.#instance;
    const timestamp = options.consumeTimestamp ?? instance.clock.now() - HALF_AN_HOUR_MS;
    const source = {
      committed: (mq: MessageQueue) => this.#offsets.fetch(mq),
      max: (mq: MessageQueue) => maxOffset(instance, mq),
      byTime: (mq: MessageQueue, time: number) => searchOffset(instance, mq, time),
    };
    return new Rebalancer({
      instance,
      group: this.group,
      topics: this.#subscriptions.topics(),
      offsets: this.#offsets,
      delays: this.#delays,
      limits: {
        messages: options.pullThresholdForQueue ?? 1000,
        bytes: (options.pullThresholdSizeForQueue ?? 100) * MIB,
        // What is consumed in order lies within the limit of messages anyway.
        span: options.ordered === true ? Number.POSITIVE_INFINITY : MAX_SPAN,
      },
      strategy: this.#isBroadcast ? undefined : strategyOf(options.allocateMessageQueueStrategy),
      ...this.#consume.ordered,
      startOffset: (mq) => startOffset(mq, { where: this.#startFrom(), timestamp }, source),
      changed: (topic) => this.#subscriptions.renew(topic),
      taken: (queue, offset) => this.#pull(queue, offset),
    });
  }

  #pull(queue: ProcessQueue, offset: number): void {
    const loop = pullLoop(
      {
        instance: this.#instance,
        group: this.group,
        bringSubscription: false,
        delays: this.#delays,
        batchSize: this.#options.pullBatchSize ?? 32,
        subscription: (topic) => this.#subscriptions.heard(topic),
        pulled: (topic, messages, ms) => this.#stats.pulled(topic, messages, ms),
        // With broadcasting the brokers keep no offsets.
        commitOffset: (mq) => (this.#isBroadcast ? undefined : this.#offsets.read(mq)),
        passedOver: ({ mq }, next) => this.#offsets.update(mq, next, true),
        deliver: (held, messages) => this.#deliver(held, messages),
        offsetMoved: (moved, next) => void this.#correctOffset(moved, next),
      },
      queue,
      offset,
    ).finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  /** The listener sees a retried message under the topic it was first sent to. */
  #deliver(queue: ProcessQueue, messages: MessageExt[]): void {
    if (queue.mq.topic === this.#retryTopic) {
      for (const message of messages) message.topic = message.properties[Property.RETRY_TOPIC] ?? message.topic;
    }
    this.#consume.service.submit(queue, messages);
  }

  /** Somebody else may have consumed the queue by now: nothing of it is committed, and its start is found anew. */
  #lost(mq: MessageQueue): void {
    const queue = this.#rebalancer.held(mq);
    // It is being given up, and its last call has not ended yet.
    if (queue === undefined) {
      this.#offsets.remove(mq);
      return;
    }
    this.#instance.logger.warn(`${this.group} lost the lock of ${mq.topic} ${mq.brokerName} ${mq.queueId}`);
    queue.drop();
    this.#rebalancer.release(queue);
    this.#rebalanceSoon();
  }

  async #correctOffset(queue: ProcessQueue, next: number): Promise<void> {
    const { topic, brokerName, queueId } = queue.mq;
    this.#instance.logger.warn(
      `${topic} ${brokerName} ${queueId} does not have the offset asked for, goes on at ${next}`,
    );
    if (!(await this.#delays.wait(OFFSET_MOVED_PAUSE_MS)) || !this.#rebalancer.isHeld(queue)) return;
    this.#offsets.update(queue.mq, next, false);
    await this.#offsets.persist(queue.mq);
    this.#rebalancer.release(queue);
    this.#rebalanceSoon();
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'stopped';
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#delays.end();
    const patience = new Delays(this.#instance.clock);
    await Promise.race([
      this.#consume.service.close(),
      patience.wait(this.#options.awaitTerminationMillisWhenShutdown ?? 5000),
    ]);
    patience.end();
    await this.#rebalancer.stop();
    if (wasRunning) await this.#offsets.persistAll();
    await this.#consume.ordered?.unlockAll(this.#locks?.held() ?? []);
    await this.#trace?.stop();
    await this.#producer.stop();
    await this.#instance.stop();
    await Promise.all(this.#loops);
  }
}
