/**
 * What consumerProgress prints: the queues of one group, or every group in a line. Only the host of the member stands one
 * blank before the next column, all others two.
 */

import type { ConsumerProgress, GroupProgress, ProgressRow } from '../../core/client/admin/consumer-progress.ts';
import { versionName } from '../../core/protocol/mq-version.ts';
import { type Cell, cut, decimals, left } from './columns.ts';
import { timeOfDay } from './java-time.ts';

export function renderConsumerProgress(
  { rows, consumeTps, diffTotal }: ConsumerProgress,
  showClientIp: boolean,
): string {
  const heading: Cells = ['#Topic', '#Broker Name', '#QID', '#Broker Offset', '#Consumer Offset'];
  const lines = [line(heading, showClientIp ? '#Client IP' : undefined, '#Diff', '#LastTime')];
  for (const row of rows) {
    const ip = showClientIp ? (row.clientIp ?? 'N/A') : undefined;
    lines.push(line(cellsOf(row), ip, row.diff, row.lastTimestamp === 0 ? 'N/A' : timeOfDay(row.lastTimestamp)));
  }
  return `${lines.join('')}\nConsume TPS: ${decimals(consumeTps, 2)}\nDiff Total: ${diffTotal}\n`;
}

type Cells = readonly [topic: string, broker: string, queue: Cell, brokerOffset: Cell, consumerOffset: Cell];

const cellsOf = ({ mq, brokerOffset, consumerOffset }: ProgressRow): Cells => [
  cut(mq.topic, 64),
  cut(mq.brokerName, 32),
  mq.queueId,
  brokerOffset,
  consumerOffset,
];

function line(cells: Cells, clientIp: string | undefined, diff: Cell, lastTime: string): string {
  const [topic, broker, queue, brokerOffset, consumerOffset] = cells;
  const place = `${left(topic, 64)}  ${left(broker, 32)}  ${left(queue, 4)}`;
  const owner = clientIp === undefined ? '' : `${left(clientIp, 20)} `;
  return `${place}  ${left(brokerOffset, 20)}  ${left(consumerOffset, 20)}  ${owner}${left(diff, 20)}  ${lastTime}\n`;
}

/** Json and yaml: the queue's place first. */
export function consumerProgressDocument(progress: ConsumerProgress): object {
  const rows = progress.rows.map(({ mq, ...figures }) => ({ ...mq, ...figures }));
  return { ...progress, rows };
}

export function renderAllConsumerProgress(groups: readonly GroupProgress[]): string {
  const heading = groupLine(['#Group', '#Count', '#Version', '#Type', '#Model', '#TPS', '#Diff Total']);
  const lines = groups.map((group) => {
    const { count, version, type, model } = memberTexts(group);
    const name = cut(group.consumerGroup, 64);
    return groupLine([name, count, version, type, model, Math.trunc(group.consumeTps), group.diffTotal]);
  });
  return heading + lines.join('');
}

function groupLine([group = '', count = '', version = '', type = '', model = '', tps = '', diff = '']: Cell[]): string {
  const who = `${left(group, 64)}  ${left(count, 6)}  ${left(version, 24)} ${left(type, 5)}  ${left(model, 14)}`;
  return `${who}  ${left(tps, 7)}  ${diff}\n`;
}

/** The lowest version of the members counts; a pull group has no model. */
function memberTexts({ connection }: GroupProgress): { count: number; version: string; type: string; model: string } {
  const versions = connection?.connectionSet.map(({ version }) => version) ?? [];
  if (connection === undefined || versions.length === 0) return { count: 0, version: 'OFFLINE', type: '', model: '' };
  const isPush = connection.consumeType === 'CONSUME_PASSIVELY';
  return {
    count: versions.length,
    version: versionName(Math.min(...versions)),
    type: connection.consumeType === 'CONSUME_ACTIVELY' ? 'PULL' : 'PUSH',
    model: isPush ? (connection.messageModel ?? '') : '',
  };
}

/** Json and yaml: words instead of cells, undefined for what a group without members has not. */
export function allConsumerProgressDocument(groups: readonly GroupProgress[]): object[] {
  return groups.map((group) => {
    const { count, version } = memberTexts(group);
    const { consumeType, messageModel } = group.connection ?? {};
    return {
      consumerGroup: group.consumerGroup,
      count,
      version: count === 0 ? undefined : version,
      consumeType,
      messageModel,
      consumeTps: group.consumeTps,
      diffTotal: group.diffTotal,
      error: group.error?.message,
    };
  });
}
