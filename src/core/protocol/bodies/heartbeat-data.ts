/**
 * What a client tells every broker it uses in HEART_BEAT. Mirrors HeartbeatData, ConsumerData and ProducerData.
 *
 *   {"clientID":S,"consumerDataSet":[{"consumeFromWhere":E,"consumeType":E,"groupName":S,"messageModel":E,
 *     "subscriptionDataSet":[SubscriptionData],"unitMode":B}],"producerDataSet":[{"groupName":S}]}
 *
 * An enum constant this page does not list is read as if it were absent. The fingerprint of 5.x heartbeats is not read:
 * a broker that never announces heartbeat V2 gets whole heartbeats.
 */

import type { JsonValue } from '../../common/fastjson.ts';
import { booleanMember, enumMember, listMember, objectOf, readBody, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { readSubscriptionData, type SubscriptionData } from './subscription-data.ts';

export const consumeTypes = ['CONSUME_ACTIVELY', 'CONSUME_PASSIVELY', 'CONSUME_POP'] as const;
export const messageModels = ['CLUSTERING', 'BROADCASTING'] as const;
export const consumeFromWheres = [
  'CONSUME_FROM_LAST_OFFSET',
  'CONSUME_FROM_FIRST_OFFSET',
  'CONSUME_FROM_TIMESTAMP',
  'CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST',
  'CONSUME_FROM_MIN_OFFSET',
  'CONSUME_FROM_MAX_OFFSET',
] as const;

export type ConsumeType = (typeof consumeTypes)[number];
export type MessageModel = (typeof messageModels)[number];
export type ConsumeFromWhere = (typeof consumeFromWheres)[number];

export interface ProducerData {
  groupName: string;
}

export interface ConsumerData {
  groupName: string;
  consumeType?: ConsumeType | undefined;
  messageModel?: MessageModel | undefined;
  consumeFromWhere?: ConsumeFromWhere | undefined;
  subscriptionDataSet: SubscriptionData[];
  unitMode: boolean;
}

export interface HeartbeatData {
  clientID: string;
  producerDataSet: ProducerData[];
  consumerDataSet: ConsumerData[];
}

/** Throws PocketError PROTOCOL. */
export function decodeHeartbeatData(body: Buffer | undefined): HeartbeatData {
  const object = readBody(body, 'heartbeat');
  return {
    clientID: stringMember(object, 'clientID') ?? '',
    producerDataSet: listMember(object, 'producerDataSet').map(readProducerData),
    consumerDataSet: listMember(object, 'consumerDataSet').map(readConsumerData),
  };
}

export function encodeHeartbeatData(heartbeat: HeartbeatData): Buffer {
  return writeBody(heartbeat);
}

function readProducerData(value: JsonValue): ProducerData {
  return { groupName: stringMember(objectOf(value, 'producer'), 'groupName') ?? '' };
}

function readConsumerData(value: JsonValue): ConsumerData {
  const object = objectOf(value, 'consumer');
  return {
    groupName: stringMember(object, 'groupName') ?? '',
    consumeType: enumMember(object, 'consumeType', consumeTypes),
    messageModel: enumMember(object, 'messageModel', messageModels),
    consumeFromWhere: enumMember(object, 'consumeFromWhere', consumeFromWheres),
    subscriptionDataSet: listMember(object, 'subscriptionDataSet').map(readSubscriptionData),
    unitMode: booleanMember(object, 'unitMode'),
  };
}
