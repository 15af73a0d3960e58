/**
 * What the clients of a consumer group are doing, asked through a broker (GET_CONSUMER_RUNNING_INFO, 307), and what is to be
 * said about it. Mirrors getConsumerRunningInfo, ConsumerStatusSubCommand and the analysis in ConsumerRunningInfo.
 */

import { PocketError } from '../../common/errors.ts';
import { compareJavaStrings } from '../../common/java-string.ts';
import { compareMessageQueues, type MessageQueue } from '../../message/message-queue.ts';
import {
  type ConsumerRunningInfo,
  decodeConsumerRunningInfo,
  RunningProperty,
} from '../../protocol/bodies/consumer-running-info.ts';
import type { ClientConnection } from '../../protocol/bodies/producer-connection.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { getConsumerRunningInfo } from '../../protocol/requests/get-consumer-running-info.ts';
import { call } from '../../remoting/call.ts';
import type { Admin } from './admin.ts';
import { settleBounded } from './bounded.ts';
import { examineConsumerConnectionInfo, groupBrokers } from './consumer-group-state.ts';

/** The broker waits up to 10 s for the client. */
const RUNNING_TIMEOUTS = 3;
/** Members that have just started may not have heard of each other's subscriptions. */
const START_MS = 120_000;
/** A queue that holds messages and has not given one to the listener for so long is stuck. */
const STUCK_MS = 60_000;

export interface RunningClient {
  readonly consumerGroup: string;
  readonly clientId: string;
  /** With the stacks of its threads. */
  readonly jstack?: boolean | undefined;
}

/** What one client is doing. Its tables are sorted as Java's are. */
export async function consumerRunningInfo(admin: Admin, client: RunningClient): Promise<ConsumerRunningInfo> {
  const { consumerGroup, clientId, jstack = false } = client;
  const [addr] = await groupBrokers(admin, consumerGroup);
  if (addr === undefined) throw new PocketError('NOT_FOUND', `no broker of the group ${consumerGroup} is known`);
  const header = { consumerGroup, clientId, jstackEnable: jstack };
  const timeoutMs = admin.timeoutMs * RUNNING_TIMEOUTS;
  const { body } = await call(admin.client, addr, getConsumerRunningInfo, header, { timeoutMs }).catch(
    (error: unknown) => {
      throw isOffline(error) ? clientNotFound(error) : error;
    },
  );
  return sorted(decodeConsumerRunningInfo(body));
}

const isOffline = (error: unknown): error is PocketError =>
  error instanceof PocketError &&
  error.detail?.startsWith('The Consumer <') === true &&
  error.detail.endsWith('not online');

function clientNotFound(error: PocketError): PocketError {
  const { message, responseCode = 1, detail = '' } = error;
  return new PocketError('NOT_FOUND', message, { cause: error, responseCode, detail });
}

function sorted(info: ConsumerRunningInfo): ConsumerRunningInfo {
  const topics = Object.entries(info.statusTable).sort(([a], [b]) => compareJavaStrings(a, b));
  return {
    ...info,
    subscriptionSet: info.subscriptionSet.sort((a, b) => compareJavaStrings(subscriptionKey(a), subscriptionKey(b))),
    mqTable: info.mqTable.sort((a, b) => compareMessageQueues(a.mq, b.mq)),
    statusTable: Object.fromEntries(topics),
  };
}

const subscriptionKey = ({ topic, subString }: SubscriptionData): string => `${topic}@${subString}`;

/** One member; exactly one of `info` and `error` is there. */
export interface GroupMember extends ClientConnection {
  readonly info?: ConsumerRunningInfo;
  readonly error?: PocketError;
}

/** What every member of a group is doing, in the order in which the broker names them. Rejects as examineConsumerConnectionInfo. */
export async function groupRunningInfo(
  admin: Admin,
  group: Omit<RunningClient, 'clientId'> & { readonly brokerAddr?: string | undefined },
): Promise<GroupMember[]> {
  const { connectionSet } = await examineConsumerConnectionInfo(admin, group.consumerGroup, group.brokerAddr);
  const outcomes = await settleBounded(connectionSet, ({ clientId }) =>
    consumerRunningInfo(admin, { ...group, clientId }),
  );
  return connectionSet.map((connection, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') return { ...connection, info: outcome.value };
    if (outcome?.reason instanceof PocketError) return { ...connection, error: outcome.reason };
    throw outcome?.reason;
  });
}

/** What is wrong with one queue of a member. */
export type QueueTrouble =
  /** An orderly consumer does not have the queue's lock. */
  | { readonly kind: 'notLocked'; readonly clientId: string; readonly mq: MessageQueue; readonly ms: number }
  /** An orderly consumer lost the queue and cannot give its lock back. */
  | { readonly kind: 'notUnlocked'; readonly clientId: string; readonly mq: MessageQueue; readonly times: number }
  /** Messages wait, the listener has not taken one for a while. */
  | { readonly kind: 'stuck'; readonly clientId: string; readonly mq: MessageQueue; readonly ms: number };

export interface GroupVerdict {
  /** False: members subscribe to different topics or tags. Told only when the first has run for two minutes. */
  readonly sameSubscription: boolean;
  readonly troubles: readonly QueueTrouble[];
}

/** What is to be said of the members that answered. `now` is the wall clock. */
export function analyzeGroup(members: readonly GroupMember[], now: number): GroupVerdict {
  const known = members
    .flatMap(({ clientId, info }) => (info === undefined ? [] : [{ clientId, info }]))
    .sort((a, b) => compareJavaStrings(a.clientId, b.clientId));
  return {
    sameSubscription: isSame(
      known.map(({ info }) => info),
      now,
    ),
    troubles: known.flatMap(({ clientId, info }) => troublesOf(clientId, info, now)),
  };
}

function isSame(infos: readonly ConsumerRunningInfo[], now: number): boolean {
  const [first] = infos;
  if (first === undefined || !isPush(first)) return true;
  const startedAt = Number(first.properties[RunningProperty.CONSUMER_START_TIMESTAMP] ?? 0);
  if (now - startedAt <= START_MS) return true;
  const sets = infos.map(({ subscriptionSet }) => subscriptionSet.map(subscriptionKey).sort().join('\n'));
  return sets[0] !== '' && sets.every((set) => set === sets[0]);
}

const isPush = ({ properties }: ConsumerRunningInfo): boolean =>
  properties[RunningProperty.CONSUME_TYPE] === 'CONSUME_PASSIVELY';

function troublesOf(clientId: string, info: ConsumerRunningInfo, now: number): QueueTrouble[] {
  if (!isPush(info)) return [];
  const orderly = info.properties[RunningProperty.CONSUME_ORDERLY]?.toLowerCase() === 'true';
  return info.mqTable.flatMap((queue): QueueTrouble[] => {
    const { mq } = queue;
    if (orderly) {
      if (!queue.locked) return [{ kind: 'notLocked', clientId, mq, ms: now - queue.lastLockTimestamp }];
      const isLost = queue.droped && queue.tryUnlockTimes > 0;
      return isLost ? [{ kind: 'notUnlocked', clientId, mq, times: queue.tryUnlockTimes }] : [];
    }
    const ms = now - queue.lastConsumeTimestamp;
    return ms > STUCK_MS && queue.cachedMsgCount > 0 ? [{ kind: 'stuck', clientId, mq, ms }] : [];
  });
}
