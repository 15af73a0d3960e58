/**
 * What consumerStatus prints: the state of one client as a text, which for a whole group goes into files, and what is to be
 * said about the group. In two tables the topic column of the rows is half as wide as its heading.
 */

import type { GroupMember, GroupVerdict, QueueTrouble } from '../../core/client/admin/consumer-running.ts';
import { javaStringHashOrder } from '../../core/client/java-hash-order.ts';
import type { MessageQueue } from '../../core/message/message-queue.ts';
import type {
  ConsumerRunningInfo,
  ConsumeStatus,
  RunningQueue,
} from '../../core/protocol/bodies/consumer-running-info.ts';
import { versionName } from '../../core/protocol/mq-version.ts';
import { type Cell, decimals, left, right } from './columns.ts';
import { compactTime } from './java-time.ts';

/** A member whose state was written to a file. */
export interface WrittenMember extends GroupMember {
  readonly file: string;
}

export function renderMembers(members: readonly WrittenMember[]): string {
  const heading = memberLine('#Index', '#ClientId', '#Version', '#ConsumerRunningInfoFile');
  const lines = members.map(({ clientId, version, file }, index) =>
    memberLine(index + 1, clientId, versionName(version), file),
  );
  return heading + lines.join('');
}

const memberLine = (index: Cell, clientId: string, version: string, file: string): string =>
  `${left(index, 10)} ${left(clientId, 40)} ${left(version, 20)} ${file}\n`;

export function renderVerdict({ sameSubscription, troubles }: GroupVerdict): string {
  if (!sameSubscription) return '\n\nWARN: Different subscription in the same group of consumer!!!';
  return `\n\nSame subscription in the same group of consumer\n\nRebalance OK\n${troubles.map(troubleLine).join('')}`;
}

export function troubleLine(trouble: QueueTrouble): string {
  const queue = `${trouble.clientId} ${queueText(trouble.mq)}`;
  switch (trouble.kind) {
    case 'notLocked':
      return `${queue} can't lock for a while, ${trouble.ms}ms\n`;
    case 'notUnlocked':
      return `${queue} unlock ${trouble.times} times, still failed\n`;
    case 'stuck':
      return `${queue} can't consume for a while, maybe blocked, ${trouble.ms}ms\n`;
  }
}

export const queueText = ({ topic, brokerName, queueId }: MessageQueue): string =>
  `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`;

export function renderRunningInfo(info: ConsumerRunningInfo): string {
  const { properties, subscriptionSet, mqTable, statusTable, jstack } = info;
  const sections = [
    `#Consumer Properties#\n${javaStringHashOrder(Object.keys(properties))
      .map((key) => `${left(key, 40)}: ${properties[key]}\n`)
      .join('')}`,
    `#Consumer Subscription#\n${subscriptionSet
      .map(({ topic, classFilterMode, subString }, index) => {
        const number = String(index + 1).padStart(3, '0');
        return `${number} Topic: ${left(topic, 40)} ClassFilter: ${left(String(classFilterMode), 8)} SubExpression: ${subString}\n`;
      })
      .join('')}`,
    `#Consumer Offset#\n${queueHeading('#Consumer Offset')}${mqTable.map(offsetLine).join('')}`,
    `#Consumer MQ Detail#\n${queueHeading('#ProcessQueueInfo')}${mqTable.map(detailLine).join('')}`,
    `#Consumer RT&TPS#\n${RATES_HEADING}${Object.entries(statusTable).map(rateLine).join('')}`,
    ...(jstack === undefined ? [] : [`#Consumer jstack#\n${jstack}`]),
  ];
  return sections.join('\n\n');
}

const queueHeading = (last: string): string =>
  `${left('#Topic', 64)}  ${left('#Broker Name', 32)}  ${left('#QID', 4)}  ${left(last, 20)}\n`;

function offsetLine({ mq, commitOffset }: RunningQueue): string {
  return `${left(mq.topic, 32)}  ${left(mq.brokerName, 32)}  ${left(mq.queueId, 4)}  ${left(commitOffset, 20)}\n`;
}

function detailLine(queue: RunningQueue): string {
  const { mq } = queue;
  return `${left(mq.topic, 64)}  ${left(mq.brokerName, 32)}  ${left(mq.queueId, 4)}  ${processQueueText(queue)}\n`;
}

function processQueueText(queue: RunningQueue): string {
  const members = [
    ...(['commitOffset', 'cachedMsgMinOffset', 'cachedMsgMaxOffset', 'cachedMsgCount', 'cachedMsgSizeInMiB'] as const),
    ...(['transactionMsgMinOffset', 'transactionMsgMaxOffset', 'transactionMsgCount', 'locked'] as const),
    'tryUnlockTimes' as const,
  ].map((name) => `${name}=${queue[name]}`);
  const times = [
    `lastLockTimestamp=${compactTime(queue.lastLockTimestamp)}`,
    `droped=${queue.droped}`,
    `lastPullTimestamp=${compactTime(queue.lastPullTimestamp)}`,
    `lastConsumeTimestamp=${compactTime(queue.lastConsumeTimestamp)}`,
  ];
  return `ProcessQueueInfo [${[...members, ...times].join(', ')}]`;
}

const RATES_HEADING =
  `${left('#Topic', 64)}  ${right('#Pull RT', 14)} ${right('#Pull TPS', 14)} ${right('#Consume RT', 14)} ` +
  `${right('#ConsumeOK TPS', 14)} ${right('#ConsumeFailed TPS', 18)} ${right('#ConsumeFailedMsgsInHour', 25)}\n`;

function rateLine([topic, status]: [string, ConsumeStatus]): string {
  const { pullRT, pullTPS, consumeRT, consumeOKTPS, consumeFailedTPS, consumeFailedMsgs } = status;
  const rates = [pullRT, pullTPS, consumeRT, consumeOKTPS].map((rate) => right(decimals(rate, 2), 14)).join(' ');
  return `${left(topic, 32)}  ${rates} ${right(decimals(consumeFailedTPS, 2), 18)} ${right(consumeFailedMsgs, 25)}\n`;
}

/** Json and yaml: queues with their place in front. */
export function runningInfoDocument({ mqTable, ...info }: ConsumerRunningInfo): object {
  return { ...info, mqTable: mqTable.map(({ mq, ...queue }) => ({ ...mq, ...queue })) };
}

/** Json and yaml: the members with what they are doing, then what is to be said of the group. */
export function membersDocument(members: readonly GroupMember[], { sameSubscription, troubles }: GroupVerdict): object {
  return {
    members: members.map(({ info, error, version, ...client }) => ({
      ...client,
      version: versionName(version),
      ...(info && { runningInfo: runningInfoDocument(info) }),
      error: error?.message,
    })),
    sameSubscription,
    troubles: troubles.map(({ mq, ...trouble }) => ({ ...trouble, ...mq })),
  };
}
