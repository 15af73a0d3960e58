/**
 * What a broker tells a namesrv in REGISTER_BROKER. Mirrors RegisterBrokerBody, which has two forms:
 *
 *   plain        {"filterServerList":[S],"topicConfigSerializeWrapper":{"dataVersion":DV,"topicConfigTable":{...}}};
 *                a broker below V3_0_11 sends the inner wrapper alone
 *   compressed   one zlib stream over: int32 length, DataVersion JSON; int32 number of topics, for each int32 length,
 *                `name read write perm filterType`; int32 length, JSON list of filter servers
 *
 * Known differences: the compressed form has neither topicSysFlag nor order. 5.x adds a sixth part (attributes) to the
 * text of a topic, on which 4.9.7 fails, and queue mappings at the end: both are passed over here.
 */

import { deflateSync, inflateSync } from 'node:zlib';
import { PocketError } from '../../common/errors.ts';
import { parseFastJson, stringifyFastJson } from '../../common/fastjson.ts';
import { objectOf, readBody, stringListMember, stringOf } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import {
  readDataVersion,
  readTopicConfigSerializeWrapper,
  type TopicConfig,
  type TopicConfigSerializeWrapper,
} from './topic-config.ts';

export interface RegisterBrokerBody {
  topicConfigSerializeWrapper: TopicConfigSerializeWrapper;
  filterServerList: string[];
}

/** V3_0_11, the first version that sends filter servers with the topics. */
const FIRST_WITH_FILTER_SERVERS = 37;
/** More than this is no topic table: the inflated body of a broker with 100,000 topics is about 5 MiB. */
const MAX_INFLATED = 64 * 1024 * 1024;
const COMPRESSION_LEVEL = 9;

/**
 * Reads either form; a missing body is a broker without topics. `version` is the version of the request's header.
 * Throws PocketError PROTOCOL.
 */
export function decodeRegisterBrokerBody(
  body: Buffer | undefined,
  options: { compressed: boolean; version: number },
): RegisterBrokerBody {
  if (body === undefined || body.length === 0) {
    return {
      topicConfigSerializeWrapper: { topicConfigTable: {}, dataVersion: { counter: 0, timestamp: 0 } },
      filterServerList: [],
    };
  }
  if (options.compressed) return decodeCompressed(body);
  const object = readBody(body, 'broker registration');
  if (options.version < FIRST_WITH_FILTER_SERVERS) {
    return { topicConfigSerializeWrapper: readTopicConfigSerializeWrapper(object), filterServerList: [] };
  }
  const wrapper = objectOf(object.topicConfigSerializeWrapper ?? {}, 'topic config table');
  return {
    topicConfigSerializeWrapper: readTopicConfigSerializeWrapper(wrapper),
    filterServerList: stringListMember(object, 'filterServerList'),
  };
}

export function encodeRegisterBrokerBody(body: RegisterBrokerBody, options: { compressed: boolean }): Buffer {
  return options.compressed ? encodeCompressed(body) : writeBody(body);
}

function encodeCompressed(body: RegisterBrokerBody): Buffer {
  const { topicConfigTable, dataVersion } = body.topicConfigSerializeWrapper;
  const topics = Object.values(topicConfigTable);
  const parts = [
    lengthAndText(stringifyFastJson(dataVersion)),
    int32(topics.length),
    ...topics.map((topic) => lengthAndText(topicText(topic))),
    lengthAndText(stringifyFastJson(body.filterServerList)),
  ];
  return deflateSync(Buffer.concat(parts), { level: COMPRESSION_LEVEL });
}

function topicText(topic: TopicConfig): string {
  return [topic.topicName, topic.readQueueNums, topic.writeQueueNums, topic.perm, topic.topicFilterType].join(' ');
}

function int32(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function decodeCompressed(body: Buffer): RegisterBrokerBody {
  try {
    return readInflated(inflateSync(body, { maxOutputLength: MAX_INFLATED }));
  } catch (cause) {
    throw new PocketError('PROTOCOL', 'the body is no compressed broker registration', { cause });
  }
}

function readInflated(bytes: Buffer): RegisterBrokerBody {
  let at = 0;
  const nextInt = (): number => {
    const value = bytes.readInt32BE(at);
    at += 4;
    return value;
  };
  const nextText = (): string => {
    const length = nextInt();
    if (length < 0 || length > bytes.length - at) throw new RangeError(`a length of ${length} at ${at - 4}`);
    at += length;
    return bytes.toString('utf8', at - length, at);
  };

  const dataVersion = readDataVersion(parseFastJson(nextText()));
  const topicConfigTable: Record<string, TopicConfig> = Object.create(null);
  for (let remaining = nextInt(); remaining > 0; remaining--) {
    const topic = readTopicText(nextText());
    topicConfigTable[topic.topicName] = topic;
  }
  const filterServers = parseFastJson(nextText());
  return {
    topicConfigSerializeWrapper: { topicConfigTable, dataVersion },
    filterServerList: Array.isArray(filterServers) ? filterServers.map((addr) => stringOf(addr) ?? '') : [],
  };
}

function readTopicText(text: string): TopicConfig {
  const [topicName = '', read, write, perm, filterType] = text.split(' ');
  const numbers = [read, write, perm].map(Number);
  const [readQueueNums = Number.NaN, writeQueueNums = Number.NaN, permission = Number.NaN] = numbers;
  if (topicName === '' || !numbers.every(Number.isInteger)) throw new RangeError(`a topic config text: ${text}`);
  return {
    topicName,
    readQueueNums,
    writeQueueNums,
    perm: permission,
    topicFilterType: filterType === 'MULTI_TAG' ? 'MULTI_TAG' : 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
  };
}
