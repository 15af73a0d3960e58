/**
 * What a monitor asks about one consumer group. Every probe rejects with a PocketError when what it asks is not known; a group
 * that does not exist, has no offsets or nobody online is an answer.
 *
 * Seconds behind are those that the next message has waited for, on the clock of its broker (QUERY_CONSUME_TIME_SPAN). mqadmin
 * takes the newest message's time less the last consumed one's, which makes a quiet topic look hours behind.
 */

import { PocketError } from '../../common/errors.ts';
import { messageQueueKey } from '../../message/message-queue.ts';
import { DLQ_GROUP_TOPIC_PREFIX, RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { decodeConsumeTimeSpan, type QueueTimeSpan } from '../../protocol/bodies/consume-time-span.ts';
import { decodeConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { decodeTopicStatsTable } from '../../protocol/bodies/topic-stats-table.ts';
import { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { queryConsumeTimeSpan } from '../../protocol/requests/query-consume-time-span.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { Admin } from '../admin/admin.ts';
import { mapBounded, settleBounded } from '../admin/bounded.ts';
import { consumeStatsAt, isNotOnline } from '../admin/consumer-group-state.ts';
import { analyzeGroup, type GroupVerdict, groupRunningInfo } from '../admin/consumer-running.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { isTopicNotExist } from '../namesrv-client.ts';

/** A wait longer than this is no wait: Java gives the time since 1970 for a message that is deleted. */
const LONGEST_WAIT_MS = 20 * 365 * 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;

interface GroupBroker {
  readonly brokerName: string;
  readonly addr: string;
}

/** How far a group is behind in one topic. */
export interface TopicBacklog {
  readonly topic: string;
  /** Messages still to consume; what it is ahead in some queue does not count against that. */
  readonly messages: number;
  /** How long the next one has waited, ms. Undefined: not asked. */
  readonly waitedMs?: number | undefined;
}

/** Every topic of which a broker has an offset of the group; with `waited` the times as well. */
export async function probeBacklog(
  admin: Admin,
  consumerGroup: string,
  wanted: (topic: string) => { readonly messages: boolean; readonly waited: boolean },
): Promise<TopicBacklog[]> {
  const brokers = await brokersOf(admin, RETRY_GROUP_TOPIC_PREFIX + consumerGroup);
  const { offsetTable } = await consumeStatsAt(
    admin,
    brokers.map(({ addr }) => addr),
    consumerGroup,
  );
  const rows = offsetTable.filter(({ mq }) => wanted(mq.topic).messages || wanted(mq.topic).waited);
  const topics = [...new Set(rows.map(({ mq }) => mq.topic))].sort();
  return mapBounded(topics, async (topic) => {
    const behind = rows.filter((row) => row.mq.topic === topic && row.brokerOffset > row.consumerOffset);
    const messages = behind.reduce((sum, row) => sum + row.brokerOffset - row.consumerOffset, 0);
    if (!wanted(topic).waited) return { topic, messages };
    const names = new Set(behind.map(({ mq }) => mq.brokerName));
    const queues = new Set(behind.map(({ mq }) => messageQueueKey(mq)));
    const asked = brokers.filter(({ brokerName }) => names.has(brokerName));
    const spans = await mapBounded(asked, (broker) => timeSpans(admin, broker.addr, consumerGroup, topic));
    const waits = spans
      .flat()
      .map((span) => (queues.has(messageQueueKey(span.messageQueue)) ? waited(span, admin.clock.now()) : 0));
    return { topic, messages, waitedMs: Math.max(0, ...waits) };
  });
}

async function timeSpans(admin: Admin, addr: string, group: string, topic: string): Promise<readonly QueueTimeSpan[]> {
  try {
    const { body } = await admin.askBroker(addr, queryConsumeTimeSpan, { group, topic });
    return decodeConsumeTimeSpan(body).consumeTimeSpanSet;
  } catch (error) {
    // A topic that was deleted leaves offsets behind.
    if (isTopicNotExist(error)) return [];
    throw error;
  }
}

/** A group whose next message is deleted waits for the first that is still there. */
function waited({ delayTime, minTimeStamp }: QueueTimeSpan, now: number): number {
  if (delayTime < LONGEST_WAIT_MS) return delayTime;
  return minTimeStamp > 0 ? now - minTimeStamp : 0;
}

/** How many clients of the group are connected to at least one of its brokers. */
export async function probeMembers(admin: Admin, consumerGroup: string): Promise<number> {
  const brokers = await brokersOf(admin, RETRY_GROUP_TOPIC_PREFIX + consumerGroup);
  const answers = await settleBounded(brokers, async ({ addr }) => {
    const { body } = await admin.askBroker(addr, getConsumerConnectionList, { consumerGroup });
    return decodeConsumerConnection(body).connectionSet.map(({ clientId }) => clientId);
  });
  const clients = new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
  // A broker that does not answer may have members, unless another one has shown them already.
  const failure = answers.find((answer) => answer.status === 'rejected' && !isNotOnline(answer.reason));
  if (clients.size === 0 && failure?.status === 'rejected') throw failure.reason;
  return clients.size;
}

/** What the members say of themselves; those that do not answer are left out. */
export async function probeRunning(admin: Admin, consumerGroup: string): Promise<GroupVerdict> {
  try {
    return analyzeGroup(await groupRunningInfo(admin, { consumerGroup }), admin.clock.now());
  } catch (error) {
    if (isNotOnline(error) || isNotFound(error)) return { sameSubscription: true, troubles: [] };
    throw error;
  }
}

/**
 * Dead letters of the last hour. Brokers find the first one by its time and may give the one before it, so that the count can
 * be one too many for each broker that has any.
 */
export async function probeDeadLetters(admin: Admin, consumerGroup: string): Promise<number> {
  const topic = DLQ_GROUP_TOPIC_PREFIX + consumerGroup;
  const brokers = await brokersOf(admin, topic);
  const counts = await mapBounded(brokers, async ({ addr, brokerName }) => {
    const timestamp = admin.clock.now() - HOUR_MS;
    const { offsetTable } = decodeTopicStatsTable((await admin.askBroker(addr, getTopicStatsInfo, { topic })).body);
    const fresh = offsetTable.filter(({ lastUpdateTimestamp }) => lastUpdateTimestamp >= timestamp);
    const news = await mapBounded(fresh, async ({ mq: { queueId }, minOffset, maxOffset }) => {
      const at = { topic, queueId, timestamp, bname: brokerName };
      const { offset } = (await admin.askBroker(addr, searchOffsetByTimestamp, at)).header;
      return Math.max(1, maxOffset - Math.max(offset, minOffset));
    });
    return news.reduce((sum, count) => sum + count, 0);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The master of each broker name, else a slave; empty for a topic that does not exist. */
async function brokersOf(admin: Admin, topic: string): Promise<GroupBroker[]> {
  let route: TopicRouteData;
  try {
    route = await admin.namesrv.route(topic);
  } catch (error) {
    if (isTopicNotExist(error)) return [];
    throw error;
  }
  return route.brokerDatas.flatMap((broker) => {
    const addr = selectBrokerAddr(broker, admin.random);
    return addr === undefined ? [] : [{ brokerName: broker.brokerName, addr }];
  });
}

const isNotFound = (error: unknown): boolean =>
  error instanceof PocketError && (error.code === 'NOT_FOUND' || error.responseCode === ResponseCode.TOPIC_NOT_EXIST);
