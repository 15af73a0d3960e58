/**
 * How far registrations can make the route tables grow; RocketMQ's grow until the memory ends. Far above what a cluster has,
 * and a registration that would exceed one is refused with a sentence.
 */

import { ResponseCode } from '../protocol/response-code.ts';
import { ReplyError } from '../remoting/reply-error.ts';

/** Broker addresses, broker names, clusters: so many of each. */
export const MAX_BROKERS = 4096;
/** Addresses of one broker name: a master and its slaves. */
export const MAX_ADDRS_OF_BROKER = 128;
/** Topics of all brokers, one on two brokers twice. */
export const MAX_QUEUE_ROWS = 500_000;
export const MAX_FILTER_SERVERS = 128;
/** Of clusters, brokers, topics, addresses. */
export const MAX_NAME_LENGTH = 512;

export function refusal(what: string, limit: number): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, `${what}: the limit of this name server is ${limit}`);
}
