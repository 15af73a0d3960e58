/**
 * The queues an ordered consumer has locked at their brokers (LOCK_BATCH_MQ, UNLOCK_BATCH_MQ), so that no other member of
 * the group consumes them. Mirrors the lock half of RebalanceImpl.
 *
 * A broker keeps a lock for 60 s after it was last asked for, whatever becomes of the client; here it counts for 30 s, and
 * is renewed every 20 s. Times are taken before the request, so that a lock never counts longer here than there.
 *
 * Known difference: a lock that was lost or ran out is lost for good, and the queue is taken anew; Java consumes what it
 * holds of the queue further when it gets the lock again, though others may have consumed it meanwhile.
 */

import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import { decodeLockBatchResponseBody, encodeLockBatchRequestBody } from '../../protocol/bodies/lock-batch.ts';
import { lockBatchMq } from '../../protocol/requests/lock-batch-mq.ts';
import { unlockBatchMq } from '../../protocol/requests/unlock-batch-mq.ts';
import { call } from '../../remoting/call.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';
import { findMaster } from '../find-broker.ts';

/** How often locks are renewed (rocketmq.client.rebalance.lockInterval), ms. */
export const LOCK_RENEWAL_MS = 20_000;
/** How long a lock counts here (rocketmq.client.rebalance.lockMaxLiveTime), ms. */
const LOCK_MAX_LIVE_MS = 30_000;

export interface QueueLocksOptions {
  readonly instance: ClientInstance;
  readonly group: string;
  /** Somebody else has the queue, or its lock could not be renewed in time. */
  readonly onLost: (mq: MessageQueue) => void;
}

interface Lock {
  readonly mq: MessageQueue;
  /** Monotonic time of the last request that got it. */
  lockedAt: number;
}

export class QueueLocks {
  readonly #options: QueueLocksOptions;
  /** By messageQueueKey. */
  readonly #locks = new Map<string, Lock>();

  constructor(options: QueueLocksOptions) {
    this.#options = options;
  }

  /** Whether the queue may be consumed now; a lock that ran out is lost by asking. */
  holds(mq: MessageQueue): boolean {
    const lock = this.#locks.get(messageQueueKey(mq));
    if (lock === undefined) return false;
    if (this.#now() - lock.lockedAt <= LOCK_MAX_LIVE_MS) return true;
    this.#lose(lock);
    return false;
  }

  /** When the lock was last got or renewed, wall clock in ms; undefined without a lock. */
  lockedAt(mq: MessageQueue): number | undefined {
    const lock = this.#locks.get(messageQueueKey(mq));
    if (lock === undefined) return undefined;
    return Math.round(this.#options.instance.clock.now() - (this.#now() - lock.lockedAt));
  }

  held(): MessageQueue[] {
    return [...this.#locks.values()].map(({ mq }) => mq);
  }

  /** Locks what can be locked, and resolves with that. A broker that cannot be asked locks nothing. Never rejects. */
  async lock(queues: readonly MessageQueue[]): Promise<MessageQueue[]> {
    const askedAt = this.#now();
    const answers = await Promise.all(byBroker(queues).map((batch) => this.#request(batch)));
    const locked = answers.flatMap((answer) => answer ?? []);
    for (const mq of locked) this.#locks.set(messageQueueKey(mq), { mq, lockedAt: askedAt });
    return locked;
  }

  /** Renews every lock, and loses those that others have or that could not be renewed in time. Never rejects. */
  async renew(): Promise<void> {
    const askedAt = this.#now();
    const batches = byBroker([...this.#locks.values()].map(({ mq }) => mq));
    await Promise.all(
      batches.map(async (batch) => {
        const answer = await this.#request(batch);
        const got = answer && new Set(answer.map(messageQueueKey));
        for (const mq of batch) {
          const lock = this.#locks.get(messageQueueKey(mq));
          // Given back, or taken anew, while the broker was asked.
          if (lock === undefined || lock.lockedAt > askedAt) continue;
          if (got === undefined) this.holds(mq);
          else if (got.has(messageQueueKey(mq))) lock.lockedAt = askedAt;
          else this.#lose(lock);
        }
      }),
    );
  }

  /** Gives locks back; resolves when the brokers know. Never rejects. */
  async unlock(queues: readonly MessageQueue[]): Promise<void> {
    const held = queues.filter((mq) => this.#locks.delete(messageQueueKey(mq)));
    const { instance } = this.#options;
    await Promise.all(
      byBroker(held).map(async (batch) => {
        try {
          const addr = await findMaster(instance.routes, batch[0]);
          const body = this.#body(batch);
          await call(instance.client, addr, unlockBatchMq, {}, { timeoutMs: CLIENT_API_TIMEOUT_MS, body });
        } catch (error) {
          instance.logger.warn(`${batch[0].brokerName} did not take locks back: ${String(error)}`);
        }
      }),
    );
  }

  /** Undefined when the broker cannot be asked. */
  async #request(batch: Batch): Promise<MessageQueue[] | undefined> {
    const { instance } = this.#options;
    try {
      const addr = await findMaster(instance.routes, batch[0]);
      const body = this.#body(batch);
      const options = { timeoutMs: CLIENT_API_TIMEOUT_MS, body };
      const answer = await call(instance.client, addr, lockBatchMq, {}, options);
      return decodeLockBatchResponseBody(answer.body).lockOKMQSet;
    } catch (error) {
      instance.logger.warn(`${batch[0].brokerName} locked no queue: ${String(error)}`);
      return undefined;
    }
  }

  #body(mqSet: Batch): Buffer {
    const { instance, group } = this.#options;
    return encodeLockBatchRequestBody({ consumerGroup: group, clientId: instance.clientId, mqSet });
  }

  #lose(lock: Lock): void {
    this.#locks.delete(messageQueueKey(lock.mq));
    this.#options.onLost(lock.mq);
  }

  #now(): number {
    return this.#options.instance.clock.monotonic();
  }
}

type Batch = [MessageQueue, ...MessageQueue[]];

function byBroker(queues: readonly MessageQueue[]): Batch[] {
  const batches = new Map<string, Batch>();
  for (const mq of queues) {
    const batch = batches.get(mq.brokerName);
    if (batch === undefined) batches.set(mq.brokerName, [mq]);
    else batch.push(mq);
  }
  return [...batches.values()];
}
