/** Offsets a broker knows of a queue: the next to come (GET_MAX_OFFSET) and by time (SEARCH_OFFSET_BY_TIMESTAMP). */

import { PocketError } from '../../common/errors.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { call } from '../../remoting/call.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';

const options = { timeoutMs: CLIENT_API_TIMEOUT_MS };

/** Rejects with PocketError NOT_FOUND when the broker name has no master, else as a call does. */
export async function maxOffset(instance: ClientInstance, mq: MessageQueue): Promise<number> {
  return (await call(instance.client, masterOf(instance, mq), getMaxOffset, placeOf(mq), options)).header.offset;
}

/** `timestamp` in ms. Rejects as maxOffset does. */
export async function searchOffset(instance: ClientInstance, mq: MessageQueue, timestamp: number): Promise<number> {
  const header = { ...placeOf(mq), timestamp };
  return (await call(instance.client, masterOf(instance, mq), searchOffsetByTimestamp, header, options)).header.offset;
}

function placeOf(mq: MessageQueue): { topic: string; queueId: number; bname: string } {
  return { topic: mq.topic, queueId: mq.queueId, bname: mq.brokerName };
}

function masterOf(instance: ClientInstance, mq: MessageQueue): string {
  const addr = instance.routes.masterAddr(mq.brokerName);
  if (addr !== undefined) return addr;
  throw new PocketError('NOT_FOUND', `The broker[${mq.brokerName}] not exist`, { detail: mq.brokerName });
}
