/**
 * What topicList prints: names in the order of a Java hash table, or with -c a table whose heading is narrower than its
 * rows.
 */

import type { TopicGroupRow } from '../../core/client/admin/topic-admin.ts';
import { javaStringHashOrder } from '../../core/client/java-hash-order.ts';
import { cut, left } from './columns.ts';

export function renderTopicList(topics: readonly string[]): string {
  return javaStringHashOrder(topics)
    .map((topic) => `${topic}\n`)
    .join('');
}

/** Rows keep their order within a topic; topics stand in the order of a Java hash table. */
export function renderTopicListByCluster(rows: readonly TopicGroupRow[]): string {
  const byTopic = new Map<string, TopicGroupRow[]>();
  for (const row of rows) byTopic.set(row.topic, [...(byTopic.get(row.topic) ?? []), row]);
  const sorted = javaStringHashOrder(byTopic.keys()).flatMap((topic) => byTopic.get(topic) ?? []);
  return `${left('#Cluster Name', 20)}  ${left('#Topic', 48)}  ${left('#Consumer Group', 48)}\n${sorted.map(line).join('')}`;
}

const line = ({ clusterName, topic, consumerGroup }: TopicGroupRow): string =>
  `${left(cut(clusterName, 20), 20)}  ${left(cut(topic, 64), 64)}  ${left(cut(consumerGroup, 64), 64)}\n`;
