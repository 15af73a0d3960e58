/**
 * Who consumes in a group, and what: answer of GET_CONSUMER_CONNECTION_LIST. Mirrors ConsumerConnection.
 *
 *   {"connectionSet":[Connection],"consumeFromWhere":E,"consumeType":E,"messageModel":E,
 *    "subscriptionTable":{topic:SubscriptionData}}
 */

import { enumMember, readBody, recordMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import {
  type ConsumeFromWhere,
  type ConsumeType,
  consumeFromWheres,
  consumeTypes,
  type MessageModel,
  messageModels,
} from './heartbeat-data.ts';
import { type ClientConnection, readConnectionSet } from './producer-connection.ts';
import { readSubscriptionData, type SubscriptionData } from './subscription-data.ts';

/** Who consumes in a group, and what. */
export interface ConsumerConnection {
  /** Its clients. */
  connectionSet: ClientConnection[];
  /** By topic. */
  subscriptionTable: Record<string, SubscriptionData>;
  /** Push clients: CONSUME_PASSIVELY; pull clients: CONSUME_ACTIVELY. */
  consumeType?: ConsumeType | undefined;
  /** Whether its members share the messages, or each gets all. */
  messageModel?: MessageModel | undefined;
  /** Where a queue without an offset is begun. */
  consumeFromWhere?: ConsumeFromWhere | undefined;
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumerConnection(body: Buffer | undefined): ConsumerConnection {
  const object = readBody(body, 'consumer connection');
  return {
    connectionSet: readConnectionSet(object),
    subscriptionTable: recordMember(object, 'subscriptionTable', readSubscriptionData),
    consumeType: enumMember(object, 'consumeType', consumeTypes),
    messageModel: enumMember(object, 'messageModel', messageModels),
    consumeFromWhere: enumMember(object, 'consumeFromWhere', consumeFromWheres),
  };
}

export function encodeConsumerConnection(connection: ConsumerConnection): Buffer {
  return writeBody(connection);
}
