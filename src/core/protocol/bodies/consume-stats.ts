/**
 * How far a group is behind: answer of GET_CONSUME_STATS. Mirrors ConsumeStats and OffsetWrapper.
 *
 *   {"consumeTps":D,"offsetTable":{{"brokerName":S,"queueId":I,"topic":S}:{"brokerOffset":L,"consumerOffset":L,
 *     "lastTimestamp":L},...}}
 */

import { JavaDouble, type JsonObject } from '../../common/fastjson.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { numberMember, objectOf, optionalNumberMember, queueTableMember, readBody } from './body-reader.ts';
import { queueTableOf, writeBody } from './body-writer.ts';

/** How far a group is in a queue. */
export interface ConsumeStatsRow {
  /** The queue. */
  mq: MessageQueue;
  /** The offset the next message of the queue will get. */
  brokerOffset: number;
  /** The group's committed offset, 0 where there is none. */
  consumerOffset: number;
  /** Store time in milliseconds of the last message consumed, 0 if unknown. */
  lastTimestamp: number;
  /** 5.x only: the offset of the last pull. */
  pullOffset?: number | undefined;
}

export interface ConsumeStats {
  offsetTable: ConsumeStatsRow[];
  consumeTps: number;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumeStats(body: Buffer | undefined): ConsumeStats {
  return readConsumeStats(readBody(body, 'consume stats'));
}

export function readConsumeStats(object: JsonObject): ConsumeStats {
  return {
    offsetTable: queueTableMember(object, 'offsetTable', (mq, value) => {
      const row = objectOf(value, 'consume offset');
      return {
        mq,
        brokerOffset: numberMember(row, 'brokerOffset'),
        consumerOffset: numberMember(row, 'consumerOffset'),
        lastTimestamp: numberMember(row, 'lastTimestamp'),
        pullOffset: optionalNumberMember(row, 'pullOffset'),
      };
    }),
    consumeTps: numberMember(object, 'consumeTps'),
  };
}

export function encodeConsumeStats(stats: ConsumeStats): Buffer {
  return writeBody(consumeStatsBean(stats));
}

export function consumeStatsBean(stats: ConsumeStats): object {
  return {
    consumeTps: new JavaDouble(stats.consumeTps),
    offsetTable: queueTableOf(stats.offsetTable, ({ mq: _, ...offsets }) => offsets),
  };
}
