/**
 * Names of topics and groups: what is allowed, what the system keeps for itself. Mirrors TopicValidator of 4.9.7; the texts
 * are its remarks (protocol/responses.md section 2). Java also adds the cluster's, the broker's and the reply topic to the
 * system set at start: a broker passes those as `more`.
 */

export const Topic = {
  AUTO_CREATE: 'TBW102',
  SCHEDULE: 'SCHEDULE_TOPIC_XXXX',
  BENCHMARK: 'BenchmarkTest',
  TRANS_HALF: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TRANS_OP_HALF: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TRACE: 'RMQ_SYS_TRACE_TOPIC',
  TRANS_CHECK_MAX_TIME: 'TRANS_CHECK_MAX_TIME_TOPIC',
  SELF_TEST: 'SELF_TEST_TOPIC',
  OFFSET_MOVED_EVENT: 'OFFSET_MOVED_EVENT',
  /** Of 5.x: timed messages wait in its queue 0. */
  TIMER: 'rmq_sys_wheel_timer',
} as const;

export const RETRY_GROUP_TOPIC_PREFIX = '%RETRY%';
export const DLQ_GROUP_TOPIC_PREFIX = '%DLQ%';
const LMQ_TOPIC_PREFIX = '%LMQ%';
const SYSTEM_TOPIC_PREFIX = 'rmq_sys_';

export const MAX_TOPIC_LENGTH = 127;
const validName = /^[%|a-zA-Z0-9_-]+$/;

/** TopicValidator's system set of 4.9.7. */
export const systemTopics: ReadonlySet<string> = new Set<string>([
  Topic.AUTO_CREATE,
  Topic.SCHEDULE,
  Topic.BENCHMARK,
  Topic.TRANS_HALF,
  Topic.TRACE,
  Topic.TRANS_OP_HALF,
  Topic.TRANS_CHECK_MAX_TIME,
  Topic.SELF_TEST,
  Topic.OFFSET_MOVED_EVENT,
]);

const notForClients: ReadonlySet<string> = new Set<string>([
  Topic.SCHEDULE,
  Topic.TRANS_HALF,
  Topic.TRANS_OP_HALF,
  Topic.TRANS_CHECK_MAX_TIME,
  Topic.SELF_TEST,
  Topic.OFFSET_MOVED_EVENT,
  Topic.TIMER,
]);

/** The remark with which a broker refuses the name, undefined for a good one. */
export function topicFault(topic: string): string | undefined {
  if (topic.trim() === '') return 'The specified topic is blank.';
  if (!validName.test(topic)) {
    return 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$';
  }
  if (topic.length > MAX_TOPIC_LENGTH) return 'The specified topic is longer than topic max length.';
  return undefined;
}

export function isSystemTopic(topic: string, more?: ReadonlySet<string>): boolean {
  return systemTopics.has(topic) || topic.startsWith(SYSTEM_TOPIC_PREFIX) || (more?.has(topic) ?? false);
}

const keptTopics: ReadonlySet<string> = new Set([Topic.SCHEDULE, Topic.TRANS_HALF, Topic.TRANS_OP_HALF, Topic.TIMER]);

/** Topics whose queues stay although topics.json does not name them. */
export function isKeptWithoutConfig(topic: string): boolean {
  // Java forgets RMQ_SYS_TRANS_HALF_TOPIC, which it makes at its first check only.
  return keptTopics.has(topic) || topic.startsWith(LMQ_TOPIC_PREFIX);
}

/** Topics no client may send to (4.9.1 refused only SCHEDULE_TOPIC_XXXX). */
export function isForbiddenForSend(topic: string): boolean {
  return notForClients.has(topic);
}
