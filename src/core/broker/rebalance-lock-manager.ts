/**
 * Who may consume which queue in order: group and queue -> client and time. Mirrors RebalanceLockManager: a lock is taken
 * when it is free, held by the same client (which renews it) or older than 60 s; a client that goes does not release it.
 * Differences from 4.9: locks that ran out are forgotten by the scan instead of staying for ever; there are at most 100,000,
 * and a queue above that is not locked for anybody.
 */

import type { Clock } from '../common/clock.ts';
import { type MessageQueue, messageQueueKey } from '../message/message-queue.ts';
import { MAX_CLIENT_ID_LENGTH, MAX_GROUP_LENGTH, MAX_LOCKS } from './table-limits.ts';

/** Topic, broker and number: longer than any queue has them. */
const MAX_KEY_LENGTH = 600;
/** rocketmq.broker.rebalance.lockMaxLiveTime */
const LOCK_MAX_LIVE_MS = 60_000;

interface LockEntry {
  clientId: string;
  /** Wall clock of the last lock call. */
  lastUpdate: number;
}

export class RebalanceLockManager {
  readonly #clock: Clock;
  readonly #locksOfGroup = new Map<string, Map<string, LockEntry>>();
  #size = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The queues of `queues` the client holds after this call. */
  tryLockBatch(group: string, queues: readonly MessageQueue[], clientId: string): MessageQueue[] {
    if (group.length > MAX_GROUP_LENGTH || clientId.length > MAX_CLIENT_ID_LENGTH) return [];
    const locks = this.#locksOfGroup.get(group) ?? new Map<string, LockEntry>();
    const now = this.#clock.now();
    const locked: MessageQueue[] = [];
    for (const queue of queues) {
      const key = messageQueueKey(queue);
      const entry = locks.get(key);
      if (entry !== undefined && entry.clientId !== clientId && now - entry.lastUpdate <= LOCK_MAX_LIVE_MS) continue;
      if (entry === undefined) {
        if (this.#size >= MAX_LOCKS || key.length > MAX_KEY_LENGTH) continue;
        this.#size++;
      }
      locks.set(key, { clientId, lastUpdate: now });
      locked.push(queue);
    }
    if (locks.size > 0) this.#locksOfGroup.set(group, locks);
    return locked;
  }

  /** Gives back what the client itself holds. */
  unlockBatch(group: string, queues: readonly MessageQueue[], clientId: string): void {
    const locks = this.#locksOfGroup.get(group);
    if (locks === undefined) return;
    for (const queue of queues) {
      const key = messageQueueKey(queue);
      if (locks.get(key)?.clientId === clientId && locks.delete(key)) this.#size--;
    }
    if (locks.size === 0) this.#locksOfGroup.delete(group);
  }

  /** Forgets locks that ran out. */
  scan(): void {
    const now = this.#clock.now();
    for (const [group, locks] of this.#locksOfGroup) {
      for (const [key, entry] of locks) {
        if (now - entry.lastUpdate > LOCK_MAX_LIVE_MS && locks.delete(key)) this.#size--;
      }
      if (locks.size === 0) this.#locksOfGroup.delete(group);
    }
  }
}
