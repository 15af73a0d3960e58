/**
 * What a consumer client is doing: answer of GET_CONSUMER_RUNNING_INFO. Mirrors ConsumerRunningInfo, ProcessQueueInfo and
 * ConsumeStatus.
 *
 *   {"jstack":S?,"mqTable":{{"brokerName":S,"queueId":I,"topic":S}:ProcessQueueInfo},"properties":{S:S},
 *    "statusTable":{topic:ConsumeStatus},"subscriptionSet":[SubscriptionData]}
 */

import { JavaDouble, type JsonObject, type JsonValue } from '../../common/fastjson.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import {
  booleanMember,
  listMember,
  numberMember,
  objectOf,
  queueTableMember,
  readBody,
  recordMember,
  stringMember,
  stringOf,
} from './body-reader.ts';
import { queueTableOf, writeBody } from './body-writer.ts';
import { readSubscriptionData, type SubscriptionData } from './subscription-data.ts';

/** One queue as the client holds it. Times in ms, 0 where it has not happened. */
export interface ProcessQueueInfo {
  /** The offset it will commit. */
  commitOffset: number;
  cachedMsgMinOffset: number;
  cachedMsgMaxOffset: number;
  cachedMsgCount: number;
  cachedMsgSizeInMiB: number;
  /** Of messages an orderly listener is working on. */
  transactionMsgMinOffset: number;
  transactionMsgMaxOffset: number;
  transactionMsgCount: number;
  /** Locked at the broker, for orderly consumption. */
  locked: boolean;
  tryUnlockTimes: number;
  lastLockTimestamp: number;
  droped: boolean;
  lastPullTimestamp: number;
  lastConsumeTimestamp: number;
}

/** How fast a topic is consumed: means of the last minute, ms and 1/s. */
export interface ConsumeStatus {
  pullRT: number;
  pullTPS: number;
  consumeRT: number;
  consumeOKTPS: number;
  consumeFailedTPS: number;
  /** In the last hour. */
  consumeFailedMsgs: number;
}

export interface RunningQueue extends ProcessQueueInfo {
  readonly mq: MessageQueue;
}

export interface ConsumerRunningInfo {
  properties: Record<string, string>;
  subscriptionSet: SubscriptionData[];
  mqTable: RunningQueue[];
  /** By topic. */
  statusTable: Record<string, ConsumeStatus>;
  /** The stacks of its threads, where they were asked for. */
  jstack?: string | undefined;
}

/** Names of the properties that every client fills in. */
export const RunningProperty = {
  NAMESERVER_ADDR: 'PROP_NAMESERVER_ADDR',
  THREADPOOL_CORE_SIZE: 'PROP_THREADPOOL_CORE_SIZE',
  CONSUME_ORDERLY: 'PROP_CONSUMEORDERLY',
  CONSUME_TYPE: 'PROP_CONSUME_TYPE',
  CLIENT_VERSION: 'PROP_CLIENT_VERSION',
  CONSUMER_START_TIMESTAMP: 'PROP_CONSUMER_START_TIMESTAMP',
} as const;

const queueNumbers = [
  ...['commitOffset', 'cachedMsgMinOffset', 'cachedMsgMaxOffset', 'cachedMsgCount', 'cachedMsgSizeInMiB'],
  ...['transactionMsgMinOffset', 'transactionMsgMaxOffset', 'transactionMsgCount', 'tryUnlockTimes'],
  ...['lastLockTimestamp', 'lastPullTimestamp', 'lastConsumeTimestamp'],
] as readonly Exclude<keyof ProcessQueueInfo, 'locked' | 'droped'>[];

const statusNumbers = [
  ...['pullRT', 'pullTPS', 'consumeRT', 'consumeOKTPS', 'consumeFailedTPS', 'consumeFailedMsgs'],
] as readonly (keyof ConsumeStatus)[];

/** Throws PocketError PROTOCOL. */
export function decodeConsumerRunningInfo(body: Buffer | undefined): ConsumerRunningInfo {
  const object = readBody(body, 'running info of a consumer');
  return {
    properties: recordMember(object, 'properties', (value) => stringOf(value) ?? ''),
    subscriptionSet: listMember(object, 'subscriptionSet').map(readSubscriptionData),
    mqTable: queueTableMember(object, 'mqTable', (mq, value) => ({ mq, ...readQueue(value) })),
    statusTable: recordMember(object, 'statusTable', (value) =>
      numbers(objectOf(value, 'consume status'), statusNumbers),
    ),
    jstack: stringMember(object, 'jstack'),
  };
}

function readQueue(value: JsonValue): ProcessQueueInfo {
  const queue = objectOf(value, 'process queue');
  return {
    ...numbers(queue, queueNumbers),
    locked: booleanMember(queue, 'locked'),
    droped: booleanMember(queue, 'droped'),
  };
}

function numbers<K extends string>(object: JsonObject, names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, numberMember(object, name)])) as Record<K, number>;
}

export function encodeConsumerRunningInfo(info: ConsumerRunningInfo): Buffer {
  return writeBody({
    ...info,
    mqTable: queueTableOf(info.mqTable, ({ mq: _, ...queue }) => queue),
    statusTable: new Map(Object.entries(info.statusTable).map(([topic, status]) => [topic, statusBean(status)])),
  });
}

function statusBean({ consumeFailedMsgs, ...rates }: ConsumeStatus): object {
  const doubles = Object.entries(rates).map(([name, value]) => [name, new JavaDouble(value)]);
  return { ...Object.fromEntries(doubles), consumeFailedMsgs };
}
