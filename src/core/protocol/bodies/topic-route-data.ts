/**
 * The route of a topic: answer of GET_ROUTEINFO_BY_TOPIC. Mirrors TopicRouteData, BrokerData and QueueData.
 *
 *   {"brokerDatas":[{"brokerAddrs":{0:"ip:port"},"brokerName":S,"cluster":S}],"filterServerTable":{addr:[S]},
 *    "orderTopicConf":S?,"queueDatas":[{"brokerName":S,"perm":I,"readQueueNums":I,"topicSysFlag":I,"writeQueueNums":I}]}
 *
 * The only body with a standard form ({standardJson: true}): asked for by acceptStandardJsonOnly or a client from V4_9_4
 * on, it quotes the broker ids. What 5.x adds (zoneName, enableActingMaster, topicQueueMappingByBroker) is not read.
 */

import { type JsonValue, stringifyFastJson } from '../../common/fastjson.ts';
import {
  intKeyMember,
  listMember,
  numberMember,
  objectOf,
  readBody,
  recordMember,
  stringMember,
  stringOf,
} from './body-reader.ts';

/** The queues of a topic on one broker. */
export interface QueueData {
  /** The broker. */
  brokerName: string;
  /** Queues consumers read. */
  readQueueNums: number;
  /** Queues producers write to. */
  writeQueueNums: number;
  /** 4 readable, 2 writable, 1 inherited. */
  perm: number;
  /** 1 unit, 2 unit subscription. */
  topicSysFlag: number;
}

/** A broker: a master and its slaves. */
export interface BrokerData {
  /** Its cluster. */
  cluster: string;
  /** Its name. */
  brokerName: string;
  /** brokerId (0 is the master) to ip:port. */
  brokerAddrs: Map<number, string>;
}

/** Where a topic is. */
export interface TopicRouteData {
  /** `brokerA:4;brokerB:4`, only for an order topic. */
  orderTopicConf?: string | undefined;
  /** Its queues, by broker. */
  queueDatas: QueueData[];
  /** Addresses of these brokers. */
  brokerDatas: BrokerData[];
  /** brokerAddr to the addresses of its filter servers. */
  filterServerTable: Record<string, string[]>;
}

/** Throws PocketError PROTOCOL. */
export function decodeTopicRouteData(body: Buffer | undefined): TopicRouteData {
  const object = readBody(body, 'topic route');
  return {
    orderTopicConf: stringMember(object, 'orderTopicConf'),
    queueDatas: listMember(object, 'queueDatas').map(readQueueData),
    brokerDatas: listMember(object, 'brokerDatas').map(readBrokerData),
    filterServerTable: recordMember(object, 'filterServerTable', (value) =>
      Array.isArray(value) ? value.map((addr) => stringOf(addr) ?? '') : [],
    ),
  };
}

export function encodeTopicRouteData(route: TopicRouteData, options: { standardJson: boolean }): Buffer {
  return Buffer.from(stringifyFastJson(route, options));
}

function readQueueData(value: JsonValue): QueueData {
  const object = objectOf(value, 'queue data');
  return {
    brokerName: stringMember(object, 'brokerName') ?? '',
    readQueueNums: numberMember(object, 'readQueueNums'),
    writeQueueNums: numberMember(object, 'writeQueueNums'),
    perm: numberMember(object, 'perm'),
    topicSysFlag: numberMember(object, 'topicSysFlag'),
  };
}

/** Throws PocketError PROTOCOL when the value is no object. */
export function readBrokerData(value: JsonValue): BrokerData {
  const object = objectOf(value, 'broker data');
  return {
    cluster: stringMember(object, 'cluster') ?? '',
    brokerName: stringMember(object, 'brokerName') ?? '',
    brokerAddrs: intKeyMember(object, 'brokerAddrs', (addr) => stringOf(addr) ?? ''),
  };
}
