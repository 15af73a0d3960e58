/**
 * Moving a group whose members are online: the brokers must tell them (INVOKE_BROKER_TO_RESET_OFFSET, 222). Brokers of 4.9, and
 * ours, send members to a time; those of 5.x with useServerSideResetOffset hold each queue at an offset until its member has taken
 * it. Members that pull by themselves, or keep their offsets (broadcasting), obey neither.
 *
 * A Java member stops for ten seconds before it goes on from the new offset, and then commits as it consumes: offsets and members
 * are looked at until every queue was seen there.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { PocketError } from '../../common/errors.ts';
import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { type ConsumerConnection, decodeConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { invokeBrokerToResetOffset } from '../../protocol/requests/invoke-broker-to-reset-offset.ts';
import { masterAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { brokerConfigs } from './config-admin.ts';
import { isNotOnline } from './consumer-group-state.ts';
import { groupRunningInfo } from './consumer-running.ts';
import {
  type AppliedQueue,
  applyOffsetReset,
  mastersOfTopic,
  movingQueues,
  type OffsetPlan,
  type OffsetTarget,
  planOffsetReset,
  readBack,
} from './offset-reset.ts';
import { END_OF_QUEUE, resetOffsetByTime } from './reset-offset.ts';
import { topicRoute, topicStatus } from './topic-admin.ts';

/** What the brokers can tell the members of a group: exact offsets, or a time. */
export type MembersTake = 'offsets' | 'time';

/** Ten seconds of a Java member, its next commit, and a slow machine. */
const SEEN_WITHIN_MS = 30_000;
/** A held pull ends, a client waits ten seconds and commits. */
const TAKEN_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** Looks between two questions to the members. */
const ASK_MEMBERS_EVERY = 5;

/**
 * Undefined: nobody of the group is online. Rejects with IN_USE for members that no broker can move.
 */
async function membersTake(
  admin: Admin,
  { consumerGroup, topic }: Pick<OffsetPlan, 'consumerGroup' | 'topic'>,
): Promise<MembersTake | undefined> {
  const masters = await mastersOfTopic(admin, topic);
  const members = await mapBounded(masters, (addr) => connectionAt(admin, addr, consumerGroup));
  const online = members.filter((connection) => connection !== undefined);
  if (online.length === 0) return undefined;
  for (const { consumeType, messageModel } of online) {
    const keepThem =
      consumeType === 'CONSUME_ACTIVELY' ? 'pull by themselves' : 'keep their offsets themselves (broadcasting)';
    if (consumeType === 'CONSUME_ACTIVELY' || messageModel === 'BROADCASTING') {
      const what = `the group ${consumerGroup} is online, and its members ${keepThem}, so that no broker can move them`;
      throw new PocketError('IN_USE', `${what}: stop them first`);
    }
  }
  const configs = await mapBounded(masters, (brokerAddr) => brokerConfigs(admin, { brokerAddr }));
  const isExact = configs.flat().every(({ value }) => value?.useServerSideResetOffset === 'true');
  return isExact ? 'offsets' : 'time';
}

async function connectionAt(
  admin: Admin,
  addr: string,
  consumerGroup: string,
): Promise<ConsumerConnection | undefined> {
  try {
    return decodeConsumerConnection((await admin.askBroker(addr, getConsumerConnectionList, { consumerGroup })).body);
  } catch (error) {
    if (isNotOnline(error)) return undefined;
    throw error;
  }
}

/**
 * The target as a time that brokers can tell members. Rejects with IN_USE for one that is none.
 */
async function timeTarget(admin: Admin, topic: string, target: OffsetTarget): Promise<OffsetTarget> {
  switch (target.kind) {
    case 'earliest':
    case 'latest':
      return target;
    case 'time': {
      const last = Math.max(...(await topicStatus(admin, topic)).map(({ lastUpdateTimestamp }) => lastUpdateTimestamp));
      return target.timestamp > last ? { kind: 'latest' } : { ...target, asToldMembers: true };
    }
    case 'shift':
    case 'offsets':
      throw new PocketError(
        'IN_USE',
        'the group is online, and these brokers (of RocketMQ 4.9) can send members to a time only: stop them first, or use ' +
          'earliest, latest or a time',
      );
  }
}

const timestampOf = (target: OffsetTarget): number =>
  target.kind === 'latest' ? END_OF_QUEUE : target.kind === 'time' ? target.timestamp : 0;

/** What a reset would change, and the change. */
export interface PreparedReset {
  readonly plan: OffsetPlan;
  /** Undefined: nobody is online. */
  readonly take: MembersTake | undefined;
  /** Rejects with PARTLY naming the queues that are not where they were to be. */
  apply(): Promise<AppliedQueue[]>;
}

