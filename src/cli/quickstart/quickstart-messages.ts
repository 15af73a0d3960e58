/**
 * 1,000 messages in and out, and the proof that each arrived exactly once.
 */

import type { MessageListener } from '../../core/client/consumer/message-listener.ts';
import type { Producer } from '../../core/client/producer/producer.ts';
import { PocketError } from '../../core/common/errors.ts';

/** Sends under way at the same time. */
const WINDOW = 32;
const RECEIVE_TIMEOUT_MS = 20_000;

export interface SendAllOptions {
  readonly topic: string;
  readonly count: number;
  progress(sent: number): void;
}

/** Sends `message 1` to `message N`; resolves with their unique ids when the broker has stored all. */
export async function sendAll(producer: Producer, { topic, count, progress }: SendAllOptions): Promise<Set<string>> {
  const ids = new Set<string>();
  let next = 1;
  const sender = async (): Promise<void> => {
    while (next <= count) {
      const body = Buffer.from(`message ${next++}`);
      const { sendStatus, msgId } = await producer.send({ topic, body, flag: 0, properties: {} });
      if (sendStatus !== 'SEND_OK') throw new PocketError('PARTLY', `a message was answered with ${sendStatus}`);
      ids.add(msgId);
      progress(ids.size);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, sender));
  if (ids.size !== count) throw new PocketError('PROTOCOL', `${count} messages were sent with ${ids.size} ids`);
  return ids;
}

export interface Consumption {
  readonly listener: MessageListener;
  /** Resolves with the number received once all have come; rejects when one came twice, a foreign one, or too late. */
  received(): Promise<number>;
}

export interface ConsumeAllOptions {
  /** Unique ids of the messages to come. */
  readonly sent: ReadonlySet<string>;
  progress(received: number): void;
  /** Default 20000. */
  readonly timeoutMs?: number;
}

export function consumeAll({ sent, progress, timeoutMs = RECEIVE_TIMEOUT_MS }: ConsumeAllOptions): Consumption {
  const seen = new Set<string>();
  let surplus: string | undefined;
  let allCame: () => void = () => {};
  const complete = new Promise<void>((resolve) => {
    allCame = resolve;
  });
  return {
    listener(messages) {
      for (const { msgId } of messages) {
        if (seen.has(msgId)) surplus ??= `the message ${msgId} came twice`;
        else if (!sent.has(msgId)) surplus ??= `the message ${msgId} was never sent`;
        seen.add(msgId);
      }
      progress(seen.size);
      if (seen.size >= sent.size) allCame();
      return 'CONSUME_SUCCESS';
    },
    async received() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
      await Promise.race([complete, late]);
      if (surplus !== undefined) throw new PocketError('PROTOCOL', surplus);
      if (seen.size !== sent.size) throw new PocketError('TIMEOUT', `${seen.size} of ${sent.size} messages came`);
      return seen.size;
    },
  };
}
