/** What resetOffsetByTime, skipAccumulatedMessage and getConsumerStatus print. */

import type { MemberOffsets } from '../../core/client/admin/group-offsets.ts';
import type { ResetByTime, ResetResult, RollbackStats } from '../../core/client/admin/reset-offset.ts';
import type { QueueOffset } from '../../core/protocol/bodies/reset-offset.ts';
import { type Cell, cut, left } from './columns.ts';

export interface ResetLine extends ResetByTime {
  /** The time as typed. */
  readonly timestampText: string;
}

/** The line before the table, which skipAccumulatedMessage does not have. */
export function renderResetLine(result: ResetResult, line: ResetLine): string {
  const { consumerGroup, topic, force, timestampText, timestamp } = line;
  const name = result.kind === 'online' ? 'group' : 'consumerGroup';
  const times = `timestamp(string)[${timestampText}], timestamp(long)[${timestamp}]`;
  return `rollback consumer offset by specified ${name}[${consumerGroup}], topic[${topic}], force[${force}], ${times}\n`;
}

export function renderResetTable(result: ResetResult): string {
  if (result.kind === 'offline') return renderRollbackTable(result.queues);
  const rows = result.offsets.map(({ mq, offset }) => row([cut(mq.brokerName, 32), mq.queueId, offset], 40));
  return row(['#brokerName', '#queueId', '#offset'], 40) + rows.join('');
}

function renderRollbackTable(queues: readonly RollbackStats[]): string {
  const heading = [
    '#brokerName',
    '#queueId',
    '#brokerOffset',
    '#consumerOffset',
    '#timestampOffset',
    '#rollbackOffset',
  ];
  const rows = queues.map(({ mq, brokerOffset, consumerOffset, timestampOffset, rollbackOffset }) =>
    row([cut(mq.brokerName, 32), mq.queueId, brokerOffset, consumerOffset, timestampOffset, rollbackOffset], 20),
  );
  return row(heading, 20) + rows.join('');
}

const row = (cells: readonly Cell[], width: number): string => `${cells.map((cell) => left(cell, width)).join('  ')}\n`;

/** Json and yaml. */
export function resetDocument(result: ResetResult): object {
  if (result.kind === 'online') return { kind: result.kind, queues: result.offsets.map(flat) };
  return { kind: result.kind, queues: result.queues.map(({ mq, ...offsets }) => ({ ...mq, ...offsets })) };
}

const flat = ({ mq, offset }: QueueOffset): object => ({ ...mq, offset });

export function renderMemberOffsets(members: readonly MemberOffsets[]): string {
  const line = (clientId: string, broker: string, queue: Cell, offset: Cell): string =>
    `${left(clientId, 50)}  ${left(broker, 15)}  ${left(queue, 15)}  ${left(offset, 20)}\n`;
  const rows = members.flatMap(({ clientId, offsets }) =>
    offsets.map(({ mq, offset }) => line(cut(clientId, 50), cut(mq.brokerName, 15), mq.queueId, offset)),
  );
  return line('#clientId', '#brokerName', '#queueId', '#offset') + rows.join('');
}

export const memberOffsetsDocument = (members: readonly MemberOffsets[]): object[] =>
  members.map(({ clientId, offsets }) => ({ clientId, queues: offsets.map(flat) }));
