/** What `offset reset` prints: each queue before and after. */

import type { OffsetPlan } from '../../core/client/admin/offset-reset.ts';
import { type Cell, left } from './columns.ts';

export function renderOffsetPlan({ queues }: OffsetPlan): string {
  const heading = line(['#Broker Name', '#QID', '#Min Offset', '#Max Offset', '#Before', '#After', '#Change']);
  const rows = queues.map(({ mq, minOffset, maxOffset, before, after }) => {
    const to = after ?? before;
    const change = before === undefined || to === undefined ? '-' : signed(to - before);
    return line([mq.brokerName, mq.queueId, minOffset, maxOffset, before ?? '-', to ?? '-', change]);
  });
  return heading + rows.join('');
}

const signed = (change: number): string => (change > 0 ? `+${change}` : String(change));

function line([broker = '', queueId = '', min = '', max = '', before = '', after = '', change = '']: Cell[]): string {
  const offsets = [min, max, before, after].map((offset) => left(offset, 20)).join('  ');
  return `${left(broker, 32)}  ${left(queueId, 4)}  ${offsets}  ${change}\n`;
}

/** Json and yaml. */
export const offsetPlanDocument = ({ consumerGroup, topic, queues }: OffsetPlan): object => ({
  consumerGroup,
  topic,
  queues: queues.map(({ mq, ...offsets }) => ({ brokerName: mq.brokerName, queueId: mq.queueId, ...offsets })),
});
