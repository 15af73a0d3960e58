/**
 * The expressions that consumer groups filter by: content of consumerFilter.json. Mirrors ConsumerFilterManager.
 *
 *   {"filterDataByTopic":{topic:{"groupFilterData":{group:{"bornTime":L,"clientVersion":L,"consumerGroup":S,"deadTime":L,
 *    "expression":S,"expressionType":"SQL92","topic":S}},"topic":S}}}
 *
 * Java's bloomFilterData, dead and howLongAfterDeath are neither read nor written; Java ignores a file without the first,
 * and hears of the expressions with the next heartbeats.
 */

import { numberMember, objectOf, readBody, recordMember, stringMember } from './body-reader.ts';

export interface ConsumerFilterData {
  topic: string;
  consumerGroup: string;
  expression: string;
  expressionType: string;
  /** subVersion of the subscription it came with. */
  clientVersion: number;
  /** ms */
  bornTime: number;
  /** ms since when nobody subscribes to it; 0 while somebody does. */
  deadTime: number;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumerFilters(body: Buffer | undefined): ConsumerFilterData[] {
  const object = readBody(body, 'consumer filter table');
  const topics = recordMember(object, 'filterDataByTopic', (value) =>
    recordMember(objectOf(value, 'filters of a topic'), 'groupFilterData', (data) => {
      const filter = objectOf(data, 'filter');
      return {
        topic: stringMember(filter, 'topic') ?? '',
        consumerGroup: stringMember(filter, 'consumerGroup') ?? '',
        expression: stringMember(filter, 'expression') ?? '',
        expressionType: stringMember(filter, 'expressionType') ?? '',
        clientVersion: numberMember(filter, 'clientVersion'),
        bornTime: numberMember(filter, 'bornTime'),
        deadTime: numberMember(filter, 'deadTime'),
      };
    }),
  );
  return Object.values(topics).flatMap((groups) => Object.values(groups));
}

/** The table as an object to be written. */
export function consumerFilterTable(filters: Iterable<ConsumerFilterData>): object {
  const filterDataByTopic: Record<string, { groupFilterData: Record<string, ConsumerFilterData>; topic: string }> = {};
  for (const filter of filters) {
    const { topic, consumerGroup } = filter;
    let ofTopic = filterDataByTopic[topic];
    if (ofTopic === undefined) {
      ofTopic = { groupFilterData: {}, topic };
      filterDataByTopic[topic] = ofTopic;
    }
    ofTopic.groupFilterData[consumerGroup] = filter;
  }
  return { filterDataByTopic };
}
