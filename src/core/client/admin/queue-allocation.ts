/**
 * How the queues of a topic would be shared between clients, by the strategy AVG. Mirrors AllocateMQSubCommand: neither the
 * queues nor the clients are sorted first, as real consumers sort them, so this is what mqadmin shows, not what a group does.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { allocateAveragely } from '../consumer/allocate/average.ts';
import { javaHashOrder, javaStringHashOrder, messageQueueHash } from '../java-hash-order.ts';
import { queuesNotFound, subscribeQueues } from '../topic-queues.ts';
import type { Admin } from './admin.ts';
import { topicRoute } from './topic-admin.ts';

/** A client's share, in the order mqadmin prints. */
export interface QueueShare {
  readonly address: string;
  readonly queues: MessageQueue[];
}

/** Rejects with NOT_FOUND for an unknown topic or one without queues to read, ILLEGAL_ARGUMENT for an empty address. */
export async function allocateMessageQueues(
  admin: Admin,
  topic: string,
  addresses: readonly string[],
): Promise<QueueShare[]> {
  const queues = javaHashOrder(subscribeQueues(topic, await topicRoute(admin, topic)), messageQueueHash);
  if (queues.length === 0) throw queuesNotFound(topic);
  if (addresses.some((address) => address === '')) throw new PocketError('ILLEGAL_ARGUMENT', 'currentCID is empty');
  return javaStringHashOrder(addresses).map((address) => ({
    address,
    queues: allocateAveragely.allocate('', address, queues, addresses),
  }));
}
