/**
 * How far a group has consumed each of its queues: kept here while consuming, committed at the broker of the queue.
 * Mirrors RemoteBrokerOffsetStore.
 *
 * Known difference: an offset that did not change is not committed again, so that one set from outside stays.
 */

import { PocketError } from '../../common/errors.ts';
import { type MessageQueue, messageQueueKey } from '../../message/message-queue.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import { queryConsumerOffset } from '../../protocol/requests/query-consumer-offset.ts';
import { updateConsumerOffset } from '../../protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { call } from '../../remoting/call.ts';
import { MASTER_ID } from '../broker-addr.ts';
import { CLIENT_API_TIMEOUT_MS, type ClientInstance } from '../client-instance.ts';
import { findReader } from '../find-broker.ts';
import type { OffsetStore } from './offset-store.ts';

interface Entry {
  readonly mq: MessageQueue;
  offset: number;
  /** What the broker has, as far as this client knows. */
  committed: number | undefined;
}

export class RemoteBrokerOffsetStore implements OffsetStore {
  readonly #instance: ClientInstance;
  readonly #group: string;
  /** By messageQueueKey; holds the queues of this client only. */
  readonly #entries = new Map<string, Entry>();

  constructor(instance: ClientInstance, group: string) {
    this.#instance = instance;
    this.#group = group;
  }

  /** `increaseOnly`: a lower offset than the known one is ignored. */
  update(mq: MessageQueue, offset: number, increaseOnly: boolean): void {
    const key = messageQueueKey(mq);
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { mq, offset, committed: undefined });
    else if (!increaseOnly || offset > entry.offset) entry.offset = offset;
  }

  /** The offset known here. */
  read(mq: MessageQueue): number | undefined {
    return this.#entries.get(messageQueueKey(mq))?.offset;
  }

  known(topic: string): QueueOffset[] {
    const entries = [...this.#entries.values()].filter(({ mq }) => mq.topic === topic);
    return entries.map(({ mq, offset }) => ({ mq, offset }));
  }

  /** The offset the broker has, which may be 0 for a young queue; undefined when there is none. Rejects when it cannot be asked. */
  async fetch(mq: MessageQueue): Promise<number | undefined> {
    try {
      const header = { consumerGroup: this.#group, topic: mq.topic, queueId: mq.queueId, bname: mq.brokerName };
      const answer = await call(this.#instance.client, await this.#addrOf(mq), queryConsumerOffset, header, {
        timeoutMs: CLIENT_API_TIMEOUT_MS,
      });
      return answer.header.offset;
    } catch (error) {
      if (error instanceof PocketError && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** Commits every changed offset and waits for the brokers; a failure is logged and tried again next time. */
  async persistAll(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#commit(entry)));
  }

  /** Commits one queue's offset if it changed; a failure is only logged. */
  async persist(mq: MessageQueue): Promise<void> {
    const entry = this.#entries.get(messageQueueKey(mq));
    if (entry !== undefined) await this.#commit(entry);
  }

  remove(mq: MessageQueue): void {
    this.#entries.delete(messageQueueKey(mq));
  }

  async #commit(entry: Entry): Promise<void> {
    const { mq, offset } = entry;
    if (offset === entry.committed) return;
    try {
      const header = { consumerGroup: this.#group, topic: mq.topic, queueId: mq.queueId, commitOffset: offset };
      await call(
        this.#instance.client,
        await this.#addrOf(mq),
        updateConsumerOffset,
        { ...header, bname: mq.brokerName },
        {
          timeoutMs: CLIENT_API_TIMEOUT_MS,
        },
      );
      entry.committed = offset;
    } catch (error) {
      this.#instance.logger.warn(
        `offset ${offset} of ${mq.topic} ${mq.brokerName} ${mq.queueId} not committed: ${error}`,
      );
    }
  }

  #addrOf(mq: MessageQueue): Promise<string> {
    return findReader(this.#instance.routes, mq, MASTER_ID);
  }
}
