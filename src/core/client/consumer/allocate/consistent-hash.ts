/**
 * CONSISTENT_HASH: clients and queues lie on a ring, a queue belongs to the next client on it, so that few queues move
 * when a client comes or goes. Mirrors AllocateMessageQueueConsistentHash, ConsistentHashRouter and its MD5 hash.
 */

import { createHash } from 'node:crypto';
import type { MessageQueue } from '../../../message/message-queue.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

const VIRTUAL_NODES = 10;

interface Point {
  readonly hash: number;
  readonly clientId: string;
}

/** CONSISTENT_HASH with `virtualNodeCnt` points a member (default 10). All members must use the same number. */
export function allocateConsistentHash(virtualNodeCnt: number = VIRTUAL_NODES): AllocateMessageQueueStrategy {
  return {
    name: 'CONSISTENT_HASH',
    allocate(_group, currentCID, mqAll, cidAll) {
      const ring = ringOf(cidAll, virtualNodeCnt);
      return mqAll.filter((mq) => ownerOf(ring, hashOf(nameOf(mq))) === currentCID);
    },
  };
}

/** Ascending. Of two points with one hash the later client's stays. */
function ringOf(cidAll: readonly string[], virtualNodeCnt: number): Point[] {
  const points = new Map<number, Point>();
  for (const clientId of cidAll) {
    for (let replica = 0; replica < virtualNodeCnt; replica++) {
      const hash = hashOf(`${clientId}-${replica}`);
      points.set(hash, { hash, clientId });
    }
  }
  return [...points.values()].sort((a, b) => a.hash - b.hash);
}

/** The first point at or behind the hash, else the first of all. */
function ownerOf(ring: readonly Point[], hash: number): string | undefined {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ring[middle]?.hash ?? 0) < hash) low = middle + 1;
    else high = middle;
  }
  return (ring[low] ?? ring[0])?.clientId;
}

/** The first four bytes of the MD5 sum, unsigned. */
function hashOf(key: string): number {
  return createHash('md5').update(key).digest().readUInt32BE(0);
}

/** MessageQueue.toString(), which is what is hashed. */
function nameOf({ topic, brokerName, queueId }: MessageQueue): string {
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`;
}
