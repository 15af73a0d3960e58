/**
 * How far a broadcasting consumer has come in each queue: its offsets.json. Mirrors OffsetSerializeWrapper as
 * LocalFileOffsetStore writes it.
 *
 *   {"offsetTable":{{"brokerName":S,"queueId":I,"topic":S}:L,...}}       indented as fastjson does
 */

import { prettyFastJson } from '../../common/fastjson.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { numberOf, queueTableMember, readBody } from './body-reader.ts';
import { queueTableOf } from './body-writer.ts';

export interface LocalOffset {
  readonly mq: MessageQueue;
  /** The next message to consume. */
  readonly offset: number;
}

/** Throws PocketError PROTOCOL. */
export function decodeLocalOffsets(text: string): LocalOffset[] {
  const object = readBody(Buffer.from(text), 'offsets file');
  return queueTableMember(object, 'offsetTable', (mq, value) => ({ mq, offset: numberOf(value, 'offset') ?? 0 }));
}

export function encodeLocalOffsets(offsets: readonly LocalOffset[]): string {
  return prettyFastJson({ offsetTable: queueTableOf(offsets, ({ offset }) => offset) });
}
