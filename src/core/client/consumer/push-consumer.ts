/**
 * A member of a consumer group in clustering mode: shares the queues of its topics with the other members and hands each
 * message to a listener. Mirrors DefaultMQPushConsumer and DefaultMQPushConsumerImpl with a concurrent listener.
 *
 * Delivery is at least once: a message counts as consumed when the listener says CONSUME_SUCCESS; after RECONSUME_LATER it
 * is sent back to the broker, and if that fails it is tried again here after 5 s. Offsets are committed every 5 s, when a
 * queue is given up, and at stop.
 *
 * Known differences: a listener that returns no status has consumed (in Java null means RECONSUME_LATER); a topic that does
 * not exist is looked for every second (Java: every 30 s); stop() waits for the listener calls under way (up to
 * awaitTerminationMillisWhenShutdown) before it commits; a message whose consumption hangs is not sent back
 * (consumeTimeout); orderly and broadcasting modes and SQL92 are not there, and requests 220, 221, 307 and 309 are not served.
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
import { Delays } from '../delays.ts';
import { Producer } from '../producer/producer.ts';
import { ConsumeConcurrentlyService } from './consume-concurrently-service.ts';
import type { ConsumeMessageService } from './consume-message-service.ts';
import { GroupSubscriptions } from './group-subscriptions.ts';
import { type OffsetStore, PERSIST_MS } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';
import { pullLoop } from './pull-loop.ts';
import { checkPushOptions, type PushConsumerOptions } from './push-consumer-options.ts';
import { maxOffset, searchOffset } from './queue-offset.ts';
import { Rebalancer } from './rebalancer.ts';
import { RemoteBrokerOffsetStore } from './remote-broker-offset-store.ts';
import { INNER_PRODUCER_GROUP, sendBack } from './send-back.ts';
import { type StartFrom, startOffset } from './start-offset.ts';
import { SUBSCRIBE_ALL } from './subscription.ts';

const REBALANCE_MS = 20_000;
const AWAIT_TOPIC_MS = 1000;
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
  readonly #options: PushConsumerOptions;
  readonly #instance: ClientInstance;
  readonly #producer: Producer;
  readonly #offsets: OffsetStore;
  readonly #delays: Delays;
  readonly #service: ConsumeMessageService;
  readonly #rebalancer: Rebalancer;
  readonly #subscriptions: GroupSubscriptions;
  readonly #retryTopic: string;
  readonly #loops = new Set<Promise<void>>();
  #timers: Timer[] = [];
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /**
   * Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used, and for a subscription
   * without a tag.
   */
  constructor(options: PushConsumerOptions) {
    checkPushOptions(options);
    this.#options = options;
    this.group = options.group;
    this.#retryTopic = `${RETRY_GROUP_TOPIC_PREFIX}${options.group}`;
    const instance = new ClientInstance(options);
    this.#instance = instance;
    this.#producer = new Producer({ group: INNER_PRODUCER_GROUP, instance });
    this.#offsets = new RemoteBrokerOffsetStore(instance, options.group);
    this.#delays = new Delays(instance.clock);
    this.#subscriptions = new GroupSubscriptions(instance, {
      ...options.subscriptions,
      [this.#retryTopic]: SUBSCRIBE_ALL,
    });
    this.#service = this.#makeService();
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
      await this.#instance.start();
      await this.#producer.start();
      this.#instance.registerConsumer({
        group: this.group,
        consumerData: () => this.#consumerData(),
        rebalanceSoon: (topic) => this.#rebalanceSoon(topic),
      });
      await Promise.all(Object.keys(this.#options.subscriptions).map((topic) => this.#findTopic(topic)));
      await this.#instance.heartbeat();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#stopping !== undefined) return;
    this.#timers = [
      clock.every(REBALANCE_MS, () => this.#rebalanceSoon()),
      clock.every(PERSIST_MS, () => void this.#offsets.persistAll()),
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
      messageModel: 'CLUSTERING',
      consumeFromWhere: this.#startFrom(),
      subscriptionDataSet: this.#subscriptions.announced(),
      unitMode: false,
    };
  }

  #rebalanceSoon(topic?: string): void {
    if (this.#timers.length === 0 || (topic !== undefined && !this.#subscriptions.has(topic))) return;
    void this.#rebalancer.run();
  }

  #makeService(): ConsumeMessageService {
    const options = this.#options;
    const back = {
      instance: this.#instance,
      producer: this.#producer,
      group: this.group,
      maxReconsumeTimes: options.maxReconsumeTimes ?? 16,
    };
    return new ConsumeConcurrentlyService({
      listener: options.listener,
      concurrency: options.consumeThreadMax ?? 20,
      batchMaxSize: options.consumeMessageBatchMaxSize ?? 1,
      offsets: this.#offsets,
      delays: this.#delays,
      logger: this.#instance.logger,
      sendBack: (message, brokerName) => sendBack(back, message, brokerName),
    });
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
        span: MAX_SPAN,
      },
      startOffset: (mq) => startOffset(mq, { where: this.#startFrom(), timestamp }, source),
      changed: (topic) => this.#subscriptions.renew(topic),
      taken: (queue, offset) => this.#pull(queue, offset),
    });
  }

  async #findTopic(topic: string): Promise<void> {
    try {
      await this.#instance.routes.route(topic);
    } catch (error) {
      if (!(error instanceof PocketError && error.code === 'NOT_FOUND')) throw error;
      this.#instance.logger.warn(`${this.group} waits for the topic ${topic}, which does not exist yet`);
      void this.#awaitTopic(topic);
    }
  }

  /** Looks for the topic until it is there; its new route then brings the division of its queues. Never rejects. */
  async #awaitTopic(topic: string): Promise<void> {
    while (await this.#delays.wait(AWAIT_TOPIC_MS)) {
      const found = await this.#instance.routes.route(topic).catch(() => undefined);
      if (found !== undefined) return;
    }
  }

  #pull(queue: ProcessQueue, offset: number): void {
    const loop = pullLoop(
      {
        instance: this.#instance,
        group: this.group,
        offsets: this.#offsets,
        delays: this.#delays,
        batchSize: this.#options.pullBatchSize ?? 32,
        subscription: (topic) => this.#subscriptions.heard(topic),
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
    this.#service.submit(queue, messages);
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
      this.#service.close(),
      patience.wait(this.#options.awaitTerminationMillisWhenShutdown ?? 5000),
    ]);
    patience.end();
    await this.#rebalancer.stop();
    if (wasRunning) await this.#offsets.persistAll();
    await this.#producer.stop();
    await this.#instance.stop();
    await Promise.all(this.#loops);
  }
}
