/**
 * AVG, the default way a consumer group divides the queues of a topic: contiguous blocks in the order of the client ids,
 * the first `queues mod clients` clients one queue larger. Mirrors AllocateMessageQueueAveragely. Every client computes
 * its share by itself, so all must sort alike (by UTF-16 code unit) and see the same list.
 */

import { compareJavaStrings } from '../../../common/java-string.ts';
import { compareMessageQueues, type MessageQueue } from '../../../message/message-queue.ts';

/** The share of `clientId`; empty when it is not among `clientIds`. Neither list needs to be sorted; an id counts once. */
export function allocateAverage(
  queues: readonly MessageQueue[],
  clientIds: readonly string[],
  clientId: string,
): MessageQueue[] {
  const ids = [...new Set(clientIds)].sort(compareJavaStrings);
  const index = ids.indexOf(clientId);
  if (index < 0) return [];
  const size = Math.floor(queues.length / ids.length);
  const larger = queues.length % ids.length;
  const start = index * size + Math.min(index, larger);
  const end = start + size + (index < larger ? 1 : 0);
  return [...queues].sort(compareMessageQueues).slice(start, end);
}
