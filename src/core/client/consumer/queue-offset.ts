/**
 * What a queue's master knows of it: the next offset (GET_MAX_OFFSET), the offset of a time (SEARCH_OFFSET_BY_TIMESTAMP), and
 * what else is asked with a queue alone. Mirrors MQAdminImpl. Each rejects with PocketError NOT_FOUND when the broker name has
 * no master, else as a call does.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import type { Fields, HeaderOf, RequestSchema } from '../../protocol/schema.ts';
import { call } from '../../remoting/call.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';
import { findMaster } from '../find-broker.ts';

/** The offset the next message of the queue will have. */
export async function maxOffset(instance: ClientInstance, mq: MessageQueue): Promise<number> {
  return (await askMaster(instance, mq, getMaxOffset, placeOf(mq))).offset;
}

/** The offset of the message stored nearest to a time, ms. */
export async function searchOffset(instance: ClientInstance, mq: MessageQueue, timestamp: number): Promise<number> {
  return (await askMaster(instance, mq, searchOffsetByTimestamp, { ...placeOf(mq), timestamp })).offset;
}

/** The header of the answer. */
export async function askMaster<Q extends Fields, S extends Fields>(
  instance: ClientInstance,
  mq: MessageQueue,
  schema: RequestSchema<Q, S>,
  header: HeaderOf<Q>,
): Promise<HeaderOf<S>> {
  const addr = await findMaster(instance.routes, mq);
  return (await call(instance.client, addr, schema, header, { timeoutMs: CLIENT_API_TIMEOUT_MS })).header;
}

/** The queue as request headers name it. */
export function placeOf(mq: MessageQueue): { topic: string; queueId: number; bname: string } {
  return { topic: mq.topic, queueId: mq.queueId, bname: mq.brokerName };
}
