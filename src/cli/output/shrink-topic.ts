/** What shrinkTopic prints: what becomes of each broker's queues, and who is waited for. */

import type { HoldUp, LeavingQueues, ShrinkPlan, ShrinkProgress } from '../../core/client/admin/shrink-topic.ts';
import { left } from './columns.ts';

export function renderShrinkPlan({ queueNums, brokers }: ShrinkPlan): string {
  const to = (now: number): string => (now > queueNums ? `${now} -> ${queueNums}` : String(now));
  const rows = brokers.map(({ brokerName, addr, config }) =>
    line([brokerName, addr, to(config.readQueueNums), to(config.writeQueueNums)]),
  );
  return line(['#Broker Name', '#Broker Addr', '#Read Queues', '#Write Queues']) + rows.join('');
}

const line = ([broker = '', addr = '', read = '', write = '']: string[]): string =>
  `${left(broker, 24)}  ${left(addr, 22)}  ${left(read, 13)}  ${write}\n`;

export function renderLeaving({ queues, groups, holdUps, delayed }: LeavingQueues): string {
  const head = `\n${plural(queues, 'queue')} would go away. Groups: ${groups.length === 0 ? 'none' : groups.join(', ')}.\n`;
  const waits = [...holdUps.map(holdUpText), ...delayedText(delayed)];
  return head + waits.map((text) => `${text}.\n`).join('');
}

const words = {
  behind: 'has',
  offline: 'is offline and has',
  broadcasting: 'keeps its offsets itself (broadcasting): --ignore-group when it has consumed its',
} as const;

const holdUpText = ({ group, messages, why }: HoldUp): string =>
  `${group} ${words[why]} ${plural(messages, 'message')} to consume there`;

const delayedText = (delayed: number): string[] =>
  delayed === 0 ? [] : [`${plural(delayed, 'message')} with a delay will come into them`];

/** One line for a terminal. */
export function progressText({ holdUps, delayed, settlesInMs }: ShrinkProgress): string {
  const waits = [...holdUps.map(holdUpText), ...delayedText(delayed)];
  // In steps, so that it is not a line a second.
  if (settlesInMs > 0) waits.push(`up to ${Math.ceil(settlesInMs / 10_000) * 10} s more without a new message`);
  return waits.join('; ');
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
