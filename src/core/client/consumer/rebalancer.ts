/**
 * Which queues this member of a group holds: asks who is in the group, takes its share of every topic, gives up what is
 * no longer its own (committing how far it came) and finds where to begin in what is new. With broadcasting every queue
 * is its share. Mirrors RebalanceImpl and RebalancePushImpl.
 *
 * Known differences: queues are pulled only after the brokers know of the change; a queue whose start cannot be found, or
 * which cannot be locked, is tried again after 1 s instead of at the next round; a queue that is consumed in order is given
 * up when its listener call has ended, however long that takes, and at once then (Java: after up to 20 s).
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { messageQueueKey } from '../../message/message-queue.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { decodeConsumerList } from '../../protocol/bodies/consumer-list.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { getConsumerListByGroup } from '../../protocol/requests/get-consumer-list-by-group.ts';
import { call } from '../../remoting/call.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';
import type { Delays } from '../delays.ts';
import { subscribeQueues } from '../topic-queues.ts';
import { type AllocateMessageQueueStrategy, shareOf } from './allocate/strategy.ts';
import type { OffsetStore } from './offset-store.ts';
import { type FlowLimits, ProcessQueue } from './process-queue.ts';

const RETRY_MS = 1000;

export interface RebalancerOptions {
  readonly instance: ClientInstance;
  readonly group: string;
  /** Read at each run. */
  readonly topics: readonly string[];
  readonly offsets: OffsetStore;
  readonly delays: Delays;
  readonly limits: FlowLimits;
  /** Undefined: every queue is this member's, whoever else there is. */
  readonly strategy: AllocateMessageQueueStrategy | undefined;
  /** Consumption in order: which of the queues may be taken now. Must not reject. */
  admit?: ((queues: readonly MessageQueue[]) => Promise<MessageQueue[]>) | undefined;
  /** Consumption in order: resolves when the last listener call of a queue that is given up has ended. Must not reject. */
  settled?: ((mq: MessageQueue) => Promise<void>) | undefined;
  /** Consumption in order: the queue is nobody's now. Must not reject. */
  released?: ((mq: MessageQueue) => Promise<void>) | undefined;
  /** Where to begin in a queue; may reject. */
  startOffset(mq: MessageQueue): Promise<number>;
  /** The share of a topic changed; resolves when the brokers know. Must not reject. */
  changed(topic: string): Promise<void>;
  /** A queue is held from now on. */
  taken(queue: ProcessQueue, offset: number): void;
}

