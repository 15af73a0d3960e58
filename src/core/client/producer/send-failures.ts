/** After which failures a message goes to another broker, and what its sender is told in the end. */

import { PocketError } from '../../common/errors.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { topicNotFound } from '../namesrv-client.ts';

/** Refused with this code by a 5.x broker or proxy that is about to go. */
const GO_AWAY = 1500;

/** 4.9 clients do not retry SYSTEM_BUSY and GO_AWAY, 5.x ones do; nothing was stored in either case. */
const defaultRetryCodes: readonly number[] = [
  ResponseCode.TOPIC_NOT_EXIST,
  ResponseCode.SERVICE_NOT_AVAILABLE,
  ResponseCode.SYSTEM_ERROR,
  ResponseCode.NO_PERMISSION,
  ResponseCode.NO_BUYER_ID,
  ResponseCode.NOT_IN_CURRENT_UNIT,
  ResponseCode.SYSTEM_BUSY,
  GO_AWAY,
];

export const retryCodesWith = (more: readonly number[] = []): ReadonlySet<number> =>
  new Set([...defaultRetryCodes, ...more]);

/** Whether another broker may do better. */
export function isRetriable(error: PocketError, codes: ReadonlySet<number>): boolean {
  if (error.code === 'RESPONSE') return error.responseCode !== undefined && codes.has(error.responseCode);
  return error.code === 'CONNECT' || error.code === 'TIMEOUT' || error.code === 'NOT_FOUND';
}

/** What a send rejects with after its last try. */
export function finalFailure(topic: string, failure: PocketError | undefined): PocketError {
  if (failure === undefined) return new PocketError('STOPPED', 'the producer was stopped');
  return failure.responseCode === ResponseCode.TOPIC_NOT_EXIST ? topicNotFound(topic, failure) : failure;
}

/** Of a producer that is not started yet, or not any more. */
export function notRunning(state: 'created' | 'stopped'): PocketError {
  const text = state === 'created' ? 'the producer is not started: call start() first' : 'the producer was stopped';
  return new PocketError('STOPPED', text);
}
