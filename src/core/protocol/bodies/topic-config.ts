/**
 * Topic configs: answer of GET_ALL_TOPIC_CONFIG and of 5.x GET_TOPIC_CONFIG, part of REGISTER_BROKER, and the content of
 * topics.json. Mirrors TopicConfig, DataVersion and TopicConfigSerializeWrapper.
 *
 *   {"dataVersion":{"counter":L,"timestamp":L},"topicConfigTable":{topic:TopicConfig}}
 *   TopicConfig {"order":B,"perm":I,"readQueueNums":I,"topicFilterType":"SINGLE_TAG","topicName":S,"topicSysFlag":I,
 *                "writeQueueNums":I}
 *
 * The `attributes` of 5.x are not read; its `stateVersion` is kept, because 5.x brokers compare it.
 */

import type { JsonObject, JsonValue } from '../../common/fastjson.ts';
import {
  booleanMember,
  enumMember,
  numberMember,
  objectOf,
  optionalNumberMember,
  readBody,
  recordMember,
  stringMember,
} from './body-reader.ts';
import { writeBody } from './body-writer.ts';

/** How many tags a message of the topic may have; brokers only look at one. */
export type TopicFilterType = 'SINGLE_TAG' | 'MULTI_TAG';

const topicFilterTypes: readonly TopicFilterType[] = ['SINGLE_TAG', 'MULTI_TAG'];

/** A topic's settings on a broker. */
export interface TopicConfig {
  /** Its name. */
  topicName: string;
  /** Queues consumers read. */
  readQueueNums: number;
  /** Queues producers write to. */
  writeQueueNums: number;
  /** 4 readable, 2 writable, 1 inherited by topics created after it. */
  perm: number;
  /** SINGLE_TAG but for topics of other tools. */
  topicFilterType: TopicFilterType;
  /** 1 unit, 2 unit subscription. */
  topicSysFlag: number;
  /** An order topic; brokers do not act on it. */
  order: boolean;
}

/** Grows with every change of a table; two sides have the same table when all members are equal. */
export interface DataVersion {
  counter: number;
  /** Milliseconds. */
  timestamp: number;
  /** 5.x only. */
  stateVersion?: number | undefined;
}

export interface TopicConfigSerializeWrapper {
  topicConfigTable: Record<string, TopicConfig>;
  dataVersion: DataVersion;
}

/** Throws PocketError PROTOCOL. */
export function decodeTopicConfig(body: Buffer | undefined): TopicConfig {
  return readTopicConfig(readBody(body, 'topic config'));
}

export function encodeTopicConfig(config: TopicConfig): Buffer {
  return writeBody(config);
}

/** Throws PocketError PROTOCOL. */
export function decodeDataVersion(body: Buffer | undefined): DataVersion {
  return readDataVersion(readBody(body, 'data version'));
}

export function encodeDataVersion(version: DataVersion): Buffer {
  return writeBody(version);
}

/** Throws PocketError PROTOCOL. */
export function decodeTopicConfigSerializeWrapper(body: Buffer | undefined): TopicConfigSerializeWrapper {
  return readTopicConfigSerializeWrapper(readBody(body, 'topic config table'));
}

export function encodeTopicConfigSerializeWrapper(wrapper: TopicConfigSerializeWrapper): Buffer {
  return writeBody(wrapper);
}

export function readTopicConfigSerializeWrapper(object: JsonObject): TopicConfigSerializeWrapper {
  return {
    topicConfigTable: recordMember(object, 'topicConfigTable', (config) =>
      readTopicConfig(objectOf(config, 'topic config')),
    ),
    dataVersion: readDataVersion(object.dataVersion),
  };
}

/** A missing version is 0 at time 0. */
export function readDataVersion(value: JsonValue | undefined): DataVersion {
  if (value === undefined || value === null) return { counter: 0, timestamp: 0 };
  const object = objectOf(value, 'data version');
  const version: DataVersion = {
    counter: numberMember(object, 'counter'),
    timestamp: numberMember(object, 'timestamp'),
  };
  const stateVersion = optionalNumberMember(object, 'stateVersion');
  return stateVersion === undefined ? version : { ...version, stateVersion };
}

/** Missing members have the defaults of a new TopicConfig: 16 queues, perm 6. */
function readTopicConfig(object: JsonObject): TopicConfig {
  return {
    topicName: stringMember(object, 'topicName') ?? '',
    readQueueNums: numberMember(object, 'readQueueNums', 16),
    writeQueueNums: numberMember(object, 'writeQueueNums', 16),
    perm: numberMember(object, 'perm', 6),
    topicFilterType: enumMember(object, 'topicFilterType', topicFilterTypes) ?? 'SINGLE_TAG',
    topicSysFlag: numberMember(object, 'topicSysFlag'),
    order: booleanMember(object, 'order'),
  };
}