/** Which group is to be moved where. */
export interface ResetWish extends Pick<OffsetPlan, 'consumerGroup' | 'topic'> {
  /** Where to. */
  readonly target: OffsetTarget;
  /** Ends the looking. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A reset in the way that the group's members allow. Rejects as planOffsetReset does, and with IN_USE for members that no broker
 * can move, or not to such a target.
 */
export async function prepareReset(
  admin: Admin,
  { target: wanted, signal, ...group }: ResetWish,
): Promise<PreparedReset> {
  const take = await membersTake(admin, group);
  const target = take === 'time' ? await timeTarget(admin, group.topic, wanted) : wanted;
  const plan = await planOffsetReset(admin, group, target);
  const apply = async (): Promise<AppliedQueue[]> => {
    // Members may have come or gone since.
    if ((await membersTake(admin, group)) !== take) {
      throw new PocketError(
        'IN_USE',
        `members of the group ${group.consumerGroup} came or went meanwhile: run it again`,
      );
    }
    return take === undefined ? applyOffsetReset(admin, plan) : applyOnlineReset(admin, { plan, target, take, signal });
  };
  return { plan, take, apply };
}

/** `target` as timeTarget() made it; the plan was made for it. */
interface OnlineReset {
  readonly plan: OffsetPlan;
  readonly target: OffsetTarget;
  readonly take: MembersTake;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has the members told, and looks until every queue was seen where it was to be. Rejects with NOT_FOUND when the group has no
 * offset in a queue (brokers of 4.9 then tell nobody), PARTLY naming the queues that were not seen there.
 */
async function applyOnlineReset(admin: Admin, reset: OnlineReset): Promise<AppliedQueue[]> {
  const { plan, target, take } = reset;
  const { consumerGroup, topic } = plan;
  if (take === 'offsets') {
    await tellOffsets(admin, plan);
    return afterTaking(admin, reset);
  }
  const told = await resetOffsetByTime(admin, { consumerGroup, topic, timestamp: timestampOf(target), force: true });
  if (told.kind === 'offline') return readBack(admin, plan);
  const offsets = new Map(told.offsets.map(({ mq, offset }) => [messageQueueKey(mq), offset]));
  // Messages came in since the plan was made: what counts is what the members were told.
  const queues = plan.queues.map((queue) => ({
    ...queue,
    after: offsets.get(messageQueueKey(queue.mq)) ?? queue.after,
  }));
  return untilSeen(admin, { ...reset, plan: { ...plan, queues } });
}

async function tellOffsets(admin: Admin, plan: OffsetPlan): Promise<void> {
  const { consumerGroup: group, topic } = plan;
  const { brokerDatas } = await topicRoute(admin, topic);
  await mapBounded(movingQueues(plan), async ({ mq, after: offset }) => {
    const broker = brokerDatas.find(({ brokerName }) => brokerName === mq.brokerName);
    const header = { topic, group, timestamp: 0, isForce: true, queueId: mq.queueId, offset };
    await admin.askBroker((broker && masterAddr(broker)) ?? '', invokeBrokerToResetOffset, header);
  });
}

/**
 * The broker shows what it was told at once, and forgets it with the next pull of the queue: only what stands there when the
 * members have had the time to take it counts. (Members of 4.9.7 at a broker of 5.4.0 were seen to commit the old offset again.)
 */
async function afterTaking(admin: Admin, { plan, signal }: OnlineReset): Promise<AppliedQueue[]> {
  await pause(TAKEN_WITHIN_MS, undefined, { signal }).catch(() => {});
  const applied = await readBack(admin, plan);
  const unseen = applied.filter((queue) => !isThere(queue));
  if (unseen.length > 0) throw notSeen(plan.consumerGroup, unseen);
  return applied;
}

async function untilSeen(admin: Admin, { plan, signal }: OnlineReset): Promise<AppliedQueue[]> {
  const seen = new Set<string>();
  const stopped = new Set<string>();
  const deadline = admin.clock.monotonic() + SEEN_WITHIN_MS;
  for (let look = 0; ; look++) {
    const applied = await readBack(admin, plan);
    for (const queue of applied) if (isThere(queue)) seen.add(messageQueueKey(queue.mq));
    const unseen = applied.filter(({ mq }) => !seen.has(messageQueueKey(mq)));
    if (unseen.length === 0) return applied;
    if (admin.clock.monotonic() >= deadline || signal?.aborted === true) throw notSeen(plan.consumerGroup, unseen);
    if (look % ASK_MEMBERS_EVERY === 0) await askMembers(admin, plan.consumerGroup, { seen, stopped });
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** A queue that a member had stopped for the move, and holds again, is where it was to be, however fast it went on. */
async function askMembers(
  admin: Admin,
  consumerGroup: string,
  { seen, stopped }: { readonly seen: Set<string>; readonly stopped: Set<string> },
): Promise<void> {
  const members = await groupRunningInfo(admin, { consumerGroup }).catch((error: unknown) => {
    if (error instanceof PocketError) return [];
    throw error;
  });
  for (const { mq, droped } of members.flatMap(({ info }) => info?.mqTable ?? [])) {
    const key = messageQueueKey(mq as MessageQueue);
    if (droped) stopped.add(key);
    else if (stopped.has(key)) seen.add(key);
  }
}

/** Consuming goes on: behind where it was, forward at or over where it was to be. */
function isThere({ before, after = 0, now }: AppliedQueue): boolean {
  if (now === undefined) return false;
  return before !== undefined && after < before ? now < before : now >= after;
}

function notSeen(consumerGroup: string, unseen: readonly AppliedQueue[]): PocketError {
  const places = unseen.map(
    ({ mq, after, now }) => `${mq.brokerName} queue ${mq.queueId} (${now ?? 'none'}, not ${after})`,
  );
  return new PocketError(
    'PARTLY',
    `the members were told, but these queues were not seen there so far: ${places.join(', ')}; they do not obey, ` +
      ` or had consumed them again before one could look: see 'mqadmin consumerProgress -g ${consumerGroup}'`,
  );
}
