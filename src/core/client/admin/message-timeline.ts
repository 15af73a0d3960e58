/**
 * The life of one message: when it was sent and stored, each delivery, each retry, and how far every group is now. The first
 * and the deliveries are what clients told (message-trace.ts); the rest the brokers know themselves: the record of the message,
 * its copies in the retry and dead letter topics of the groups, and the groups' offsets.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import { DLQ_GROUP_TOPIC_PREFIX, RETRY_GROUP_TOPIC_PREFIX, Topic } from '../../message/topic-validator.ts';
import { decodeGroupList } from '../../protocol/bodies/group-list.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import type { SubAfterTrace } from '../trace/trace-context.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { examineConsumeStats } from './consumer-group-state.ts';
import { messagesByUniqKey } from './message-query.ts';
import { queryMsgTrace, type TraceView } from './message-trace.ts';

/** One line of a message's life, in order of `at`. */
export type TimelineEvent =
  | { kind: 'sent'; at: number; group: string; clientHost: string; costTime: number; success: boolean }
  | { kind: 'stored'; at: number; broker: string; storeHost: string; queueId: number; queueOffset: number }
  | {
      kind: 'delivered';
      at: number;
      group: string;
      clientHost: string;
      /** How often it had come before; undefined where the record that says so is not there. */
      retryTimes: number | undefined;
      /** Undefined: the listener has not ended, or its end was not told. */
      outcome: SubAfterTrace['contextCode'] | undefined;
      costTime: number | undefined;
    }
  | { kind: 'retry'; at: number; group: string; reconsumeTimes: number }
  | { kind: 'deadLetter'; at: number; group: string; reconsumeTimes: number }
  | { kind: 'transaction'; at: number; group: string; state: string; fromCheck: boolean };

/** How far a group is in the queue of the message. */
export interface GroupPlace {
  readonly group: string;
  /** passed: its offset is beyond the message; waiting: `behind` messages come first; none: no offset in that queue. */
  readonly state: 'passed' | 'waiting' | 'none' | 'unknown';
  readonly behind?: number | undefined;
  /** Why it is not known. */
  readonly error?: string | undefined;
}

export interface MessageTimeline {
  readonly msgId: string;
  readonly topic: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  /** Whether clients have told of the message: without that no delivery is known. */
  readonly traced: boolean;
  readonly traceTopic: string;
  /** Whether the record of the message was found. */
  readonly stored: boolean;
  readonly events: readonly TimelineEvent[];
  readonly groups: readonly GroupPlace[];
}

export interface TimelineQuery {
  readonly msgId: string;
  /** The topic of the message; without it only what a trace tells leads to the message. */
  readonly topic?: string | undefined;
  readonly traceTopic?: string | undefined;
}

/** Rejects with NOT_FOUND (responseCode 208) when neither a trace nor a record of the message is there. */
export async function messageTimeline(admin: Admin, query: TimelineQuery): Promise<MessageTimeline> {
  const { msgId, traceTopic = Topic.TRACE } = query;
  const views = await orNothing(queryMsgTrace(admin, msgId, traceTopic).then((traces) => traces.views));
  const topic = query.topic ?? topicOf(views);
  if (topic === undefined) throw nothingKnown(msgId, traceTopic);
  const copies = await orNothing(messagesByUniqKey(admin, topic, msgId));
  const [first] = copies;
  if (first === undefined && views.length === 0) throw nothingKnown(msgId, traceTopic, topic);
  const groups = first === undefined ? [] : await groupsOf(admin, topic);
  const retried = await mapBounded(groups, (group) => retriesOf(admin, group, msgId));
  const brokerName = first && (await brokerNameOf(admin, first));
  const events = [
    ...tracedEvents(views),
    ...copies.map((copy) => storedEvent(copy, brokerName ?? copy.storeHost)),
    ...retried.flat(),
  ];
  return {
    msgId,
    topic,
    tags: first?.properties[Property.TAGS],
    keys: first?.properties[Property.KEYS],
    traced: views.length > 0,
    traceTopic,
    stored: first !== undefined,
    events: inOrder(events),
    groups: first === undefined ? [] : await mapBounded(groups, (group) => placeOf(admin, group, first, brokerName)),
  };
}

function nothingKnown(msgId: string, traceTopic: string, topic?: string): PocketError {
  const where = topic === undefined ? `${traceTopic}; give its topic with --topic` : `${traceTopic} nor in ${topic}`;
  return new PocketError('NOT_FOUND', `Nothing is known of ${msgId} in ${where}.`, { responseCode: 208 });
}

async function orNothing<R>(found: Promise<readonly R[]>): Promise<readonly R[]> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof PocketError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

function topicOf(views: readonly TraceView[]): string | undefined {
  for (const { context } of views) if ('topic' in context) return context.topic;
  return undefined;
}

