/**
 * Fewer queues for a topic that is in use, without a lost message: the write queues are lowered first, then everybody who reads is
 * waited for, then the read queues are lowered. For `mqadmin shrinkTopic`; with RocketMQ an operator does the three steps by hand.
 *
 * A producer goes on sending to a queue until it has heard of the new route, 30 s at most, so the queues that go away must be
 * without a new message for `settleMs`, and every group must have consumed them to the end. How far a shrink is stands in the
 * topic's own queue numbers: interrupted, it goes on where it was. No message is deleted by it.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { PocketError } from '../../common/errors.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { decodeGroupList } from '../../protocol/bodies/group-list.ts';
import { decodeTopicConfigSerializeWrapper, type TopicConfig } from '../../protocol/bodies/topic-config.ts';
import { getAllTopicConfig } from '../../protocol/requests/get-all-topic-config.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { masterAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokerNamesOf } from './cluster-brokers.ts';
import type { BrokerTarget } from './config-admin.ts';
import { consumeStatsAt, examineConsumerConnectionInfo, isNotOnline } from './consumer-group-state.ts';
import { getKv } from './kv-value.ts';
import { DelayedWatch } from './shrink-delayed.ts';
import { createTopic, ORDER_TOPIC_CONFIG, setBrokerOrderConf, topicRoute } from './topic-admin.ts';

const POLL_MS = 1000;

export interface ShrinkRequest extends BrokerTarget {
  readonly topic: string;
  /** Queues that are to be left on each broker. */
  readonly queueNums: number;
}

export interface ShrinkBroker {
  readonly brokerName: string;
  readonly addr: string;
  /** As it is before. */
  readonly config: TopicConfig;
}

export interface ShrinkPlan {
  readonly topic: string;
  readonly queueNums: number;
  /** Masters with more queues than that; empty: nothing is to be done. */
  readonly brokers: readonly ShrinkBroker[];
}

/** Which groups are waited for. */
export interface GroupChoice {
  /** Only these; default: all that consume the topic or have offsets of it. */
  readonly groups?: readonly string[] | undefined;
  /** All but these: groups that nobody needs any more, or that keep their offsets themselves. */
  readonly ignoreGroups?: readonly string[] | undefined;
}

export interface ShrinkOptions extends GroupChoice {
  readonly timeoutMs: number;
  /** So long no message may have come into the queues that go away, ms. */
  readonly settleMs: number;
  readonly onProgress?: ((progress: ShrinkProgress) => void) | undefined;
  /** Aborted: no further request is made. */
  readonly over?: AbortSignal | undefined;
}

/** A group that has not consumed the queues that go away. */
export interface HoldUp {
  readonly group: string;
  /** Messages of these queues it has still to consume. */
  readonly messages: number;
  /** broadcasting: its members keep their offsets themselves, so how far they are is not known. */
  readonly why: 'behind' | 'offline' | 'broadcasting';
}

export interface LeavingQueues {
  readonly queues: number;
  /** The groups that are looked at. */
  readonly groups: readonly string[];
  readonly holdUps: readonly HoldUp[];
  /** Messages that wait with a delay, and will be put into these queues. */
  readonly delayed: number;
  /** Where each of the queues ends, in order of brokers and queues. */
  readonly ends: readonly number[];
}

export interface ShrinkProgress extends LeavingQueues {
  /** How long the queues must stay without a new message, ms. */
  readonly settlesInMs: number;
}

/** Rejects with NOT_FOUND for a topic, cluster or broker that is not there. */
export async function planShrink(admin: Admin, request: ShrinkRequest): Promise<ShrinkPlan> {
  const { topic, queueNums } = request;
  if (queueNums < 1) throw new PocketError('ILLEGAL_ARGUMENT', 'at least one queue must be left');
  const masters = await mastersWith(admin, request);
  const brokers = await mapBounded(masters, async ({ brokerName, addr }) => {
    const { body } = await admin.askBroker(addr, getAllTopicConfig, {});
    const config = decodeTopicConfigSerializeWrapper(body).topicConfigTable[topic];
    return config === undefined ? [] : [{ brokerName, addr, config }];
  });
  const there = brokers.flat();
  if (there.length === 0) throw new PocketError('NOT_FOUND', `no master has the topic ${topic}`, { detail: topic });
  const tooMany = ({ config }: ShrinkBroker): boolean =>
    config.readQueueNums > queueNums || config.writeQueueNums > queueNums;
  return { topic, queueNums, brokers: there.filter(tooMany) };
}

