/** Constants and texts of a TopicConfig: the bits of topicSysFlag, the defaults, and TopicConfig.toString. */

import type { TopicConfig } from '../protocol/bodies/topic-config.ts';
import { PERM_READ, PERM_WRITE, permToText } from './perm-name.ts';

export const TOPIC_SYS_FLAG_UNIT = 1;
export const TOPIC_SYS_FLAG_UNIT_SUB = 2;

/** Java's `new TopicConfig(topic)` with what differs from it: 16 queues, perm RW, SINGLE_TAG. */
export function newTopicConfig(topicName: string, settings: Partial<TopicConfig> = {}): TopicConfig {
  return {
    topicName,
    readQueueNums: 16,
    writeQueueNums: 16,
    perm: PERM_READ | PERM_WRITE,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...settings,
  };
}

/** As error remarks show it. */
export function formatTopicConfig(config: TopicConfig): string {
  const { topicName, readQueueNums, writeQueueNums, perm, topicFilterType, topicSysFlag, order } = config;
  return `TopicConfig [topicName=${topicName}, readQueueNums=${readQueueNums}, writeQueueNums=${writeQueueNums}, perm=${permToText(perm)}, topicFilterType=${topicFilterType}, topicSysFlag=${topicSysFlag}, order=${order}]`;
}
