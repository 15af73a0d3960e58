/**
 * Pulling as mqadmin's tools do it: a pull consumer that reads queues by their offsets and stores none. Mirrors
 * DefaultMQPullConsumer and what MQAdminImpl tells it of offsets. That one is gone before its first heartbeat, by its timing in
 * mqadmin and here always: a heartbeat would make a retry topic for its group.
 *
 * Known difference: both ends of a range are asked at the same time.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { masterAddr, selectBrokerAddr } from '../broker-addr.ts';
import type { PullResult, pullQueue } from '../consumer/pull.ts';
import { brokerNotFound } from '../find-broker.ts';
import { checkGroup } from '../group-name.ts';
import { javaHashOrder, messageQueueHash } from '../java-hash-order.ts';
import { queuesNotFound, subscribeQueues } from '../topic-queues.ts';
import type { Admin } from './admin.ts';

/** Group of every pull the tools make unless the user names one. */
export const TOOLS_CONSUMER = 'TOOLS_CONSUMER';
/** What a pull of DefaultMQPullConsumer may take, ms. */
const PULL_TIMEOUT_MS = 10_000;
const INT_MAX = 2 ** 31 - 1;

/** Store times, ms; an end that is not given, or 0, is that of the queue. */
export interface TimeWindow {
  readonly beginTimestamp?: number | undefined;
  readonly endTimestamp?: number | undefined;
}

export interface OffsetRange {
  min: number;
  max: number;
}

interface Opened {
  readonly admin: Admin;
  readonly topic: string;
  readonly group: string;
  readonly route: TopicRouteData;
  readonly pullQueue: typeof pullQueue;
}

export class PullSession {
  readonly #opened: Opened;

  private constructor(opened: Opened) {
    this.#opened = opened;
  }

  /** Rejects with NOT_FOUND (responseCode 17) for an unknown topic. */
  static async open(admin: Admin, topic: string, group = TOOLS_CONSUMER): Promise<PullSession> {
    checkGroup(group);
    // Loaded here because it brings the message codec, which sendMessage does without.
    const [route, { pullQueue }] = await Promise.all([admin.namesrv.route(topic), import('../consumer/pull.ts')]);
    return new PullSession({ admin, topic, group, route, pullQueue });
  }

  /** The topic's readable queues in Java's hash order. Throws NOT_FOUND when there is none. */
  queues(): MessageQueue[] {
    const { topic, route } = this.#opened;
    const queues = javaHashOrder(subscribeQueues(topic, route), messageQueueHash);
    if (queues.length > 0) return queues;
    throw queuesNotFound(topic);
  }

  /** First offset and the one behind the last, or what belongs to the times given. Rejects with NOT_FOUND without a master. */
  async range(mq: MessageQueue, { beginTimestamp, endTimestamp }: TimeWindow): Promise<OffsetRange> {
    const broker = this.#brokerOf(mq);
    const addr = broker && masterAddr(broker);
    if (addr === undefined) throw brokerNotFound(mq.brokerName);
    const { admin } = this.#opened;
    const at = { topic: mq.topic, queueId: mq.queueId, bname: mq.brokerName };
    const ask = async (schema: typeof getMinOffset): Promise<number> =>
      (await admin.askBroker(addr, schema, at)).header.offset;
    const byTime = async (timestamp: number): Promise<number> =>
      (await admin.askBroker(addr, searchOffsetByTimestamp, { ...at, timestamp })).header.offset;
    const [min, max] = await Promise.all([
      beginTimestamp ? byTime(beginTimestamp) : ask(getMinOffset),
      endTimestamp ? byTime(endTimestamp) : ask(getMaxOffset),
    ]);
    return { min, max };
  }

  /** At most `count` messages from `offset` on, from the master or else a slave. Rejects with NOT_FOUND without either. */
  async pull(mq: MessageQueue, offset: number, count: number, subscription: SubscriptionData): Promise<PullResult> {
    const { admin, group } = this.#opened;
    const broker = this.#brokerOf(mq);
    const addr = broker && selectBrokerAddr(broker, admin.random);
    if (addr === undefined) throw brokerNotFound(mq.brokerName);
    return this.#opened.pullQueue(admin.client, addr, {
      mq,
      consumerGroup: group,
      offset,
      maxMsgNums: Math.min(count, INT_MAX),
      subscription,
      bringSubscription: true,
      suspendTimeoutMillis: 0,
      timeoutMs: PULL_TIMEOUT_MS,
    });
  }

  #brokerOf(mq: MessageQueue): TopicRouteData['brokerDatas'][number] | undefined {
    return this.#opened.route.brokerDatas.find(({ brokerName }) => brokerName === mq.brokerName);
  }
}
