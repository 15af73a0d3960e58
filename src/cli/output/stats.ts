/** What brokerConsumeStats and statsAll print. The heading of statsAll is one character wider than its rows. */

import type { GroupStats, TopicStats } from '../../core/client/admin/stats-admin.ts';
import { compareMessageQueues } from '../../core/message/message-queue.ts';
import type { ConsumeStatsRow } from '../../core/protocol/bodies/consume-stats.ts';
import type { ConsumeStatsList } from '../../core/protocol/bodies/consume-stats-list.ts';
import { type Cell, cut, decimals, left, right } from './columns.ts';
import { timeOfDay } from './java-time.ts';

/** Rows below `level`, and of queues of which nothing was consumed, are left out; the total is the broker's. */
export function renderBrokerConsumeStats(stats: ConsumeStatsList, level: number): string {
  const heading = consumeLine(
    ...(['#Topic', '#Group', '#Broker Name', '#QID', '#Broker Offset', '#Consumer Offset', '#Diff'] as const),
    '#LastTime',
  );
  const lines = shownRows(stats, level).map(
    ({ consumerGroup, mq, brokerOffset, consumerOffset, diff, lastTimestamp }) =>
      consumeLine(
        ...([
          cut(mq.topic, 64),
          consumerGroup,
          cut(mq.brokerName, 32),
          mq.queueId,
          brokerOffset,
          consumerOffset,
        ] as const),
        diff,
        timeOfDay(lastTimestamp),
      ),
  );
  return `${heading}${lines.join('')}\nDiff Total: ${stats.totalDiff}\n`;
}

type ConsumeCells = [
  topic: string,
  group: string,
  broker: string,
  queue: Cell,
  brokerOffset: Cell,
  consumerOffset: Cell,
];

function consumeLine(...cells: [...ConsumeCells, diff: Cell, lastTime: string]): string {
  const [topic, group, broker, queue, brokerOffset, consumerOffset, diff, lastTime] = cells;
  const place = `${left(topic, 64)}  ${left(group, 64)}  ${left(broker, 32)}  ${left(queue, 4)}`;
  return `${place}  ${left(brokerOffset, 20)}  ${left(consumerOffset, 20)}  ${left(diff, 20)}  ${lastTime}\n`;
}

interface ShownRow extends ConsumeStatsRow {
  readonly consumerGroup: string;
  readonly diff: number;
}

function shownRows({ consumeStatsList }: ConsumeStatsList, level: number): ShownRow[] {
  return consumeStatsList.flatMap(({ consumerGroup, topics }) =>
    topics.flatMap(({ offsetTable }) =>
      [...offsetTable]
        .sort((a, b) => compareMessageQueues(a.mq, b.mq))
        .map((row) => ({ consumerGroup, ...row, diff: row.brokerOffset - row.consumerOffset }))
        .filter(({ diff, lastTimestamp }) => diff >= level && lastTimestamp > 0),
    ),
  );
}

/** Json and yaml. */
export function brokerConsumeStatsDocument(stats: ConsumeStatsList, level: number): object {
  const rows = shownRows(stats, level).map(({ consumerGroup, mq, ...figures }) => ({
    consumerGroup,
    ...mq,
    ...figures,
  }));
  return { brokerAddr: stats.brokerAddr, rows, totalDiff: stats.totalDiff };
}

export function renderStatsAll(topics: readonly TopicStats[]): string {
  const heading = statsLine(
    ['#Topic', '#Consumer Group', '#Accumulation', '#InTPS'],
    ['#OutTPS', '#InMsg24Hour', '#OutMsg24Hour'],
  );
  return heading + topics.flatMap(topicLines).join('');
}

function topicLines({ topic, inTps, inMsg24Hour, groups, error }: TopicStats): string[] {
  if (error !== undefined) return [];
  const name = cut(topic, 64);
  const tps = decimals(inTps, 2);
  if (groups.length === 0) return [statsLine([name, '', 0, tps], ['', inMsg24Hour, 'NO_CONSUMER'])];
  return groups.map(({ consumerGroup, accumulation, outTps, outMsg24Hour }) =>
    statsLine([name, cut(consumerGroup, 64), accumulation, tps], [decimals(outTps, 2), inMsg24Hour, outMsg24Hour]),
  );
}

function statsLine(
  [topic, group, accumulation, inTps]: [string, string, Cell, string],
  [outTps, inMsg, outMsg]: [string, Cell, Cell],
): string {
  const who = `${left(topic, 64)}  ${left(group, 64)} ${right(accumulation, 12)}`;
  return `${who} ${right(inTps, 11)} ${right(outTps, 11)} ${right(inMsg, 14)} ${right(outMsg, 14)}\n`;
}

/** Without topics and groups that had no message in a day. */
export function activeOnly(topics: readonly TopicStats[]): TopicStats[] {
  return topics.flatMap((topic) => {
    if (topic.error !== undefined || topic.inMsg24Hour > 0) return topic;
    const groups = topic.groups.filter(({ outMsg24Hour }: GroupStats) => outMsg24Hour > 0);
    return groups.length > 0 ? { ...topic, groups } : [];
  });
}
