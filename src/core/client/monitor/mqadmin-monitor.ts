/**
 * What mqadmin's startMonitoring reports: every minute of each group with a retry topic how far it is behind and what its
 * members are up to, and each time a broker sent a group to another offset, from the topic OFFSET_MOVED_EVENT, as a member of
 * __MONITOR_CONSUMER. Mirrors MonitorService.
 *
 * Known differences: the first round begins at once instead of after 20 s; a cluster that does not answer is told; the time of
 * a queue's newest message comes from GET_TOPIC_STATS_INFO instead of a pull.
 */

import { PocketError } from '../../common/errors.ts';
import type { Service } from '../../common/service.ts';
import { messageQueueKey } from '../../message/message-queue.ts';
import { RETRY_GROUP_TOPIC_PREFIX, Topic } from '../../message/topic-validator.ts';
import type { ConsumeStatsRow } from '../../protocol/bodies/consume-stats.ts';
import type { Admin } from '../admin/admin.ts';
import { mapBounded } from '../admin/bounded.ts';
import { examineConsumerConnectionInfo, examineConsumeStats } from '../admin/consumer-group-state.ts';
import { analyzeGroup, type GroupVerdict, groupRunningInfo } from '../admin/consumer-running.ts';
import { topicList, topicStatus } from '../admin/topic-admin.ts';
import { PushConsumer } from '../consumer/push-consumer.ts';
import { Delays } from '../delays.ts';

const MONITOR_CONSUMER_GROUP = '__MONITOR_CONSUMER';
const ROUND_INTERVAL_MS = 60_000;

/** How far a group is behind in one topic. */
export interface UndoneMsgs {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly undoneMsgsTotal: number;
  /** Of the queue that has most. */
  readonly undoneMsgsSingleMQ: number;
  /** The newest message's store time less that of the last consumed one, of the queue where that is most; ms. */
  readonly undoneMsgsDelayTimeMills: number;
}

/** A broker sent a group to another offset than it asked for; `text` is the event's JSON. */
export interface DeleteMsgsEvent {
  readonly text: string;
  readonly eventTimestamp: number;
}

export interface MqadminMonitorListener {
  beginRound(): void;
  reportUndoneMsgs(undone: UndoneMsgs): void;
  reportDeleteMsgsEvent(event: DeleteMsgsEvent): void;
  /** Of a group with at least one member that answered. */
  reportConsumerRunningInfo(consumerGroup: string, verdict: GroupVerdict): void;
  endRound(spentMs: number): void;
  /** A cluster that cannot be asked, or can be again; each once. */
  trouble(sentence: string): void;
}

export class MqadminMonitor implements Service {
  readonly #admin: Admin;
  readonly #listener: MqadminMonitorListener;
  /** Undefined until a name server has answered. */
  #consumer: PushConsumer | undefined;
  readonly #delays: Delays;
  #unreachable = false;
  #running: Promise<void> | undefined;

  /** `admin` is started and stopped by the caller. */
  constructor(admin: Admin, listener: MqadminMonitorListener) {
    this.#admin = admin;
    this.#listener = listener;
    this.#delays = new Delays(admin.clock);
  }

  /** Begins with the first round. Does not reject for a cluster that does not answer. */
  start(): Promise<void> {
    this.#running ??= this.#run();
    this.#running.catch(() => {});
    return Promise.resolve();
  }

  /** Stop the Admin before to end the calls of a round under way. */
  async stop(): Promise<void> {
    this.#delays.end();
    await this.#running?.catch(() => {});
    await this.#consumer?.stop();
  }

