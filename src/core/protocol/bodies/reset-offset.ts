/**
 * Offsets by queue: body of RESET_CONSUMER_CLIENT_OFFSET and answer of INVOKE_BROKER_TO_RESET_OFFSET. Mirrors ResetOffsetBody
 * and, for C++ clients, which cannot read an object as key, ResetOffsetBodyForC.
 *
 *   {"offsetTable":{{"brokerName":S,"queueId":I,"topic":S}:L,...}}
 *   {"offsetTable":[{"brokerName":S,"offset":L,"queueId":I,"topic":S},...]}
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { numberMember, numberOf, objectOf, queueTableMember, readBody, readMessageQueue } from './body-reader.ts';
import { messageQueueBean, queueTableOf, writeBody } from './body-writer.ts';

/** A place in a queue. */
export interface QueueOffset {
  /** The queue. */
  readonly mq: MessageQueue;
  /** A place in it. */
  readonly offset: number;
}

/** Either form. Throws PocketError PROTOCOL. */
export function decodeResetOffset(body: Buffer | undefined): QueueOffset[] {
  const object = readBody(body, 'reset of offsets');
  const { offsetTable } = object;
  if (!Array.isArray(offsetTable)) {
    return queueTableMember(object, 'offsetTable', (mq, value) => ({ mq, offset: numberOf(value, 'offset') ?? 0 }));
  }
  return offsetTable.map((row) => ({
    mq: readMessageQueue(row),
    offset: numberMember(objectOf(row, 'queue offset'), 'offset'),
  }));
}

export function encodeResetOffset(offsetTable: readonly QueueOffset[]): Buffer {
  return writeBody({ offsetTable: queueTableOf(offsetTable, ({ offset }) => offset) });
}

export function encodeResetOffsetForC(offsetTable: readonly QueueOffset[]): Buffer {
  return writeBody({ offsetTable: offsetTable.map(({ mq, offset }) => ({ ...messageQueueBean(mq), offset })) });
}
