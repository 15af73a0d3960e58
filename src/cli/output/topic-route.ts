/**
 * What topicRoute prints: the route as fastjson's pretty form (not strict JSON: broker ids are unquoted), or with -l a table.
 */

import { prettyFastJson } from '../../core/common/fastjson.ts';
import { compareJavaStrings } from '../../core/common/java-string.ts';
import type { TopicRouteData } from '../../core/protocol/bodies/topic-route-data.ts';
import { type Cell, left } from './columns.ts';

export const renderTopicRoute = (route: TopicRouteData): string => `${prettyFastJson(route)}\n`;

/** One row for each broker name, sorted; the totals count broker names and sum queues. */
export function renderTopicRouteList(route: TopicRouteData): string {
  const brokers = new Map(route.brokerDatas.map((broker) => [broker.brokerName, broker]));
  const queues = [...route.queueDatas].sort((a, b) => compareJavaStrings(a.brokerName, b.brokerName));
  const rows = queues.map((queue) => {
    const broker = brokers.get(queue.brokerName);
    const addrs = [...(broker?.brokerAddrs ?? [])].map(([id, addr]) => `${id}=${addr}`).join(', ');
    return line([
      broker?.cluster ?? '',
      queue.brokerName,
      `{${addrs}}`,
      queue.readQueueNums,
      queue.writeQueueNums,
      queue.perm,
    ]);
  });
  const sum = (count: (queue: (typeof queues)[number]) => number): number =>
    queues.reduce((total, queue) => total + count(queue), 0);
  return [
    line(['#ClusterName', '#BrokerName', '#BrokerAddrs', '#ReadQueue', '#WriteQueue', '#Perm']),
    ...rows,
    `${'-'.repeat(158)}\n`,
    line(['Total:', brokers.size, '', sum((q) => q.readQueueNums), sum((q) => q.writeQueueNums), '']),
  ].join('');
}

type Cells = readonly [Cell, Cell, Cell, Cell, Cell, Cell];

const line = ([cluster, broker, addrs, read, write, perm]: Cells): string =>
  `${left(cluster, 45)} ${left(broker, 32)} ${left(addrs, 50)} ${left(read, 10)} ${left(write, 11)} ${left(perm, 5)}\n`;