async function mastersWith(admin: Admin, { topic, brokerAddr, clusterName }: ShrinkRequest) {
  const { brokerDatas } = await topicRoute(admin, topic);
  const names = clusterName === undefined ? undefined : brokerNamesOf(await clusterInfo(admin), clusterName);
  const masters = brokerDatas.flatMap((broker) => {
    const addr = masterAddr(broker);
    const isMeant = brokerAddr === undefined ? (names?.includes(broker.brokerName) ?? true) : addr === brokerAddr;
    return addr === undefined || !isMeant ? [] : [{ brokerName: broker.brokerName, addr }];
  });
  if (masters.length > 0) return masters;
  const what = brokerAddr ?? clusterName ?? 'any broker';
  throw new PocketError('NOT_FOUND', `${what} is no master that has the topic ${topic}`, { detail: what });
}

/** How far the groups are in the queues that go away. `watch` is kept over the looks at one plan. */
export async function lookAtLeaving(
  admin: Admin,
  plan: ShrinkPlan,
  choice: GroupChoice = {},
  watch = new DelayedWatch(admin, plan),
): Promise<LeavingQueues> {
  // First what is still to come into the queues, then what is in them.
  const delayed = await watch.count();
  const queues = leavingQueues(plan);
  const ends = await mapBounded(queues, async ({ addr, queueId }) => {
    return (await admin.askBroker(addr, getMaxOffset, { topic: plan.topic, queueId })).header.offset;
  });
  const groups = await groupsOf(admin, plan, choice);
  const holdUps = await mapBounded(groups, (group) => holdUpOf(admin, plan, group));
  return { queues: queues.length, groups, holdUps: holdUps.flat(), delayed, ends };
}

function leavingQueues({ topic, queueNums, brokers }: ShrinkPlan): (MessageQueue & { addr: string })[] {
  return brokers.flatMap(({ brokerName, addr, config }) => {
    const count = Math.max(config.readQueueNums, config.writeQueueNums) - queueNums;
    return Array.from({ length: count }, (_, i) => ({ topic, brokerName, addr, queueId: queueNums + i }));
  });
}

async function groupsOf(admin: Admin, { topic, brokers }: ShrinkPlan, choice: GroupChoice): Promise<string[]> {
  const { groups, ignoreGroups = [] } = choice;
  if (groups !== undefined) return [...new Set(groups)];
  const lists = await mapBounded(brokers, async ({ addr }) => {
    return decodeGroupList((await admin.askBroker(addr, queryTopicConsumeByWho, { topic })).body).groupList;
  });
  return [...new Set(lists.flat())].filter((group) => !ignoreGroups.includes(group)).sort();
}

/** One element when the group has something left to consume. One that is online and has left the topic has nothing. */
async function holdUpOf(admin: Admin, plan: ShrinkPlan, group: string): Promise<HoldUp[]> {
  const addrs = plan.brokers.map(({ addr }) => addr);
  const { offsetTable } = await consumeStatsAt(admin, addrs, group, plan.topic);
  const messages = offsetTable
    .filter(({ mq }) => mq.topic === plan.topic && mq.queueId >= plan.queueNums)
    .reduce((sum, { brokerOffset, consumerOffset }) => sum + Math.max(0, brokerOffset - consumerOffset), 0);
  return messages === 0 ? [] : [{ group, messages, why: await whyBehind(admin, group, addrs[0]) }];
}

async function whyBehind(admin: Admin, group: string, addr: string | undefined): Promise<HoldUp['why']> {
  try {
    const { messageModel } = await examineConsumerConnectionInfo(admin, group, addr);
    return messageModel === 'BROADCASTING' ? 'broadcasting' : 'behind';
  } catch (error) {
    if (isNotOnline(error)) return 'offline';
    throw error;
  }
}

