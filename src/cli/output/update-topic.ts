/**
 * What updateTopic prints: one line for each broker, then the settings without a line end. With an order configuration its
 * sentence stands, without any separator, before the broker's line (one broker) or before the settings (a cluster).
 */

import type { UpdateTopicResult } from '../../core/client/admin/topic-admin.ts';
import { topicConfigLine } from './topic-config-line.ts';

export function renderUpdateTopic(result: UpdateTopicResult, target: 'broker' | 'cluster'): string {
  const created = result.brokerAddrs.map((addr) => `create topic to ${addr} success.\n`).join('');
  const order =
    result.orderConf === undefined ? '' : `set ${target} orderConf. isOrder=true, orderConf=[${result.orderConf}]`;
  return (target === 'broker' ? order + created : created + order) + topicConfigLine(result.topicConfig);
}