/** Times are whole milliseconds of several clocks: what belongs earlier in a life stands first among equals. */
function inOrder(events: TimelineEvent[]): TimelineEvent[] {
  const rank = { sent: 0, stored: 1, transaction: 2, delivered: 3, retry: 4, deadLetter: 5 };
  return events.sort((a, b) => a.at - b.at || rank[a.kind] - rank[b.kind]);
}

/** A delivery is told twice, before and after; one of the two may be missing. */
function tracedEvents(views: readonly TraceView[]): TimelineEvent[] {
  const after = new Map<string, SubAfterTrace>();
  for (const { context } of views) if (context.traceType === 'SubAfter') after.set(context.requestId, context);
  const told = new Set<string>();
  for (const { context } of views) if (context.traceType === 'SubBefore') told.add(context.requestId);
  return views.flatMap((view) => tracedEvent(view, after, told) ?? []);
}

function tracedEvent(
  { context, clientHost }: TraceView,
  after: ReadonlyMap<string, SubAfterTrace>,
  told: ReadonlySet<string>,
): TimelineEvent | undefined {
  const { traceType, groupName: group } = context;
  switch (traceType) {
    case 'Pub': {
      const { timeStamp: at, costTime, success } = context;
      return { kind: 'sent', at, group, clientHost, costTime, success };
    }
    case 'SubBefore': {
      const end = after.get(context.requestId);
      const { timeStamp: at, beans } = context;
      const result = { outcome: end?.contextCode, costTime: end?.costTime };
      return { kind: 'delivered', at, group, clientHost, retryTimes: beans[0]?.retryTimes, ...result };
    }
    case 'SubAfter': {
      const { timeStamp, costTime, contextCode: outcome } = context;
      if (told.has(context.requestId) || timeStamp === undefined) return undefined;
      return {
        kind: 'delivered',
        at: timeStamp - costTime,
        group,
        clientHost,
        retryTimes: undefined,
        outcome,
        costTime,
      };
    }
    case 'EndTransaction': {
      const { timeStamp: at, transactionState: state, fromTransactionCheck: fromCheck } = context;
      return { kind: 'transaction', at, group, state, fromCheck };
    }
  }
}

function storedEvent({ storeTimestamp: at, storeHost, queueId, queueOffset }: MessageExt, broker: string) {
  return { kind: 'stored', at, broker, storeHost, queueId, queueOffset } as const;
}

async function groupsOf(admin: Admin, topic: string): Promise<string[]> {
  const { brokerDatas } = await admin.namesrv.route(topic);
  const addrs = brokerDatas.flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
  const lists = await mapBounded(addrs, async (addr) => {
    return decodeGroupList((await admin.askBroker(addr, queryTopicConsumeByWho, { topic })).body).groupList;
  });
  return [...new Set(lists.flat())].sort();
}

/** The copies a group's retry topic and dead letter topic have of the message. */
async function retriesOf(admin: Admin, group: string, msgId: string): Promise<TimelineEvent[]> {
  const [retries, dead] = await Promise.all(
    [RETRY_GROUP_TOPIC_PREFIX, DLQ_GROUP_TOPIC_PREFIX].map((prefix) =>
      orNothing(messagesByUniqKey(admin, prefix + group, msgId)),
    ),
  );
  const eventOf =
    (kind: 'retry' | 'deadLetter') =>
    ({ storeTimestamp: at, reconsumeTimes }: MessageExt): TimelineEvent => ({ kind, at, group, reconsumeTimes });
  return [...(retries ?? []).map(eventOf('retry')), ...(dead ?? []).map(eventOf('deadLetter'))];
}

async function brokerNameOf(admin: Admin, { topic, storeHost }: MessageExt): Promise<string | undefined> {
  const { brokerDatas } = await admin.namesrv.route(topic);
  const [only] = brokerDatas;
  const broker = brokerDatas.find(({ brokerAddrs }) => [...brokerAddrs.values()].includes(storeHost));
  return (broker ?? (brokerDatas.length === 1 ? only : undefined))?.brokerName;
}

async function placeOf(
  admin: Admin,
  group: string,
  { topic, queueId, queueOffset }: MessageExt,
  brokerName: string | undefined,
): Promise<GroupPlace> {
  try {
    const { offsetTable } = await examineConsumeStats(admin, group, topic);
    const row = offsetTable.find(
      ({ mq }) => mq.topic === topic && mq.queueId === queueId && mq.brokerName === brokerName,
    );
    if (row === undefined) return { group, state: 'none' };
    const behind = queueOffset - row.consumerOffset;
    return behind < 0 ? { group, state: 'passed' } : { group, state: 'waiting', behind };
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    return { group, state: 'unknown', error: error.detail ?? error.message };
  }
}