/**
 * Carries out a plan. Rejects with TIMEOUT, the write queues lowered and the read queues as they were, when the groups have not
 * consumed in time; with IN_USE when the queues hold messages and no group is there that could have consumed them.
 */
export async function shrinkTopic(admin: Admin, plan: ShrinkPlan, options: ShrinkOptions): Promise<void> {
  const { topic, queueNums, brokers } = plan;
  const deadline = admin.clock.monotonic() + options.timeoutMs;
  await refuseUnread(admin, plan, options);
  const isOrdered = (await getKv(admin, ORDER_TOPIC_CONFIG, topic)) !== undefined;
  for (const { addr, config } of brokers) {
    if (config.writeQueueNums <= queueNums) continue;
    // Producers of an ordered topic take its queues from there.
    if (isOrdered) await setBrokerOrderConf(admin, addr, { ...config, writeQueueNums: queueNums });
    await createTopic(admin, addr, { ...config, writeQueueNums: queueNums });
  }
  for (;;) {
    const { ends } = await drained(admin, plan, { ...options, deadline });
    await setReadQueues(admin, plan, (config) => Math.min(config.readQueueNums, queueNums));
    // From here on brokers take nothing for these queues. What came between the look and now must still be read.
    const after = await lookAtLeaving(admin, plan, { groups: [] });
    if (after.ends.every((end, i) => end === ends[i])) return;
    await setReadQueues(admin, plan, (config) => config.readQueueNums);
  }
}

async function refuseUnread(admin: Admin, plan: ShrinkPlan, options: ShrinkOptions): Promise<void> {
  const { groups, ends } = await lookAtLeaving(admin, plan, options);
  const isNobodyMeant = options.groups !== undefined || (options.ignoreGroups ?? []).length > 0;
  if (groups.length > 0 || isNobodyMeant || ends.every((end) => end === 0)) return;
  const text = `no group consumes ${plan.topic}, and the queues that would go away have messages: wait for the groups that are to come with --groups`;
  throw new PocketError('IN_USE', text, { detail: plan.topic });
}

async function setReadQueues(admin: Admin, plan: ShrinkPlan, readQueues: (config: TopicConfig) => number) {
  for (const { addr, config } of plan.brokers) {
    const writeQueueNums = Math.min(config.writeQueueNums, plan.queueNums);
    await createTopic(admin, addr, { ...config, writeQueueNums, readQueueNums: readQueues(config) });
  }
}

/** Resolves when nothing comes into the queues any more and every group has consumed them. */
async function drained(
  admin: Admin,
  plan: ShrinkPlan,
  options: ShrinkOptions & { deadline: number },
): Promise<LeavingQueues> {
  const { settleMs, deadline, onProgress, over } = options;
  const watch = new DelayedWatch(admin, plan);
  let ends = '';
  let quietSince = 0;
  for (;;) {
    const look = await lookAtLeaving(admin, plan, options, watch);
    const now = admin.clock.monotonic();
    if (look.ends.join() !== ends) {
      ends = look.ends.join();
      quietSince = now;
    }
    const settlesInMs = Math.max(0, settleMs - (now - quietSince));
    onProgress?.({ ...look, settlesInMs });
    if (settlesInMs === 0 && look.delayed === 0 && look.holdUps.length === 0) return look;
    if (now >= deadline) throw notDrained(plan, look, options);
    await pause(Math.max(0, Math.min(POLL_MS, deadline - now)), undefined, { signal: over });
  }
}

function notDrained(
  { topic, queueNums }: ShrinkPlan,
  { holdUps, delayed }: LeavingQueues,
  options: ShrinkOptions,
): PocketError {
  const groups = holdUps.map(({ group, messages, why }) => `${group} (${messages} messages, ${why})`);
  const who = [...groups, ...(delayed > 0 ? [`${delayed} messages with a delay`] : [])].join(', ');
  const what = who === '' ? `a message came within the last ${options.settleMs / 1000} s` : `they wait for ${who}`;
  const text = `the queues of ${topic} from ${queueNums} on were not free within ${options.timeoutMs / 1000} s: ${what}`;
  return new PocketError('TIMEOUT', `${text}; producers use the others now, run it again to go on`, { detail: who });
}
