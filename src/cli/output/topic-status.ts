/**
 * What topicStatus prints. A queue that never had a message has an empty last column.
 */

import type { TopicOffset } from '../../core/protocol/bodies/topic-stats-table.ts';
import { cut, left } from './columns.ts';
import { timeWithMillis } from './java-time.ts';

export function renderTopicStatus(rows: readonly TopicOffset[]): string {
  const heading = line(['#Broker Name', '#QID', '#Min Offset', '#Max Offset', '#Last Updated']);
  const text = rows.map(({ mq, minOffset, maxOffset, lastUpdateTimestamp }) =>
    line([
      cut(mq.brokerName, 32),
      mq.queueId,
      minOffset,
      maxOffset,
      lastUpdateTimestamp > 0 ? timeWithMillis(lastUpdateTimestamp) : '',
    ]),
  );
  return heading + text.join('');
}

type Cells = readonly [string, string | number, string | number, string | number, string];

const line = ([broker, queueId, min, max, updated]: Cells): string =>
  `${left(broker, 32)}  ${left(queueId, 4)}  ${left(min, 20)}  ${left(max, 20)}    ${updated}\n`;

/** A row for json and yaml. */
export function topicStatusDocument(rows: readonly TopicOffset[]): object[] {
  return rows.map(({ mq, ...figures }) => ({ ...mq, ...figures }));
}
