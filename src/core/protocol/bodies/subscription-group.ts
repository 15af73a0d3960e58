/**
 * Configs of consumer groups: request of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, answer of GET_ALL_SUBSCRIPTIONGROUP_CONFIG
 * and of 5.x GET_SUBSCRIPTIONGROUP_CONFIG, content of subscriptionGroup.json. Mirrors SubscriptionGroupConfig and
 * SubscriptionGroupWrapper.
 *
 *   {"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,"groupName":S,
 *    "notifyConsumerIdsChangedEnable":true,"retryMaxTimes":16,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1}
 *   {"dataVersion":DV,"subscriptionGroupTable":{group:SubscriptionGroupConfig}}
 *
 * What 5.x adds (attributes, groupRetryPolicy, consumeMessageOrderly, ...) is not read.
 */

import type { JsonObject } from '../../common/fastjson.ts';
import { booleanMember, numberMember, objectOf, readBody, recordMember, stringMember } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { type DataVersion, readDataVersion } from './topic-config.ts';

/** The settings of a consumer group. */
export interface SubscriptionGroupConfig {
  /** Name of the group. */
  groupName: string;
  /** Whether it may consume. */
  consumeEnable: boolean;
  /** Whether it may begin at the smallest offset. */
  consumeFromMinEnable: boolean;
  /** Whether it may broadcast. */
  consumeBroadcastEnable: boolean;
  /** Queues of its retry topic. */
  retryQueueNums: number;
  /** How often a message is delivered again before it goes to %DLQ%. */
  retryMaxTimes: number;
  /** The broker a consumer of this group should read from: 0 is the master. */
  brokerId: number;
  /** brokerId that a slow member is sent to. */
  whichBrokerWhenConsumeSlowly: number;
  /** Whether members are told of each other at once. */
  notifyConsumerIdsChangedEnable: boolean;
}

export interface SubscriptionGroupWrapper {
  subscriptionGroupTable: Record<string, SubscriptionGroupConfig>;
  dataVersion: DataVersion;
}

/** A group nobody has configured. */
export function defaultSubscriptionGroupConfig(groupName: string): SubscriptionGroupConfig {
  return {
    groupName,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    retryQueueNums: 1,
    retryMaxTimes: 16,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  };
}

/** Throws PocketError PROTOCOL. */
export function decodeSubscriptionGroupConfig(body: Buffer | undefined): SubscriptionGroupConfig {
  return readSubscriptionGroupConfig(readBody(body, 'subscription group config'));
}

export function encodeSubscriptionGroupConfig(config: SubscriptionGroupConfig): Buffer {
  return writeBody(config);
}

/** Throws PocketError PROTOCOL. */
export function decodeSubscriptionGroupWrapper(body: Buffer | undefined): SubscriptionGroupWrapper {
  const object = readBody(body, 'subscription group table');
  return {
    subscriptionGroupTable: recordMember(object, 'subscriptionGroupTable', (config) =>
      readSubscriptionGroupConfig(objectOf(config, 'subscription group config')),
    ),
    dataVersion: readDataVersion(object.dataVersion),
  };
}

export function encodeSubscriptionGroupWrapper(wrapper: SubscriptionGroupWrapper): Buffer {
  return writeBody(wrapper);
}

/** Missing members have the defaults. */
function readSubscriptionGroupConfig(object: JsonObject): SubscriptionGroupConfig {
  const missing = defaultSubscriptionGroupConfig('');
  return {
    groupName: stringMember(object, 'groupName') ?? missing.groupName,
    consumeEnable: booleanMember(object, 'consumeEnable', missing.consumeEnable),
    consumeFromMinEnable: booleanMember(object, 'consumeFromMinEnable', missing.consumeFromMinEnable),
    consumeBroadcastEnable: booleanMember(object, 'consumeBroadcastEnable', missing.consumeBroadcastEnable),
    retryQueueNums: numberMember(object, 'retryQueueNums', missing.retryQueueNums),
    retryMaxTimes: numberMember(object, 'retryMaxTimes', missing.retryMaxTimes),
    brokerId: numberMember(object, 'brokerId', missing.brokerId),
    whichBrokerWhenConsumeSlowly: numberMember(
      object,
      'whichBrokerWhenConsumeSlowly',
      missing.whichBrokerWhenConsumeSlowly,
    ),
    notifyConsumerIdsChangedEnable: booleanMember(
      object,
      'notifyConsumerIdsChangedEnable',
      missing.notifyConsumerIdsChangedEnable,
    ),
  };
}
