/**
 * A topic's settings as one line, the text mqadmin prints after updateTopic and others.
 */

import type { TopicConfig } from '../../core/protocol/bodies/topic-config.ts';

/** `TopicConfig [topicName=…, …]` without a line end. */
export function topicConfigLine(config: TopicConfig): string {
  return (
    `TopicConfig [topicName=${config.topicName}, readQueueNums=${config.readQueueNums}, ` +
    `writeQueueNums=${config.writeQueueNums}, perm=${permText(config.perm)}, ` +
    `topicFilterType=${config.topicFilterType}, topicSysFlag=${config.topicSysFlag}, order=${config.order}]`
  );
}

/** `RW-`: 4 read, 2 write, 1 inherit. */
export function permText(perm: number): string {
  return `${perm & 4 ? 'R' : '-'}${perm & 2 ? 'W' : '-'}${perm & 1 ? 'X' : '-'}`;
}
