/**
 * Committed offsets: answer of GET_ALL_CONSUMER_OFFSET and content of consumerOffset.json. Mirrors
 * ConsumerOffsetSerializeWrapper.
 *
 *   {"offsetTable":{"topic@group":{0:5,1:7}}}       5.x adds a dataVersion, which is not read
 */

import { intKeyMap, numberOf, readBody, recordMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface ConsumerOffsetSerializeWrapper {
  /** `topic@group` to queueId to the offset to consume next. */
  offsetTable: Record<string, Map<number, number>>;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumerOffset(body: Buffer | undefined): ConsumerOffsetSerializeWrapper {
  const object = readBody(body, 'consumer offset table');
  return {
    offsetTable: recordMember(object, 'offsetTable', (queues) =>
      intKeyMap(queues, 'offsetTable', (offset) => numberOf(offset, 'offsetTable') ?? 0),
    ),
  };
}

export function encodeConsumerOffset(wrapper: ConsumerOffsetSerializeWrapper): Buffer {
  return writeBody(wrapper);
}
