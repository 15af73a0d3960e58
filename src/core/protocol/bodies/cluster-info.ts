/**
 * Clusters and brokers: answer of GET_BROKER_CLUSTER_INFO. Mirrors ClusterInfo.
 *
 *   {"brokerAddrTable":{name:{"brokerAddrs":{0:"ip:port"},"brokerName":S,"cluster":S}},"clusterAddrTable":{cluster:[name]}}
 *
 * 4.9 always writes the broker ids without quotes, whatever the client's version; so do we.
 */

import { readBody, recordMember, stringOf } from './body-reader.ts';
import { writeBody } from './body-writer.ts';
import { type BrokerData, readBrokerData } from './topic-route-data.ts';

/** Clusters and brokers. */
export interface ClusterInfo {
  /** By brokerName. */
  brokerAddrTable: Record<string, BrokerData>;
  /** cluster to its broker names. */
  clusterAddrTable: Record<string, string[]>;
}

/** Throws PocketError PROTOCOL. */
export function decodeClusterInfo(body: Buffer | undefined): ClusterInfo {
  const object = readBody(body, 'cluster info');
  return {
    brokerAddrTable: recordMember(object, 'brokerAddrTable', readBrokerData),
    clusterAddrTable: recordMember(object, 'clusterAddrTable', (names) =>
      Array.isArray(names) ? names.map((name) => stringOf(name) ?? '') : [],
    ),
  };
}

export function encodeClusterInfo(info: ClusterInfo): Buffer {
  return writeBody(info);
}
