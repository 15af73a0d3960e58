/** What updateSubGroup, deleteSubGroup and getConsumerConfig print. */

import type {
  ConsumerConfigResult,
  DeleteSubGroupResult,
  UpdateSubGroupResult,
} from '../../core/client/admin/group-config.ts';
import type { SubscriptionGroupConfig } from '../../core/protocol/bodies/subscription-group.ts';
import { left } from './columns.ts';
import { renderDeletedTopic } from './deleted-topic.ts';

export function renderUpdateSubGroup({ config, brokers }: UpdateSubGroupResult): string {
  const done = brokers.filter(({ error }) => error === undefined);
  if (done.length === 0) return '';
  const lines = done.map(({ addr }) => `create subscription group to ${addr} success.\n`);
  const members = fields(config).map(([name, value]) => `${name}=${value}`);
  return `${lines.join('')}SubscriptionGroupConfig [${members.join(', ')}]`;
}

/** In the order in which Java declares them. */
const fields = (config: SubscriptionGroupConfig): [string, string | number | boolean][] =>
  [
    ...(['groupName', 'consumeEnable', 'consumeFromMinEnable', 'consumeBroadcastEnable', 'retryQueueNums'] as const),
    ...(['retryMaxTimes', 'brokerId', 'whichBrokerWhenConsumeSlowly', 'notifyConsumerIdsChangedEnable'] as const),
  ].map((name) => [name, config[name]]);

export interface DeletedSubGroup extends DeleteSubGroupResult {
  readonly groupName: string;
  /** Undefined: one broker was named. */
  readonly clusterName?: string | undefined;
}

export function renderDeleteSubGroup({ groupName, clusterName, brokers, topics }: DeletedSubGroup): string {
  const place = clusterName === undefined ? '' : ` in cluster [${clusterName}]`;
  const lines = brokers.map(({ addr, error }) =>
    error === undefined ? `delete subscription group [${groupName}] from broker [${addr}]${place} success.\n` : '',
  );
  return lines.join('') + topics.map(renderDeletedTopic).join('');
}

const RULE = '='.repeat(29);

export function renderConsumerConfigs(results: readonly ConsumerConfigResult[]): string {
  return results
    .map(({ clusterName, brokerName, value }) => {
      if (value === undefined) return '';
      const rows = fields(value).map(([name, text]) => `${left(name, 40)}=  ${text}\n`);
      return `${RULE}${clusterName}:${brokerName}${RULE}\n${rows.join('')}`;
    })
    .join('');
}