  /** Never resolves before stop(); rejects for a defect of the monitor itself. */
  ended(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    const { clock } = this.#admin;
    while (!this.#delays.ended) {
      const began = clock.monotonic();
      try {
        await this.#round(began);
        await this.#watchMovedOffsets();
        if (this.#unreachable) this.#listener.trouble('The cluster answers again.');
        this.#unreachable = false;
      } catch (error) {
        if (!(error instanceof PocketError)) throw error;
        if (error.code === 'STOPPED') return;
        if (!this.#unreachable) this.#listener.trouble(`The cluster cannot be asked: ${error.message}.`);
        this.#unreachable = true;
      }
      await this.#delays.wait(Math.max(0, ROUND_INTERVAL_MS - (clock.monotonic() - began)));
    }
  }

  /** Its start needs a name server that answers. */
  async #watchMovedOffsets(): Promise<void> {
    if (this.#consumer !== undefined) return;
    const { namesrv, clock } = this.#admin;
    const consumer = new PushConsumer({
      group: MONITOR_CONSUMER_GROUP,
      namesrvAddrs: [...namesrv.addrs],
      subscriptions: { [Topic.OFFSET_MOVED_EVENT]: '*' },
      consumeThreadMax: 1,
      clock,
      listener: (messages) => {
        for (const { body, storeTimestamp } of messages) {
          this.#listener.reportDeleteMsgsEvent({ text: body.toString('utf8'), eventTimestamp: storeTimestamp });
        }
      },
    });
    try {
      await consumer.start();
      this.#consumer = consumer;
    } catch (error) {
      await consumer.stop();
      throw error;
    }
  }

  async #round(began: number): Promise<void> {
    this.#listener.beginRound();
    const topics = await topicList(this.#admin);
    const groups = topics.flatMap((topic) =>
      topic.startsWith(RETRY_GROUP_TOPIC_PREFIX) ? topic.slice(RETRY_GROUP_TOPIC_PREFIX.length) : [],
    );
    const newest = new Map<string, Promise<Map<string, number>>>();
    await mapBounded(groups, async (group) => {
      await passingOver(this.#undone(group, newest));
      await passingOver(this.#membersOf(group));
    });
    this.#listener.endRound(Math.round(this.#admin.clock.monotonic() - began));
  }

  /** As Java's: of a group of which nobody is online nothing is reported. */
  async #undone(consumerGroup: string, newest: Map<string, Promise<Map<string, number>>>): Promise<void> {
    const { offsetTable } = await examineConsumeStats(this.#admin, consumerGroup);
    await examineConsumerConnectionInfo(this.#admin, consumerGroup);
    for (const topic of new Set(offsetTable.map(({ mq }) => mq.topic))) {
      const times = newest.get(topic) ?? this.#newest(topic);
      newest.set(topic, times);
      const rows = offsetTable.filter(({ mq }) => mq.topic === topic);
      this.#listener.reportUndoneMsgs({ consumerGroup, topic, ...undoneOf(rows, await times) });
    }
  }

  /** Queue -> store time of its newest message. */
  async #newest(topic: string): Promise<Map<string, number>> {
    try {
      const rows = await topicStatus(this.#admin, topic);
      return new Map(rows.map(({ mq, lastUpdateTimestamp }) => [messageQueueKey(mq), lastUpdateTimestamp]));
    } catch (error) {
      if (error instanceof PocketError && error.code !== 'STOPPED') return new Map();
      throw error;
    }
  }

  async #membersOf(consumerGroup: string): Promise<void> {
    const members = await groupRunningInfo(this.#admin, { consumerGroup });
    if (!members.some(({ info }) => info !== undefined)) return;
    this.#listener.reportConsumerRunningInfo(consumerGroup, analyzeGroup(members, this.#admin.clock.now()));
  }
}

function undoneOf(
  rows: readonly ConsumeStatsRow[],
  newest: ReadonlyMap<string, number>,
): Omit<UndoneMsgs, 'consumerGroup' | 'topic'> {
  let undoneMsgsTotal = 0;
  let undoneMsgsSingleMQ = 0;
  let undoneMsgsDelayTimeMills = 0;
  for (const { mq, brokerOffset, consumerOffset, lastTimestamp } of rows) {
    const diff = brokerOffset - consumerOffset;
    undoneMsgsTotal += Math.max(0, diff);
    undoneMsgsSingleMQ = Math.max(undoneMsgsSingleMQ, diff);
    const last = newest.get(messageQueueKey(mq)) ?? 0;
    if (lastTimestamp > 0 && last > 0) {
      undoneMsgsDelayTimeMills = Math.max(undoneMsgsDelayTimeMills, last - lastTimestamp);
    }
  }
  return { undoneMsgsTotal, undoneMsgsSingleMQ, undoneMsgsDelayTimeMills };
}

/** A group that cannot be asked is passed over without a word, as in Java. */
async function passingOver(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof PocketError) || error.code === 'STOPPED') throw error;
  }
}
