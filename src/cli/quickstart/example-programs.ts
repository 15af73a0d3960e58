/**
 * The two programs of RocketMQ's quickstart page, with their groups, topic and lines: the producer sends 1,000 messages one
 * after the other, the consumer prints what it gets until it is ended.
 *
 * Differences: a send that fails is one sentence on stderr instead of a stack; the producer gives up after ten failures in a
 * row, and its exit code says that messages were not sent.
 */

import { PushConsumer } from '../../core/client/consumer/push-consumer.ts';
import { Producer } from '../../core/client/producer/producer.ts';
import { PocketError } from '../../core/common/errors.ts';
import { Property } from '../../core/message/properties.ts';
import { Interruption } from '../faults.ts';
import type { InterruptWatch } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { messageExtText } from '../output/message-ext-line.ts';
import { sendResultText } from '../output/send-result-text.ts';
import { sentenceOf } from '../sentences.ts';

const TOPIC = 'TopicTest';
const MESSAGES = 1000;
const PRODUCER_GROUP = 'please_rename_unique_group_name';
const CONSUMER_GROUP = 'please_rename_unique_group_name_4';
const CONSUMER_THREADS = 20;
const FAILURE_PAUSE_MS = 1000;
const MOST_FAILURES_IN_A_ROW = 10;

export interface ExampleRun {
  readonly namesrvAddrs: readonly string[];
  readonly io: Io;
  readonly watch: InterruptWatch;
}

/** Rejects with the last failure when nothing was sent, with PARTLY when some messages were not. */
export async function runProducer({ namesrvAddrs, io, watch }: ExampleRun): Promise<void> {
  const producer = new Producer({ group: PRODUCER_GROUP, namesrvAddrs });
  let sent = 0;
  let failedInARow = 0;
  let last: unknown;
  try {
    await Promise.race([producer.start(), watch.interrupted]);
    for (let i = 0; i < MESSAGES && failedInARow < MOST_FAILURES_IN_A_ROW; i++) {
      const body = Buffer.from(`Hello RocketMQ ${i}`);
      const message = { topic: TOPIC, body, flag: 0, properties: { [Property.TAGS]: 'TagA' } };
      try {
        const result = await producer.send(message);
        sent++;
        failedInARow = 0;
        io.out(`${sendResultText(result)}\n`);
      } catch (error) {
        if (error instanceof Interruption) throw error;
        last = error;
        failedInARow++;
        io.err(`${sentenceOf(error)}\n`);
        await Promise.race([new Promise((resolve) => setTimeout(resolve, FAILURE_PAUSE_MS)), watch.interrupted]);
      }
      await Promise.race([Promise.resolve(), watch.interrupted]);
    }
  } finally {
    await producer.stop();
  }
  if (sent === 0) throw last;
  if (sent < MESSAGES) throw new PocketError('PARTLY', `${sent} of ${MESSAGES} messages were sent`);
}

/** Never resolves; rejects with the interruption that ends it. */
export async function runConsumer({ namesrvAddrs, io, watch }: ExampleRun): Promise<void> {
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
  const consumer = new PushConsumer({
    group: CONSUMER_GROUP,
    namesrvAddrs,
    subscriptions: { [TOPIC]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    consumeThreadMax: CONSUMER_THREADS,
    listener: async (messages) => {
      // The original's first delivery comes seconds after the start; scripts wait for that line first.
      await announcement;
      const thread = `ConsumeMessageThread_${CONSUMER_GROUP}_${(calls++ % CONSUMER_THREADS) + 1}`;
      for (const message of messages) message.properties[Property.CONSUME_START_TIME] = String(Date.now());
      // The blank before the line end is the original's.
      try {
        io.out(`${thread} Receive New Messages: [${messages.map(messageExtText).join(', ')}] \n`);
      } catch (error) {
        lost(error);
        throw error;
      }
      return 'CONSUME_SUCCESS' as const;
    },
  });
  try {
    await Promise.race([consumer.start(), watch.interrupted]);
    io.out('Consumer Started.\n');
    announced();
    await Promise.race([unread, watch.interrupted]);
  } finally {
    announced();
    await consumer.stop();
  }
}
