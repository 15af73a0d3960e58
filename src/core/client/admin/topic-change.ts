/**
 * Changes of a topic that exists: deleteTopic, updateTopicPerm, the clusters that carry it, and the wait until every namesrv
 * hands out what was changed. Mirrors the subcommands.
 *
 * Known differences: a topic leaves the namesrvs only when every broker has deleted it; updateTopicPerm keeps each broker's
 * own queue numbers (Java writes those of the first broker of the route to all).
 */

import { setTimeout as pause } from 'node:timers/promises';
import { PocketError } from '../../common/errors.ts';
import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import { decodeTopicRouteData, type QueueData, type TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import { deleteTopicInBroker } from '../../protocol/requests/delete-topic-in-broker.ts';
import { deleteTopicInNamesrv } from '../../protocol/requests/delete-topic-in-namesrv.ts';
import { getRouteinfoByTopic } from '../../protocol/requests/get-routeinfo-by-topic.ts';
import { masterAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokerNamesOf, mastersOf } from './cluster-brokers.ts';
import type { BrokerTarget } from './config-admin.ts';
import { type AddressResult, eachAddress, eachNamesrv } from './per-address.ts';
import { createTopic, topicRoute } from './topic-admin.ts';

export interface DeleteTopicResult {
  readonly topic: string;
  readonly clusterName: string;
  /** Masters of the cluster. */
  readonly brokers: AddressResult<void>[];
  /** Empty when a broker failed: the topic is then kept in the routes. */
  readonly namesrvs: AddressResult<void>[];
}

/** Deletes a topic on the masters of a cluster, then from the routes. Rejects with NOT_FOUND for an unknown cluster. */
export async function deleteTopic(admin: Admin, clusterName: string, topic: string): Promise<DeleteTopicResult> {
  const info = await clusterInfo(admin);
  const masters = mastersOf(info, brokerNamesOf(info, clusterName));
  const brokers = await eachAddress(
    masters,
    async (addr) => void (await admin.askBroker(addr, deleteTopicInBroker, { topic })),
  );
  if (brokers.some(({ error }) => error !== undefined)) return { topic, clusterName, brokers, namesrvs: [] };
  const namesrvs = await eachNamesrv(
    admin,
    async (addr) => void (await admin.askBroker(addr, deleteTopicInNamesrv, { topic, clusterName })),
  );
  return { topic, clusterName, brokers, namesrvs };
}

/** Clusters of the first broker of a topic's route. Rejects with NOT_FOUND (responseCode 17) for an unknown topic. */
export async function topicClusters(admin: Admin, topic: string): Promise<string[]> {
  const info = await clusterInfo(admin);
  const brokerName = (await topicRoute(admin, topic)).brokerDatas[0]?.brokerName;
  const clusters = Object.entries(info.clusterAddrTable).filter(([, names]) =>
    names.some((name) => name === brokerName),
  );
  return javaStringHashOrder(clusters.map(([name]) => name));
}

export type UpdateTopicPermResult =
  /** The broker's topic has this permission already. */
  | { readonly kind: 'same' }
  /** The address is not that of a master that has the topic. */
  | { readonly kind: 'noMaster'; readonly brokerAddr: string }
  | {
      readonly kind: 'broker' | 'cluster';
      readonly oldPerm: number;
      readonly perm: number;
      readonly brokers: AddressResult<TopicConfig>[];
    };

/** Sets the permission of a topic (2 write, 4 read) on one master, or on the masters of a cluster. Rejects with NOT_FOUND. */
export async function updateTopicPerm(
  admin: Admin,
  target: BrokerTarget,
  topic: string,
  perm: number,
): Promise<UpdateTopicPermResult> {
  const route = await topicRoute(admin, topic);
  const [first] = route.queueDatas;
  if (first === undefined) throw new PocketError('NOT_FOUND', `the topic ${topic} has no queues`, { detail: topic });
  const change = (addr: string): Promise<TopicConfig> =>
    changePerm(admin, addr, topic, { ...(queuesAt(route, addr) ?? first), perm });
  const { brokerAddr, clusterName } = target;
  if (brokerAddr === undefined) {
    if (clusterName === undefined) throw new PocketError('ILLEGAL_ARGUMENT', 'neither a broker nor a cluster is named');
    const info = await clusterInfo(admin);
    const brokers = await eachAddress(mastersOf(info, brokerNamesOf(info, clusterName)), change);
    return { kind: 'cluster', oldPerm: first.perm, perm, brokers };
  }
  const queues = queuesAt(route, brokerAddr);
  if (queues === undefined) return { kind: 'noMaster', brokerAddr };
  if (queues.perm === perm) return { kind: 'same' };
  return { kind: 'broker', oldPerm: queues.perm, perm, brokers: await eachAddress([brokerAddr], change) };
}

/** The queues of the broker name whose master has that address. */
function queuesAt(route: TopicRouteData, addr: string): QueueData | undefined {
  const broker = route.brokerDatas.find((data) => masterAddr(data) === addr);
  return route.queueDatas.find(({ brokerName }) => brokerName === broker?.brokerName);
}

async function changePerm(admin: Admin, addr: string, topic: string, queues: QueueData): Promise<TopicConfig> {
  const { readQueueNums, writeQueueNums, perm, topicSysFlag } = queues;
  const config: TopicConfig = {
    ...{ topicName: topic, readQueueNums, writeQueueNums, perm, topicSysFlag },
    topicFilterType: 'SINGLE_TAG',
    order: false,
  };
  await createTopic(admin, addr, config);
  return config;
}

export interface WantedRoute {
  readonly topicConfig: Pick<TopicConfig, 'topicName' | 'readQueueNums' | 'writeQueueNums'>;
  /** Every one of them must have the queue numbers. */
  readonly brokerAddrs: readonly string[];
  readonly timeoutMs: number;
}

const ROUTE_POLL_MS = 50;

/**
 * Resolves when every namesrv hands out a route in which each broker has the wanted queue numbers. Rejects with PocketError
 * TIMEOUT that names the namesrvs that do not; a namesrv that does not answer is asked again until then.
 */
export async function waitForRoute(admin: Admin, wanted: WantedRoute): Promise<void> {
  const { topicName: topic } = wanted.topicConfig;
  const deadline = admin.clock.monotonic() + wanted.timeoutMs;
  for (;;) {
    const answers = await eachNamesrv(admin, (addr) => admin.askBroker(addr, getRouteinfoByTopic, { topic }));
    const missing = answers.filter(({ value }) => !isThere(value?.body, wanted));
    if (missing.length === 0) return;
    if (admin.clock.monotonic() >= deadline) throw notHandedOut(wanted, missing);
    await pause(ROUTE_POLL_MS);
  }
}

function notHandedOut(
  { topicConfig, timeoutMs }: WantedRoute,
  missing: readonly AddressResult<unknown>[],
): PocketError {
  const named = missing.map(({ addr, error }) => (isSilent(error) ? `${addr} (${error.message})` : addr));
  const who = `the name server${named.length === 1 ? '' : 's'} ${named.join(' and ')}`;
  const what = `the topic ${topicConfig.topicName} was made, but ${who} did not hand out its route`;
  return new PocketError('TIMEOUT', `${what} within ${timeoutMs / 1000} s`, {
    detail: missing.map(({ addr }) => addr).join(';'),
  });
}

const isSilent = (error: unknown): error is PocketError =>
  error instanceof PocketError && (error.code === 'CONNECT' || error.code === 'TIMEOUT');

function isThere(body: Buffer | undefined, { brokerAddrs, topicConfig }: WantedRoute): boolean {
  if (body === undefined) return false;
  const route = decodeTopicRouteData(body);
  return brokerAddrs.every((addr) => {
    const queues = queuesAt(route, addr);
    return queues?.readQueueNums === topicConfig.readQueueNums && queues.writeQueueNums === topicConfig.writeQueueNums;
  });
}
