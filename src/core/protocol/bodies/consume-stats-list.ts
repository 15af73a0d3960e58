/**
 * How far every group of a broker is behind: answer of GET_BROKER_CONSUME_STATS. Mirrors ConsumeStatsList.
 *
 *   {"brokerAddr":S,"consumeStatsList":[{group:[ConsumeStats,...]},...],"totalDiff":L}     a ConsumeStats for each topic
 */

import { listMember, numberMember, objectOf, readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { type ConsumeStats, consumeStatsBean, readConsumeStats } from './consume-stats.ts';

export interface GroupConsumeStats {
  readonly consumerGroup: string;
  /** One for each topic. */
  readonly topics: readonly ConsumeStats[];
}

export interface ConsumeStatsList {
  readonly brokerAddr: string;
  readonly consumeStatsList: readonly GroupConsumeStats[];
  /** Messages that the groups have still to consume, of all queues together. */
  readonly totalDiff: number;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumeStatsList(body: Buffer | undefined): ConsumeStatsList {
  const object = readBody(body, 'consume stats of a broker');
  return {
    brokerAddr: stringMember(object, 'brokerAddr') ?? '',
    consumeStatsList: listMember(object, 'consumeStatsList').flatMap((value) => {
      const groups = objectOf(value, 'consume stats of a group');
      return Object.keys(groups).map((consumerGroup) => ({
        consumerGroup,
        topics: listMember(groups, consumerGroup).map((stats) => readConsumeStats(objectOf(stats, 'consume stats'))),
      }));
    }),
    totalDiff: numberMember(object, 'totalDiff'),
  };
}

export function encodeConsumeStatsList({ brokerAddr, consumeStatsList, totalDiff }: ConsumeStatsList): Buffer {
  return writeBody({
    brokerAddr,
    consumeStatsList: consumeStatsList.map(
      ({ consumerGroup, topics }) => new Map([[consumerGroup, topics.map(consumeStatsBean)]]),
    ),
    totalDiff,
  });
}
