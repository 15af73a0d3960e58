/**
 * The brokers of a cluster, in the orders mqadmin asks them. Mirrors CommandUtil.
 */

import { PocketError } from '../../common/errors.ts';
import type { ClusterInfo } from '../../protocol/bodies/cluster-info.ts';
import { MASTER_ID, masterAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';

/** Broker names of a cluster in Java's hash order. Throws PocketError NOT_FOUND for an unknown cluster. */
export function brokerNamesOf(info: ClusterInfo, clusterName: string): string[] {
  const names = info.clusterAddrTable[clusterName];
  if (names === undefined) {
    throw new PocketError('NOT_FOUND', `the cluster ${clusterName} does not exist`, { detail: clusterName });
  }
  return javaStringHashOrder(names);
}

/** Addresses of the masters of some broker names. */
export function mastersOf(info: ClusterInfo, brokerNames: readonly string[]): string[] {
  const addrs = brokerNames.flatMap((name) => {
    const broker = info.brokerAddrTable[name];
    return (broker && masterAddr(broker)) ?? [];
  });
  return javaStringHashOrder(addrs);
}

/** Addresses of masters and slaves. Throws PocketError NOT_FOUND for an unknown cluster. */
export function brokersOf(info: ClusterInfo, clusterName: string): string[] {
  const addrs = brokerNamesOf(info, clusterName).flatMap((name) => [
    ...(info.brokerAddrTable[name]?.brokerAddrs.values() ?? []),
  ]);
  return javaStringHashOrder(addrs);
}

export interface MasterAndSlaves {
  /** Undefined: the master is not registered. */
  readonly master: string | undefined;
  readonly slaves: readonly string[];
}

/** Each master with its slaves, by Java's hash order of the masters. Throws PocketError NOT_FOUND for an unknown cluster. */
export function mastersAndSlavesOf(info: ClusterInfo, clusterName: string): MasterAndSlaves[] {
  const groups = brokerNamesOf(info, clusterName).flatMap((name) => {
    const addrs = info.brokerAddrTable[name]?.brokerAddrs;
    if (addrs === undefined) return [];
    const slaves = [...addrs].filter(([id]) => id !== MASTER_ID).sort(([a], [b]) => a - b);
    return [{ master: addrs.get(MASTER_ID), slaves: slaves.map(([, addr]) => addr) }];
  });
  const order = javaStringHashOrder(groups.flatMap(({ master }) => master ?? []));
  const place = ({ master }: MasterAndSlaves): number => (master === undefined ? order.length : order.indexOf(master));
  return groups.sort((a, b) => place(a) - place(b));
}
