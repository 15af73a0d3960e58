/**
 * Offsets of the queues of a topic: answer of GET_TOPIC_STATS_INFO. Mirrors TopicStatsTable and TopicOffset.
 *
 *   {"offsetTable":{{"brokerName":S,"queueId":I,"topic":S}:{"lastUpdateTimestamp":L,"maxOffset":L,"minOffset":L},...}}
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { numberMember, objectOf, queueTableMember, readBody } from './body-reader.ts';
import { queueTableOf, writeBody } from './body-writer.ts';

/** The offsets of one queue. */
export interface TopicOffset {
  /** The queue. */
  mq: MessageQueue;
  /** The lowest offset it holds. */
  minOffset: number;
  /** The offset its next message will have. */
  maxOffset: number;
  /** Store time of the last message in milliseconds, 0 for an empty queue. */
  lastUpdateTimestamp: number;
}

export interface TopicStatsTable {
  offsetTable: TopicOffset[];
}

/** Throws PocketError PROTOCOL. */
export function decodeTopicStatsTable(body: Buffer | undefined): TopicStatsTable {
  const object = readBody(body, 'topic stats');
  return {
    offsetTable: queueTableMember(object, 'offsetTable', (mq, value) => {
      const row = objectOf(value, 'topic offset');
      return {
        mq,
        minOffset: numberMember(row, 'minOffset'),
        maxOffset: numberMember(row, 'maxOffset'),
        lastUpdateTimestamp: numberMember(row, 'lastUpdateTimestamp'),
      };
    }),
  };
}

export function encodeTopicStatsTable(table: TopicStatsTable): Buffer {
  return writeBody({ offsetTable: queueTableOf(table.offsetTable, ({ mq: _, ...offsets }) => offsets) });
}
