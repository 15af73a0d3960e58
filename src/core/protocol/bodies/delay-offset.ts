/**
 * How far each delay level is delivered: answer of GET_ALL_DELAY_OFFSET and content of delayOffset.json. Mirrors
 * DelayOffsetSerializeWrapper.
 *
 *   {"offsetTable":{3:12,18:1}}       level to the next offset of queue level - 1 of SCHEDULE_TOPIC_XXXX
 */

import { intKeyMember, numberOf, optionalNumberMember, readBody } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

export interface DelayOffsetSerializeWrapper {
  offsetTable: Map<number, number>;
  /** In the file only, and ours: the commitlog may hold deliveries from here on that the table does not count. */
  commitLogOffset?: number | undefined;
}

/** Throws PocketError PROTOCOL. */
export function decodeDelayOffset(body: Buffer | undefined): DelayOffsetSerializeWrapper {
  const object = readBody(body, 'delay offset table');
  return {
    offsetTable: intKeyMember(object, 'offsetTable', (offset) => numberOf(offset, 'offsetTable') ?? 0),
    commitLogOffset: optionalNumberMember(object, 'commitLogOffset'),
  };
}

export function encodeDelayOffset(wrapper: DelayOffsetSerializeWrapper): Buffer {
  return writeBody(wrapper);
}
