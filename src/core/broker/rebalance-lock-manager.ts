/**
 * Who may consume which queue in order: group and queue -> client and time. Mirrors RebalanceLockManager: a lock is taken
 * when it is free, held by the same client (which renews it) or older than 60 s; a client that goes does not release it.
 * Difference from 4.9: locks that ran out are forgotten by the scan instead of staying for ever.
 */

import type { Clock } from '../common/clock.ts';
import { type MessageQueue, messageQueueKey } from '../message/message-queue.ts';

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

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The queues of `queues` the client holds after this call. */
  tryLockBatch(group: string, queues: readonly MessageQueue[], clientId: string): MessageQueue[] {
    let locks = this.#locksOfGroup.get(group);
    if (locks === undefined) {
      locks = new Map();
      this.#locksOfGroup.set(group, locks);
    }
    const now = this.#clock.now();
    const locked: MessageQueue[] = [];
    for (const queue of queues) {
      const key = messageQueueKey(queue);
      const entry = locks.get(key);
      if (entry !== undefined && entry.clientId !== clientId && now - entry.lastUpdate <= LOCK_MAX_LIVE_MS) continue;
      locks.set(key, { clientId, lastUpdate: now });
      locked.push(queue);
    }
    return locked;
  }

  /** Gives back what the client itself holds. */
  unlockBatch(group: string, queues: readonly MessageQueue[], clientId: string): void {
    const locks = this.#locksOfGroup.get(group);
    if (locks === undefined) return;
    for (const queue of queues) {
      const key = messageQueueKey(queue);
      if (locks.get(key)?.clientId === clientId) locks.delete(key);
    }
    if (locks.size === 0) this.#locksOfGroup.delete(group);
  }

  /** Forgets locks that ran out. */
  scan(): void {
    const now = this.#clock.now();
    for (const [group, locks] of this.#locksOfGroup) {
      for (const [key, entry] of locks) if (now - entry.lastUpdate > LOCK_MAX_LIVE_MS) locks.delete(key);
      if (locks.size === 0) this.#locksOfGroup.delete(group);
    }
  }
}
