/** The client ids of a consumer group: answer of GET_CONSUMER_LIST_BY_GROUP. Mirrors GetConsumerListByGroupResponseBody. */

import { readBody, stringListMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface ConsumerList {
  /** In the broker's order, duplicates possible: whoever divides queues sorts it first. */
  consumerIdList: string[];
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumerList(body: Buffer | undefined): ConsumerList {
  return { consumerIdList: stringListMember(readBody(body, 'consumer list'), 'consumerIdList') };
}

export function encodeConsumerList(list: ConsumerList): Buffer {
  return writeBody(list);
}
