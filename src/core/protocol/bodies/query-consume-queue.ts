/**
 * Units of a consumequeue with what a group would make of them: answer of QUERY_CONSUME_QUEUE. Mirrors
 * QueryConsumeQueueResponseBody and ConsumeQueueData.
 *
 *   {"filterData":S?,"maxQueueIndex":L,"minQueueIndex":L,"queueData":[{"bitMap":S?,"eval":B,"extendDataJson":S?,"msg":S?,
 *     "physicOffset":L,"physicSize":I,"tagsCode":L},...],"subscriptionData":SubscriptionData?}
 */

import { booleanMember, listMember, numberMember, objectOf, readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { readSubscriptionData, type SubscriptionData } from './subscription-data.ts';

export interface ConsumeQueueData {
  /** Offset of the record in the commitlog. */
  physicOffset: number;
  /** Bytes of the record. */
  physicSize: number;
  /** Java hash code of the tag; of a delayed message the time it is due. */
  tagsCode: number;
  /** The rest is there where the broker keeps the extended queue (enableConsumeQueueExt). */
  extendDataJson?: string | undefined;
  bitMap?: string | undefined;
  /** Whether the group's filter takes the message, as far as the extended queue tells. */
  eval: boolean;
  msg?: string | undefined;
}

export interface ConsumeQueueAnswer {
  /** What the group subscribes to; absent without a group, and of one that is not online. */
  subscriptionData?: SubscriptionData | undefined;
  /** JSON of an SQL92 filter, `null`, or a sentence; absent without a group. */
  filterData?: string | undefined;
  minQueueIndex: number;
  /** The index the next message will get. */
  maxQueueIndex: number;
  queueData: ConsumeQueueData[];
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumeQueueAnswer(body: Buffer | undefined): ConsumeQueueAnswer {
  const object = readBody(body, 'consumequeue answer');
  const { subscriptionData } = object;
  return {
    subscriptionData: subscriptionData == null ? undefined : readSubscriptionData(subscriptionData),
    filterData: stringMember(object, 'filterData'),
    minQueueIndex: numberMember(object, 'minQueueIndex'),
    maxQueueIndex: numberMember(object, 'maxQueueIndex'),
    queueData: listMember(object, 'queueData').map((value) => {
      const unit = objectOf(value, 'consumequeue unit');
      return {
        physicOffset: numberMember(unit, 'physicOffset'),
        physicSize: numberMember(unit, 'physicSize'),
        tagsCode: numberMember(unit, 'tagsCode'),
        extendDataJson: stringMember(unit, 'extendDataJson'),
        bitMap: stringMember(unit, 'bitMap'),
        eval: booleanMember(unit, 'eval'),
        msg: stringMember(unit, 'msg'),
      };
    }),
  };
}

export function encodeConsumeQueueAnswer(answer: ConsumeQueueAnswer): Buffer {
  return writeBody(answer);
}
