/**
 * What RocketMQ's example programs have in common: they send so many messages and print each answer, or print what they get
 * until they are ended.
 *
 * Differences: a send that fails is one sentence on stderr instead of a stack; a producer gives up after ten failures in a
 * row, and its exit code says that messages were not sent; a producer that is done ends, also where the original forgets to
 * shut its client down.
 */

import { PushConsumer } from '../../core/client/consumer/push-consumer.ts';
import type {
  AnyPushConsumerOptions,
  PushConsumerBaseOptions,
} from '../../core/client/consumer/push-consumer-options.ts';
import { Producer } from '../../core/client/producer/producer.ts';
import { PocketError } from '../../core/common/errors.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { Interruption } from '../faults.ts';
import type { InterruptWatch } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { messageExtText } from '../output/message-ext-line.ts';
import { sentenceOf } from '../sentences.ts';

const CONSUMER_THREADS = 20;
const FAILURE_PAUSE_MS = 1000;
const MOST_FAILURES_IN_A_ROW = 10;

export interface ExampleRun {
  readonly namesrvAddrs: readonly string[];
  readonly io: Io;
  readonly watch: InterruptWatch;
}

/** Resolves when the program is done; a consumer's rejects with the interruption that ends it. */
export type ExampleProgram = (run: ExampleRun) => Promise<void>;

/** A producer that makes one request after the other. */
export interface SenderExample {
  readonly group: string;
  readonly enableMsgTrace?: boolean;
  /** Requests. */
  readonly count: number;
  /** Messages of a request; default 1. */
  readonly messagesEach?: number;
  /** Makes the i-th request, from 0, and returns what is printed of its answer. */
  send(producer: Producer, i: number): Promise<string>;
}

/** Resolves after a while, rejects with the interruption; then nothing is left that keeps the process. */
export async function rest(ms: number, interrupted: Promise<never>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([over, interrupted]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the last failure when nothing was sent, with PARTLY when some messages were not. */
export const sending =
  ({ group, enableMsgTrace, count, messagesEach = 1, send }: SenderExample): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const producer = new Producer({ group, namesrvAddrs, enableMsgTrace });
    let sent = 0;
    let failedInARow = 0;
    let last: unknown;
    try {
      await Promise.race([producer.start(), watch.interrupted]);
      for (let i = 0; i < count && failedInARow < MOST_FAILURES_IN_A_ROW; i++) {
        try {
          const text = await send(producer, i);
          sent++;
          failedInARow = 0;
          io.out(text);
        } catch (error) {
          if (error instanceof Interruption) throw error;
          last = error;
          failedInARow++;
          io.err(`${sentenceOf(error)}\n`);
          await rest(FAILURE_PAUSE_MS, watch.interrupted);
        }
        await Promise.race([Promise.resolve(), watch.interrupted]);
      }
    } finally {
      await producer.stop();
    }
    if (sent === 0) throw last;
    if (sent < count) {
      throw new PocketError('PARTLY', `${sent * messagesEach} of ${count * messagesEach} messages were sent`);
    }
  };

/** A consumer that prints what it gets. */
export interface ReceiverExample
  extends Pick<
    PushConsumerBaseOptions,
    'group' | 'subscriptions' | 'messageModel' | 'consumeFromWhere' | 'enableMsgTrace'
  > {
  /** Printed after the start; default `Consumer Started.` and a line end. */
  readonly started?: string;
  /** What is printed of a message; default its thread and its MessageExt. */
  readonly text?: (messages: readonly MessageExt[], thread: string) => string;
  /** With the messages of a queue in their order; what the i-th call, from 1, says. */
  readonly orderly?: (call: number) => { readonly suspendMs: number | undefined };
}

/** The blank before the line end is the original's. */
const receivedText = (messages: readonly MessageExt[], thread: string): string =>
  `${thread} Receive New Messages: [${messages.map(messageExtText).join(', ')}] \n`;

/** Never resolves; rejects with the interruption that ends it. */
export const receiving =
  (example: ReceiverExample): ExampleProgram =>
  async ({ namesrvAddrs, io, watch }) => {
    const { group, started = 'Consumer Started.\n', text = receivedText } = example;
    let calls = 0;
    let announced: () => void = () => {};
    const announcement = new Promise<void>((resolve) => {
      announced = resolve;
    });
    let lost: (error: unknown) => void = () => {};
    const unread = new Promise<never>((_resolve, reject) => {
      lost = reject;
    });
    unread.catch(() => {});
    const print = async (messages: readonly MessageExt[]): Promise<number> => {
      // The original's first delivery comes seconds after the start; scripts wait for that line first.
      await announcement;
      const thread = `ConsumeMessageThread_${group}_${(calls++ % CONSUMER_THREADS) + 1}`;
      for (const message of messages) message.properties[Property.CONSUME_START_TIME] = String(Date.now());
      try {
        io.out(text(messages, thread));
      } catch (error) {
        lost(error);
        throw error;
      }
      return calls;
    };
    const consumer = new PushConsumer(consumerOptions(example, namesrvAddrs, print));
    try {
      await Promise.race([consumer.start(), watch.interrupted]);
      io.out(started);
      announced();
      await Promise.race([unread, watch.interrupted]);
    } finally {
      announced();
      await consumer.stop();
    }
  };

function consumerOptions(
  { group, subscriptions, messageModel, consumeFromWhere, enableMsgTrace, orderly }: ReceiverExample,
  namesrvAddrs: readonly string[],
  print: (messages: readonly MessageExt[]) => Promise<number>,
): AnyPushConsumerOptions {
  const consumeThreadMax = CONSUMER_THREADS;
  const base = {
    ...{ group, namesrvAddrs, subscriptions, messageModel },
    ...{ consumeFromWhere, consumeThreadMax, enableMsgTrace },
  };
  if (orderly === undefined) {
    const listener = async (messages: MessageExt[]) => {
      await print(messages);
      return 'CONSUME_SUCCESS' as const;
    };
    return { ...base, listener };
  }
  return {
    ...base,
    ordered: true,
    listener: async (messages, context) => {
      const { suspendMs } = orderly(await print(messages));
      if (suspendMs === undefined) return 'SUCCESS';
      context.suspendCurrentQueueTimeMillis = suspendMs;
      return 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
    },
  };
}
