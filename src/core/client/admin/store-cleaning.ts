/**
 * What brokers throw away when they are told to: queues whose messages are gone (306), queues of topics nobody has (316),
 * commitlog files past their time (329). Mirrors CleanExpiredCQSubCommand, CleanUnusedTopicCommand and
 * DeleteExpiredCommitLogSubCommand.
 *
 * Known difference: a broker that fails does not keep the others from being asked.
 */

import { cleanExpiredConsumequeue } from '../../protocol/requests/clean-expired-consumequeue.ts';
import { cleanUnusedTopic } from '../../protocol/requests/clean-unused-topic.ts';
import { deleteExpiredCommitlog } from '../../protocol/requests/delete-expired-commitlog.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokersOf } from './cluster-brokers.ts';
import type { BrokerTarget } from './config-admin.ts';
import { type AddressResult, eachAddress } from './per-address.ts';

const requests = { cleanExpiredConsumequeue, cleanUnusedTopic, deleteExpiredCommitlog };

export type Cleaning = keyof typeof requests;

/**
 * Tells one broker, the masters and slaves of a cluster, or without either those of every cluster. Rejects with NOT_FOUND for
 * an unknown cluster.
 */
export async function cleanStore(admin: Admin, what: Cleaning, target: BrokerTarget): Promise<AddressResult<void>[]> {
  const addrs = await addrsOf(admin, target);
  return eachAddress(addrs, async (addr) => void (await admin.askBroker(addr, requests[what], {})));
}

async function addrsOf(admin: Admin, { brokerAddr, clusterName }: BrokerTarget): Promise<string[]> {
  if (brokerAddr !== undefined) return [brokerAddr];
  const info = await clusterInfo(admin);
  const clusters = clusterName === undefined ? javaStringHashOrder(Object.keys(info.clusterAddrTable)) : [clusterName];
  return clusters.flatMap((name) => brokersOf(info, name));
}
