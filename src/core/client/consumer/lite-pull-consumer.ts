/**
 * Takes messages when the program asks for them: of its share of subscribed topics, or of the queues it assigns itself. Mirrors
 * DefaultLitePullConsumer and DefaultLitePullConsumerImpl.
 *
 * Queues are pulled ahead within limits; poll() hands out what came. With autoCommit a message counts as consumed when the
 * program polls again after it got it, or stops; without it, when commit() is called.
 *
 * Known differences: what is left of a queue that is given up is committed as far as it counts as consumed (Java commits
 * at most what the last commit said); stop() commits with autoCommit (Java does not); a paused queue hands nothing out, also
 * not what was pulled before; commit() resolves when the brokers know; a queue is pulled on at once where the broker says
 * when it does not have an offset; there is no limit over all queues (pullThresholdForAll) and no listener for changes of a
 * topic's queues; subscribed topics are waited for as by a PushConsumer.
 */

import type { Timer } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import type { MessageExt } from '../../message/message.ts';
import { compareMessageQueues, type MessageQueue } from '../../message/message-queue.ts';
import type { ConsumerData } from '../../protocol/bodies/heartbeat-data.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { ClientInstance } from '../client-instance.ts';
import { checkRange, MAX_INT } from '../client-options.ts';
import { Delays } from '../delays.ts';
import { queuesNotFound, subscribeQueues } from '../topic-queues.ts';
import { strategyOf } from './allocate/strategies.ts';
import { AssignedQueues } from './assigned-queues.ts';
import { ChosenQueues } from './chosen-queues.ts';
import { findTopic } from './find-topic.ts';
import { checkLitePullOptions, type LitePullConsumerOptions } from './lite-pull-options.ts';
import { LocalFileOffsetStore } from './local-file-offset-store.ts';
import { type OffsetStore, PERSIST_MS } from './offset-store.ts';
import type { ProcessQueue } from './process-queue.ts';
import { pullLoop } from './pull-loop.ts';
import { pullRequests } from './pull-member.ts';
import { askMaster, maxOffset, placeOf, searchOffset } from './queue-offset.ts';
import { Rebalancer } from './rebalancer.ts';
import { RemoteBrokerOffsetStore } from './remote-broker-offset-store.ts';
import { startOffset } from './start-offset.ts';
import { type MessageSelector, SUBSCRIBE_ALL, subscriptionOf } from './subscription.ts';

const REBALANCE_MS = 20_000;
const HALF_AN_HOUR_MS = 30 * 60 * 1000;
const MIB = 1024 * 1024;
const MAX_SPAN = Number.POSITIVE_INFINITY;

/**
 * Takes messages when the program asks for them, of subscribed topics or of queues it assigns. Everything that asks brokers
 * rejects with PocketError STOPPED before start() and after stop(), with NOT_FOUND for a topic or broker that does not
 * exist, and with CONNECT, TIMEOUT or RESPONSE when a server cannot be reached or refuses.
 */
export class LitePullConsumer implements Service {
  /** The consumer group. */
  readonly group: string;
  readonly #options: LitePullConsumerOptions;
  readonly #instance: ClientInstance;
  readonly #offsets: OffsetStore;
  readonly #delays: Delays;
  readonly #assigned: AssignedQueues;
  readonly #chosen: ChosenQueues;
  readonly #rebalancer: Rebalancer;
  /** Subscribed topics; the rebalancer reads the list at each run. */
  readonly #topics: string[] = [];
  readonly #subscriptions = new Map<string, SubscriptionData>();
  readonly #loops = new Set<Promise<void>>();
  #committedAt = 0;
  #timers: Timer[] = [];
  #state: 'created' | 'running' | 'stopped' = 'created';
  #stopping: Promise<void> | undefined;