export class Rebalancer {
  readonly #options: RebalancerOptions;
  readonly #queues = new Map<string, ProcessQueue>();
  /** Queues that are being given up: they are not taken again before that is done. */
  readonly #leaving = new Set<string>();
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: RebalancerOptions) {
    this.#options = options;
  }

  /** Queues held now. */
  queues(): MessageQueue[] {
    return [...this.#queues.values()].filter((queue) => !queue.dropped).map((queue) => queue.mq);
  }

  /** Divides anew; a call during a run makes one more run after it. Resolves when there is nothing left to do. Never rejects. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The held queue, as long as it is ours. */
  held(mq: MessageQueue): ProcessQueue | undefined {
    return this.#queues.get(messageQueueKey(mq));
  }

  /** For a topic that has left `topics`. Resolves as giving up a queue does. */
  async giveUpTopic(topic: string): Promise<void> {
    await Promise.all(
      [...this.#queues].filter(([, { mq }]) => mq.topic === topic).map(([key, queue]) => this.#giveUp(key, queue)),
    );
  }

  /** Takes a queue out, so that the next run finds its start anew. */
  release(queue: ProcessQueue): void {
    const key = messageQueueKey(queue.mq);
    if (this.#queues.get(key) !== queue) return;
    this.#queues.delete(key);
    this.#options.offsets.remove(queue.mq);
  }

  isHeld(queue: ProcessQueue): boolean {
    return this.#queues.get(messageQueueKey(queue.mq)) === queue;
  }

  /** Drops every queue and waits for a run under way. Offsets stay for a last commit. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const queue of this.#queues.values()) queue.drop();
    await this.#running;
    for (const queue of this.#queues.values()) queue.drop();
  }

  async #runAll(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      await Promise.all(this.#options.topics.map((topic) => this.#runTopic(topic)));
    }
  }

  async #runTopic(topic: string): Promise<void> {
    const { instance, group } = this.#options;
    try {
      const route = await instance.routes.route(topic);
      const share = await this.#share(topic, route);
      if (this.#stopped || share === undefined || !this.#options.topics.includes(topic)) return;
      await this.#apply(topic, share);
    } catch (error) {
      // The retry topic comes into being with the group's first heartbeat, so not to find it is usual.
      if (topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) return;
      instance.logger.warn(`${group} cannot divide the queues of ${topic}: ${String(error)}`);
    }
  }

  /** Undefined when no broker says who is in the group. */
  async #share(topic: string, route: TopicRouteData): Promise<MessageQueue[] | undefined> {
    const { instance, group, strategy } = this.#options;
    const queues = subscribeQueues(topic, route);
    if (strategy === undefined) return queues;
    const clientIds = await this.#clientIds(route);
    if (clientIds === undefined) return undefined;
    return shareOf(strategy, group, queues, clientIds, instance.clientId).filter((mq) => mq.topic === topic);
  }

  /** Members of the group as one broker of the topic knows them; undefined when no broker can say. */
  async #clientIds(route: TopicRouteData): Promise<string[] | undefined> {
    const { instance, group } = this.#options;
    const brokers = route.brokerDatas;
    const first = Math.floor(instance.random() * brokers.length);
    for (let i = 0; i < brokers.length; i++) {
      const broker = brokers[(first + i) % brokers.length];
      const addr = broker && selectBrokerAddr(broker, instance.random);
      if (addr === undefined) continue;
      try {
        const header = { consumerGroup: group };
        const options = { timeoutMs: CLIENT_API_TIMEOUT_MS };
        const { body } = await call(instance.client, addr, getConsumerListByGroup, header, options);
        return decodeConsumerList(body).consumerIdList;
      } catch (error) {
        instance.logger.warn(`${addr} does not list the members of ${group}: ${String(error)}`);
      }
    }
    return undefined;
  }

  async #apply(topic: string, share: readonly MessageQueue[]): Promise<void> {
    const keys = new Set(share.map(messageQueueKey));
    const lost = [...this.#queues].filter(([key, queue]) => queue.mq.topic === topic && !keys.has(key));
    await Promise.all(lost.map(([key, queue]) => this.#giveUp(key, queue)));
    const fresh = share.filter(
      (mq) => !this.#queues.has(messageQueueKey(mq)) && !this.#leaving.has(messageQueueKey(mq)),
    );
    const admitted = fresh.length === 0 ? [] : ((await this.#options.admit?.(fresh)) ?? fresh);
    const begun = await Promise.all(admitted.map((mq) => this.#begin(mq)));
    const taken = begun.filter((entry) => entry !== undefined);
    if (taken.length < fresh.length) this.#runLater();
    if (this.#stopped || (lost.length === 0 && taken.length === 0)) return;
    for (const { queue } of taken) this.#queues.set(messageQueueKey(queue.mq), queue);
    await this.#options.changed(topic);
    if (this.#stopped) return;
    for (const { queue, offset } of taken) this.#options.taken(queue, offset);
  }

  /** Resolves when the offset is committed, or at once when a listener call is to be waited for. */
  async #giveUp(key: string, queue: ProcessQueue): Promise<void> {
    queue.drop();
    const { offsets, settled } = this.#options;
    if (settled === undefined) {
      await offsets.persist(queue.mq);
      offsets.remove(queue.mq);
      this.#queues.delete(key);
      return;
    }
    this.#queues.delete(key);
    this.#leaving.add(key);
    void this.#leave(queue.mq).finally(() => {
      this.#leaving.delete(key);
      void this.run();
    });
  }

  /** The next member may begin only behind what was consumed here. Never rejects. */
  async #leave(mq: MessageQueue): Promise<void> {
    const { offsets, settled, released } = this.#options;
    await settled?.(mq);
    await offsets.persist(mq);
    offsets.remove(mq);
    await released?.(mq);
  }

  async #begin(mq: MessageQueue): Promise<{ queue: ProcessQueue; offset: number } | undefined> {
    try {
      this.#options.offsets.remove(mq);
      const offset = await this.#options.startOffset(mq);
      return { queue: new ProcessQueue(mq, this.#options.limits, () => this.#options.instance.clock.now()), offset };
    } catch (error) {
      const { instance, group } = this.#options;
      instance.logger.warn(`${group} cannot begin ${mq.topic} ${mq.brokerName} ${mq.queueId}: ${String(error)}`);
      await this.#options.released?.(mq);
      return undefined;
    }
  }

  #runLater(): void {
    void this.#options.delays.wait(RETRY_MS).then((elapsed) => {
      if (elapsed) void this.run();
    });
  }
}
