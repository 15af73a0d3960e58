/**
 * How far clients can make the broker's tables grow. Nothing here is a setting of RocketMQ's, whose tables grow until the
 * memory ends: the limits are far above what a broker has to serve, and whoever comes to one is told by a sentence.
 */

import { ResponseCode } from '../protocol/response-code.ts';
import { ReplyError } from '../remoting/reply-error.ts';

/** The registration with the namesrvs, one frame of at most 16 MiB, still has room for these. */
export const MAX_TOPICS = 50_000;
/** Read or write queues of one topic: several answers list them all. */
export const MAX_QUEUES_OF_TOPIC = 65_536;
/** Rows in the answer of GET_CONSUME_STATS. */
export const MAX_CONSUME_STATS_ROWS = 131_072;
export const MAX_GROUPS = 50_000;
/** Java's clients refuse a longer name, too. */
export const MAX_GROUP_LENGTH = 255;
/** Offsets of all groups in all queues: the file is written whole. */
export const MAX_OFFSETS = 500_000;
/** The longest topic, with %RETRY% in front of a group. */
export const MAX_OFFSET_TOPIC_LENGTH = 7 + MAX_GROUP_LENGTH;
/** Groups one connection may be in, as producer or as consumer. */
export const MAX_GROUPS_OF_CLIENT = 1024;
/** Clients in groups, over all groups. */
export const MAX_MEMBERS = 200_000;
export const MAX_CLIENT_ID_LENGTH = 1024;
/** What the subscriptions of all online groups take, about. */
export const MAX_SUBSCRIPTION_BYTES = 64 * 1024 * 1024;
/** Queue locks of all orderly consumer groups. */
export const MAX_LOCKS = 100_000;
/** Topics and groups whose rate is measured. */
export const MAX_MEASURED_GROUPS = 100_000;
/** Queues whose puts are measured, and queues of groups whose reads are: a statistic over a day takes some 2 KiB. */
export const MAX_MEASURED_QUEUES = 4096;

/** `what` would have more than `limit`. */
export function tooMany(what: string, limit: number): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, `${what}: the limit of this broker is ${limit}`);
}