  /** Throws PocketError ILLEGAL_ARGUMENT for a group, an address or a number that cannot be used. */
  constructor(options: LitePullConsumerOptions) {
    checkLitePullOptions(options);
    this.#options = options;
    this.group = options.group;
    const isBroadcast = options.messageModel === 'BROADCASTING';
    const instanceName = options.instanceName ?? (isBroadcast ? 'DEFAULT' : undefined);
    const instance = new ClientInstance({ ...options, instanceName });
    this.#instance = instance;
    const { clientId, logger, clock } = instance;
    this.#offsets = isBroadcast
      ? new LocalFileOffsetStore({ folder: options.localOffsetStoreDir, clientId, group: options.group, logger })
      : new RemoteBrokerOffsetStore(instance, options.group);
    this.#delays = new Delays(clock);
    const limits = {
      messages: options.pullThresholdForQueue ?? 1000,
      bytes: (options.pullThresholdSizeForQueue ?? 100) * MIB,
      span: MAX_SPAN,
    };
    this.#assigned = new AssignedQueues({ clock, limits, pull: (queue, offset) => this.#pull(queue, offset) });
    this.#chosen = new ChosenQueues({
      instance,
      group: options.group,
      delays: this.#delays,
      assigned: this.#assigned,
      startOffset: (mq) => this.#startOffset(mq),
      leave: (mq) => this.#leave(mq),
    });
    this.#rebalancer = new Rebalancer({
      instance,
      group: options.group,
      topics: this.#topics,
      offsets: this.#offsets,
      delays: this.#delays,
      limits,
      strategy: isBroadcast ? undefined : strategyOf(options.allocateMessageQueueStrategy),
      startOffset: (mq) => this.#startOffset(mq),
      changed: () => instance.heartbeat(),
      taken: ({ mq }, offset) => this.#assigned.add(mq, offset),
      settled: async (mq) => this.#giveUp(mq),
    });
  }

  /** The name the brokers know this member by. */
  get clientId(): string {
    return this.#instance.clientId;
  }

  /** The queues this consumer has now, sorted. */
  assignment(): MessageQueue[] {
    return this.#assigned.queues().sort(compareMessageQueues);
  }

  /**
   * Joins the group; subscribed topics are divided when it resolves. Rejects, stopped, with PocketError CONNECT, TIMEOUT or
   * NO_NAMESRV when no namesrv answers; with STOPPED after stop(). Idempotent.
   */
  async start(): Promise<void> {
    if (this.#state === 'running') return;
    if (this.#state === 'stopped') throw new PocketError('STOPPED', 'a stopped consumer cannot be started again');
    this.#state = 'running';
    const { clock } = this.#instance;
    this.#committedAt = clock.monotonic();
    try {
      if (this.#offsets instanceof LocalFileOffsetStore) this.#offsets.load();
      await this.#instance.start();
      this.#instance.registerConsumer({
        group: this.group,
        consumerData: () => this.#consumerData(),
        rebalanceSoon: (topic) => this.#rebalanceSoon(topic),
        requests: pullRequests({
          instance: this.#instance,
          offsets: this.#offsets,
          consumerData: () => this.#consumerData(),
        }),
      });
      await Promise.all(this.#topics.map((topic) => this.#findTopic(topic)));
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
    await this.#chosen.take();
    await this.#rebalancer.run();
  }

  /** With autoCommit commits everything handed out; leaves the group and ends the polls that wait. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Takes part in the division of a topic's queues; `*`, `TagA || TagB` or a selector. Before start() or after it. Throws
   * PocketError ILLEGAL_ARGUMENT for an empty expression, and where queues were assigned.
   */
  subscribe(topic: string, expression: string | MessageSelector = SUBSCRIBE_ALL): void {
    if (this.#chosen.isSet) throw exclusive();
    this.#subscriptions.set(topic, subscriptionOf(topic, expression, this.#instance.clock.now()));
    if (this.#topics.includes(topic)) return;
    this.#topics.push(topic);
    if (this.#timers.length === 0) return;
    void this.#findTopic(topic)
      .catch((error: unknown) => this.#instance.logger.warn(`${topic} is not found: ${String(error)}`))
      .then(() => this.#rebalanceSoon(topic));
  }

  /** Gives the queues of a topic up. */
  unsubscribe(topic: string): void {
    const at = this.#topics.indexOf(topic);
    if (at < 0) return;
    this.#topics.splice(at, 1);
    this.#subscriptions.delete(topic);
    void this.#rebalancer.giveUpTopic(topic);
  }

  /**
   * Takes exactly these queues, whoever else has them; those it had before and has no more are given up. Before start() or
   * after it. Throws PocketError ILLEGAL_ARGUMENT where topics were subscribed to.
   */
  assign(queues: readonly MessageQueue[]): void {
    if (this.#topics.length > 0) throw exclusive();
    this.#chosen.set(queues);
    if (this.#timers.length > 0) void this.#chosen.take();
  }

  /** Messages of one queue, at most pullBatchSize; none when nothing came within `timeoutMs`. Rejects with STOPPED. */
  async poll(timeoutMs: number = this.#options.pollTimeoutMillis ?? 5000): Promise<MessageExt[]> {
    this.#requireRunning();
    checkRange('the time-out', timeoutMs, 0, MAX_INT);
    if (this.#options.autoCommit ?? true) {
      this.#assigned.acknowledge();
      const now = this.#instance.clock.monotonic();
      if (now - this.#committedAt >= (this.#options.autoCommitIntervalMillis ?? 5000)) {
        this.#committedAt = now;
        this.#noteOffsets();
      }
    }
    return this.#assigned.take(timeoutMs);
  }

  /** Goes on at an offset that the queue has, or the next to come. Rejects with ILLEGAL_ARGUMENT for any other. */
  async seek(mq: MessageQueue, offset: number): Promise<void> {
    const [min, max] = await Promise.all([this.#minOffset(mq), this.#maxOffset(mq)]);
    if (!(offset >= min && offset <= max)) {
      throw new PocketError('ILLEGAL_ARGUMENT', `the queue holds the offsets from ${min} to ${max}, not ${offset}`);
    }
    this.#assigned.seek(mq, offset);
  }

  /** Goes on at the first message that the queue has. */
  async seekToBegin(mq: MessageQueue): Promise<void> {
    this.#assigned.seek(mq, await this.#minOffset(mq));
  }

  /** Goes on behind the last message that the queue has. */
  async seekToEnd(mq: MessageQueue): Promise<void> {
    this.#assigned.seek(mq, await this.#maxOffset(mq));
  }

  /** Nothing of these queues is handed out or pulled until resume(). */
  pause(queues: readonly MessageQueue[]): void {
    this.#assigned.pause(queues, true);
  }

  /** Goes on with paused queues. */
  resume(queues: readonly MessageQueue[]): void {
    this.#assigned.pause(queues, false);
  }

  /** Commits everything handed out so far, and resolves when the brokers have it or a failure was logged. */
  async commit(): Promise<void> {
    this.#requireRunning();
    this.#assigned.acknowledge();
    this.#noteOffsets();
    await this.#offsets.persistAll();
  }

  /** The group's committed offset of a queue; undefined when there is none. */
  async committed(mq: MessageQueue): Promise<number | undefined> {
    this.#requireRunning();
    return this.#offsets.fetch(mq);
  }

  /** The offset of the message stored nearest to a time, milliseconds since 1970. */
  async offsetForTimestamp(mq: MessageQueue, timestamp: number): Promise<number> {
    this.#requireRunning();
    return searchOffset(this.#instance, mq, timestamp);
  }

  /** The queues of a topic that can be read, as a name server knows them now. */
  async fetchMessageQueues(topic: string): Promise<MessageQueue[]> {
    this.#requireRunning();
    const queues = subscribeQueues(topic, await this.#instance.routes.fetch(topic));
    if (queues.length === 0) throw queuesNotFound(topic);
    return queues.sort(compareMessageQueues);
  }

  #consumerData(): ConsumerData {
    return {
      groupName: this.group,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: this.#options.messageModel ?? 'CLUSTERING',
      consumeFromWhere: this.#options.consumeFromWhere ?? 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [...this.#subscriptions.values()],
      unitMode: false,
    };
  }

  #rebalanceSoon(topic?: string): void {
    if (this.#timers.length === 0 || (topic !== undefined && !this.#topics.includes(topic))) return;
    void this.#rebalancer.run();
  }

  #findTopic(topic: string): Promise<void> {
    return findTopic(this.#instance, this.#delays, this.group, topic);
  }

  #startOffset(mq: MessageQueue): Promise<number> {
    const { consumeFromWhere: where = 'CONSUME_FROM_LAST_OFFSET', consumeTimestamp } = this.#options;
    const timestamp = consumeTimestamp ?? this.#instance.clock.now() - HALF_AN_HOUR_MS;
    return startOffset(
      mq,
      { where, timestamp },
      {
        committed: (queue) => this.#offsets.fetch(queue),
        max: (queue) => maxOffset(this.#instance, queue),
        byTime: (queue, time) => searchOffset(this.#instance, queue, time),
      },
    );
  }

  /** Never rejects. */
  async #leave(mq: MessageQueue): Promise<void> {
    this.#giveUp(mq);
    await this.#offsets.persist(mq);
    this.#offsets.remove(mq);
  }

  /** What counts as consumed of a queue that goes is committed next. */
  #giveUp(mq: MessageQueue): void {
    const offset = this.#assigned.remove(mq);
    if (offset !== undefined) this.#offsets.update(mq, offset, false);
  }

  #noteOffsets(): void {
    for (const { mq, offset } of this.#assigned.acknowledged()) this.#offsets.update(mq, offset, false);
  }

  #pull(queue: ProcessQueue, offset: number): void {
    const { mq } = queue;
    const wanted = this.#subscriptions.get(mq.topic) ?? subscriptionOf(mq.topic, SUBSCRIBE_ALL, 0);
    const loop = pullLoop(
      {
        instance: this.#instance,
        group: this.group,
        bringSubscription: true,
        delays: this.#delays,
        batchSize: this.#options.pullBatchSize ?? 10,
        subscription: () => this.#subscriptions.get(mq.topic) ?? wanted,
        passedOver: (held, next) => this.#assigned.passedOver(held, next),
        deliver: (held, messages) => this.#assigned.deliver(held, messages),
        offsetMoved: (moved, next) => this.#assigned.moved(moved, next),
      },
      queue,
      offset,
    ).finally(() => this.#loops.delete(loop));
    this.#loops.add(loop);
  }

  async #minOffset(mq: MessageQueue): Promise<number> {
    this.#requireRunning();
    return (await askMaster(this.#instance, mq, getMinOffset, placeOf(mq))).offset;
  }

  async #maxOffset(mq: MessageQueue): Promise<number> {
    this.#requireRunning();
    return maxOffset(this.#instance, mq);
  }

  #requireRunning(): void {
    if (this.#state === 'running') return;
    const never = this.#state === 'created';
    throw new PocketError('STOPPED', `the consumer ${never ? 'is not started: call start() first' : 'was stopped'}`);
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#state === 'running';
    this.#state = 'stopped';
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#delays.end();
    if (this.#options.autoCommit ?? true) this.#assigned.acknowledge();
    this.#noteOffsets();
    this.#assigned.stop();
    await this.#rebalancer.stop();
    if (wasRunning) await this.#offsets.persistAll();
    await this.#instance.stop();
    await Promise.all(this.#loops);
  }
}

const exclusive = (): PocketError =>
  new PocketError('ILLEGAL_ARGUMENT', 'a consumer either subscribes to topics or assigns queues, not both');
