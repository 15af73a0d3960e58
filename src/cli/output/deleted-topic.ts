/** What deleting a topic prints: each step's sentence only when all of its servers have done it. */

import type { AddressResult } from '../../core/client/admin/per-address.ts';
import type { DeleteTopicResult } from '../../core/client/admin/topic-change.ts';

export function renderDeletedTopic({ topic, clusterName, brokers, namesrvs }: DeleteTopicResult): string {
  const done = (results: readonly AddressResult<void>[]): boolean => results.every(({ error }) => error === undefined);
  if (!done(brokers)) return '';
  const onBrokers = `delete topic [${topic}] from cluster [${clusterName}] success.\n`;
  return done(namesrvs) ? `${onBrokers}delete topic [${topic}] from NameServer success.\n` : onBrokers;
}
