/**
 * Which queues this member of a group holds: asks who is in the group, takes its share of every topic, gives up what is
 * no longer its own (committing how far it came) and finds where to begin in what is new. Mirrors RebalanceImpl and
 * RebalancePushImpl for clustering.
 *
 * Known differences: queues are pulled only after the brokers know of the change; a queue whose start cannot be found is
 * tried again after 1 s instead of at the next round.
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
import { allocateAverage } from './allocate/average.ts';
import type { OffsetStore } from './offset-store.ts';
import { type FlowLimits, ProcessQueue } from './process-queue.ts';

const RETRY_MS = 1000;

export interface RebalancerOptions {
  readonly instance: ClientInstance;
  readonly group: string;
  readonly topics: readonly string[];
  readonly offsets: OffsetStore;
  readonly delays: Delays;
  readonly limits: FlowLimits;
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
      const clientIds = await this.#clientIds(route);
      if (this.#stopped || clientIds === undefined) return;
      await this.#apply(topic, allocateAverage(subscribeQueues(topic, route), clientIds, instance.clientId));
    } catch (error) {
      // The retry topic comes into being with the group's first heartbeat, so not to find it is usual.
      if (topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) return;
      instance.logger.warn(`${group} cannot divide the queues of ${topic}: ${String(error)}`);
    }
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
    const fresh = share.filter((mq) => !this.#queues.has(messageQueueKey(mq)));
    const begun = await Promise.all(fresh.map((mq) => this.#begin(mq)));
    const taken = begun.filter((entry) => entry !== undefined);
    if (taken.length < fresh.length) this.#runLater();
    if (this.#stopped || (lost.length === 0 && taken.length === 0)) return;
    for (const { queue } of taken) this.#queues.set(messageQueueKey(queue.mq), queue);
    await this.#options.changed(topic);
    if (this.#stopped) return;
    for (const { queue, offset } of taken) this.#options.taken(queue, offset);
  }

  async #giveUp(key: string, queue: ProcessQueue): Promise<void> {
    queue.drop();
    await this.#options.offsets.persist(queue.mq);
    this.#options.offsets.remove(queue.mq);
    this.#queues.delete(key);
  }

  async #begin(mq: MessageQueue): Promise<{ queue: ProcessQueue; offset: number } | undefined> {
    try {
      this.#options.offsets.remove(mq);
      const offset = await this.#options.startOffset(mq);
      return { queue: new ProcessQueue(mq, this.#options.limits), offset };
    } catch (error) {
      const { instance, group } = this.#options;
      instance.logger.warn(`${group} cannot begin ${mq.topic} ${mq.brokerName} ${mq.queueId}: ${String(error)}`);
      return undefined;
    }
  }

  #runLater(): void {
    void this.#options.delays.wait(RETRY_MS).then((elapsed) => {
      if (elapsed) void this.run();
    });
  }
}
