/** Reads and puts of the transaction service: messages of its two queues, slice by slice, off the event loop where they are cold. */
import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { isStored } from '../../store/put-message.ts';
import type { StatsItems } from '../stats-items.ts';
import { HALF_QUEUE_ID, TRANS_GROUP } from './half-message.ts';

/** As Java pulls its op messages. */
const SLICE_MESSAGES = 32;

export interface QueueSlice {
  /** In the order of the queue; one that is damaged or gone is missing. */
  readonly messages: readonly MessageExt[];
  /** Offset behind the slice; that of the slice itself at the end of the queue. */
  readonly next: number;
}

export class SystemQueue {
  readonly #store: MessageStore;
  readonly #items: StatsItems;
  readonly #topic: string;

  constructor(store: MessageStore, items: StatsItems, topic: string) {
    this.#store = store;
    this.#items = items;
    this.#topic = topic;
  }

  get minOffset(): number {
    return this.#store.minOffsetInQueue(this.#topic, HALF_QUEUE_ID);
  }

  get maxOffset(): number {
    return this.#store.maxOffsetInQueue(this.#topic, HALF_QUEUE_ID);
  }

  /** Messages from `offset` on. Rejects with PocketError STORE. */
  async read(offset: number): Promise<QueueSlice> {
    const result = this.#store.getMessage(this.#topic, HALF_QUEUE_ID, offset, SLICE_MESSAGES);
    if (result.cold.length > 0) await this.#store.readCold(result);
    const messages: MessageExt[] = [];
    for (const { buffer, start, end } of result.segments) {
      let at = start;
      while (at < end) {
        const message = decodeMessage(buffer, at, { decompress: false });
        messages.push(message);
        at += message.storeSize;
      }
    }
    if (messages.length > 0) this.#items.groupGot(TRANS_GROUP, this.#topic, messages.length, result.totalBytes);
    return { messages, next: result.nextBeginOffset };
  }
}

/** Where a record was put; undefined when the store did not take it. */
export interface PutPlace {
  readonly physicOffset: number;
  readonly queueOffset: number;
}

export function putRecord(store: MessageStore, draft: MessageDraft): Promise<PutPlace | undefined> {
  return new Promise((resolve) => {
    store.putMessage(draft, {
      onPut: (status, physicOffset, queueOffset) =>
        resolve(isStored(status) ? { physicOffset, queueOffset } : undefined),
    });
  });
}
