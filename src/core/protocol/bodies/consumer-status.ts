/**
 * How far clients are in their queues: answers of GET_CONSUMER_STATUS_FROM_CLIENT (messageQueueTable) and of
 * INVOKE_BROKER_TO_GET_CONSUMER_STATUS (consumerTable). Mirrors GetConsumerStatusBody.
 *
 *   {"consumerTable":{clientId:{mq:L}},"messageQueueTable":{mq:L}}       mq is an object as key
 */

import { numberOf, queueTable, queueTableMember, readBody, recordMember } from './body-reader.ts';
import { queueTableOf, writeBody } from './body-writer.ts';
import type { QueueOffset } from './reset-offset.ts';

export interface ConsumerStatusBody {
  /** By client id. */
  consumerTable: Record<string, QueueOffset[]>;
  /** Of the client that answers. */
  messageQueueTable: QueueOffset[];
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumerStatus(body: Buffer | undefined): ConsumerStatusBody {
  const object = readBody(body, 'consumer status');
  return {
    consumerTable: recordMember(object, 'consumerTable', (table) =>
      queueTable(table, 'consumerTable', (mq, value) => ({ mq, offset: numberOf(value, 'offset') ?? 0 })),
    ),
    messageQueueTable: queueTableMember(object, 'messageQueueTable', (mq, value) => ({
      mq,
      offset: numberOf(value, 'offset') ?? 0,
    })),
  };
}

export function encodeConsumerStatus({ consumerTable, messageQueueTable }: ConsumerStatusBody): Buffer {
  const table = (offsets: readonly QueueOffset[]) => queueTableOf(offsets, ({ offset }) => offset);
  return writeBody({
    consumerTable: new Map(Object.entries(consumerTable).map(([clientId, offsets]) => [clientId, table(offsets)])),
    messageQueueTable: table(messageQueueTable),
  });
}
