/**
 * What updateTopicPerm prints. The settings follow only where one broker was named.
 */

import type { UpdateTopicPermResult } from '../../core/client/admin/topic-change.ts';
import { topicConfigLine } from './topic-config-line.ts';

export function renderUpdateTopicPerm(result: UpdateTopicPermResult): string {
  switch (result.kind) {
    case 'same':
      return 'new perm equals to the old one!\n';
    case 'noMaster':
      return 'updateTopicPerm error broker not exit or broker is not master!.\n';
    case 'broker':
    case 'cluster':
      return result.brokers
        .map(({ addr, value }) => {
          if (value === undefined) return '';
          const done = `update topic perm from ${result.oldPerm} to ${result.perm} in ${addr} success.\n`;
          return result.kind === 'broker' ? `${done}${topicConfigLine(value)}.\n` : done;
        })
        .join('');
  }
}
