/**
 * RocketMQ's example programs by the names of their classes, with their groups, topics, messages and lines (4.9.7). What is
 * different for all of them stands in example-run.ts; OnewayProducer asks the name servers of the line, not localhost:9876.
 */

import { LitePullConsumer } from '../../core/client/consumer/lite-pull-consumer.ts';
import { Producer } from '../../core/client/producer/producer.ts';
import type { SendResult } from '../../core/client/producer/send-result.ts';
import type { NewMessage } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { messageExtText } from '../output/message-ext-line.ts';
import { sendResultText } from '../output/send-result-text.ts';
import { sentenceOf } from '../sentences.ts';
import { type ExampleProgram, receiving, sending } from './example-run.ts';
import { transactionProducer } from './transaction-producer.ts';

const PRODUCER_GROUP = 'please_rename_unique_group_name';
const LETTERS = ['A', 'B', 'C', 'D', 'E'] as const;
const line = (result: SendResult): string => `${sendResultText(result)}\n`;
const tagOf = (i: number, tags: number): string => `Tag${LETTERS[i % tags]}`;

/** Sends `count` messages, one after the other. */
const sendingEach = (group: string, count: number, message: (i: number) => NewMessage): ExampleProgram =>
  sending({ group, count, send: async (producer, i) => line(await producer.send(message(i))) });

const hello = (i: number) => ({ topic: 'TopicTest', tags: 'TagA', body: `Hello RocketMQ ${i}` });
const helloWorld = { topic: 'TopicTest', tags: 'TagA', keys: 'OrderID188', body: 'Hello world' };
const SOME_TAGS = 'TagA || TagC || TagD';

/** As the ListSplitter of the original counts, without what makes a message on the wire. */
const SPLIT_BYTES = 1_000_000;
const SPLIT_OVERHEAD = 20;
const SPLIT_MESSAGES = 100_000;

const splitMessage = (i: number) => ({
  topic: 'BatchTest',
  tags: 'Tag',
  keys: `OrderID${i}`,
  body: `Hello world ${i}`,
});

function* splitBatches(): Generator<NewMessage[]> {
  let batch: NewMessage[] = [];
  let bytes = 0;
  for (let i = 0; i < SPLIT_MESSAGES; i++) {
    const message = splitMessage(i);
    const { topic, body, tags, keys } = message;
    // WAIT=true is a property of every message of the Java client.
    const properties = `${Property.TAGS}${tags}${Property.KEYS}${keys}${Property.WAIT}true`;
    const more = topic.length + body.length + properties.length + SPLIT_OVERHEAD;
    if (bytes + more > SPLIT_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += more;
  }
  yield batch;
}

/** Sends all without waiting, and prints the answers as they come. */
const asyncProducer: ExampleProgram = async ({ namesrvAddrs, io, watch }) => {
  const producer = new Producer({ group: 'Jodie_Daily_test', namesrvAddrs, retryTimesWhenSendFailed: 0 });
  let last: unknown;
  try {
    await Promise.race([producer.start(), watch.interrupted]);
    for (let i = 0; i < 100; i++) {
      const index = String(i).padEnd(10);
      await producer.sendAsync(
        { ...helloWorld, topic: 'Jodie_topic_1023' },
        {
          onSuccess: ({ msgId }) => io.out(`${index} OK ${msgId} \n`),
          onException: (error) => {
            last = error;
            io.out(`${index} Exception ${sentenceOf(error)} \n`);
          },
        },
      );
    }
    await Promise.race([producer.idle(), watch.interrupted]);
  } finally {
    await producer.stop();
  }
  if (last !== undefined) throw last;
};

const onewayProducer: ExampleProgram = async ({ namesrvAddrs, watch }) => {
  const producer = new Producer({ group: PRODUCER_GROUP, namesrvAddrs });
  try {
    await Promise.race([producer.start(), watch.interrupted]);
    for (let i = 0; i < 100; i++) await Promise.race([producer.sendOneway(hello(i)), watch.interrupted]);
  } finally {
    await producer.stop();
  }
};

/** Prints each list it polls, empty ones as well, until it is ended. */
const litePullConsumer: ExampleProgram = async ({ namesrvAddrs, io, watch }) => {
  const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
  const consumer = new LitePullConsumer({ group: 'lite_pull_consumer_test', namesrvAddrs, consumeFromWhere });
  consumer.subscribe('TopicTest', '*');
  try {
    await Promise.race([consumer.start(), watch.interrupted]);
    for (;;) {
      const messages = await Promise.race([consumer.poll(), watch.interrupted]);
      io.out(`[${messages.map(messageExtText).join(', ')}]\n`);
    }
  } finally {
    await consumer.stop();
  }
};

const splitProducer = (): ExampleProgram => {
  const batches = [...splitBatches()];
  const each = Math.round(SPLIT_MESSAGES / batches.length);
  return sending({
    group: 'BatchProducerGroupName',
    count: batches.length,
    messagesEach: each,
    send: async (producer, i) => sendResultText(await producer.sendBatch(batches[i] ?? [])),
  });
};

const SCHEDULED = 'TestTopic';
const SQL = "(TAGS is not null and TAGS in ('TagA', 'TagB'))and (a is not null and a between 0 and 3)";

/** Class name behind `org.apache.rocketmq.example.` -> the program. */
export const examplePrograms: Readonly<Record<string, () => ExampleProgram>> = {
  'quickstart.Producer': () => sendingEach(PRODUCER_GROUP, 1000, hello),
  'quickstart.Consumer': () =>
    receiving({
      group: 'please_rename_unique_group_name_4',
      subscriptions: { TopicTest: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    }),
  'simple.Producer': () => sendingEach('ProducerGroupName', 128, () => helloWorld),
  'simple.AsyncProducer': () => asyncProducer,
  'simple.OnewayProducer': () => onewayProducer,
  'simple.PushConsumer': () =>
    receiving({
      group: 'CID_JODIE_1',
      subscriptions: { TopicTest: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    }),
  'simple.LitePullConsumerSubscribe': () => litePullConsumer,
  'ordermessage.Producer': () =>
    sending({
      group: PRODUCER_GROUP,
      count: 100,
      send: async (producer, i) => {
        const message = { ...hello(i), topic: 'TopicTestjjj', tags: tagOf(i, 5), keys: `KEY${i}` };
        return line(
          await producer.send(message, {
            arg: i % 10,
            selector: (queues, _, id) => queues[Number(id) % queues.length],
          }),
        );
      },
    }),
  'ordermessage.Consumer': () =>
    receiving({
      group: 'please_rename_unique_group_name_3',
      subscriptions: { TopicTest: SOME_TAGS },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      orderly: (call) => ({ suspendMs: call % 2 !== 0 && call % 5 === 0 ? 3000 : undefined }),
    }),
  'broadcast.PushConsumer': () =>
    receiving({
      group: 'please_rename_unique_group_name_1',
      subscriptions: { TopicTest: SOME_TAGS },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      messageModel: 'BROADCASTING',
      started: 'Broadcast Consumer Started.\n',
    }),
  'schedule.ScheduledMessageProducer': () =>
    sending({
      group: 'ExampleProducerGroup',
      count: 100,
      send: async (producer, i) => {
        const properties = { [Property.DELAY]: '3' };
        const body = `Hello scheduled message ${i}`;
        return sendResultText(await producer.send({ topic: SCHEDULED, body, properties }));
      },
    }),
  'schedule.ScheduledMessageConsumer': () =>
    receiving({
      group: 'ExampleConsumer',
      subscriptions: { [SCHEDULED]: '*' },
      started: '',
      text: (messages) =>
        messages
          .map(
            ({ msgId, storeTimestamp }) => `Receive message[msgId=${msgId} ${Date.now() - storeTimestamp}  ms later]\n`,
          )
          .join(''),
    }),
  'batch.SimpleBatchProducer': () =>
    sending({
      group: 'BatchProducerGroupName',
      count: 1,
      messagesEach: 3,
      send: async (producer) => {
        const bodies = [0, 1, 2].map((i) => ({ ...splitMessage(i), keys: `OrderID00${i + 1}` }));
        return sendResultText(await producer.sendBatch(bodies));
      },
    }),
  'batch.SplitBatchProducer': splitProducer,
  'transaction.TransactionProducer': () => transactionProducer,
  'tracemessage.TraceProducer': () =>
    sending({
      group: 'ProducerGroupName',
      enableMsgTrace: true,
      count: 128,
      send: async (producer) => line(await producer.send(helloWorld)),
    }),
  'tracemessage.TracePushConsumer': () =>
    receiving({
      group: 'ProducerGroupName',
      enableMsgTrace: true,
      subscriptions: { TopicTest: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    }),
  'filter.TagFilterProducer': () =>
    sendingEach(PRODUCER_GROUP, 60, (i) => ({ topic: 'TagFilterTest', tags: tagOf(i, 3), body: 'Hello world' })),
  'filter.TagFilterConsumer': () =>
    receiving({ group: PRODUCER_GROUP, subscriptions: { TagFilterTest: 'TagA || TagC' } }),
  'filter.SqlFilterProducer': () =>
    sendingEach(PRODUCER_GROUP, 10, (i) => {
      const properties = { a: String(i) };
      return { topic: 'SqlFilterTest', tags: tagOf(i, 3), body: `Hello RocketMQ ${i}`, properties };
    }),
  'filter.SqlFilterConsumer': () =>
    receiving({ group: PRODUCER_GROUP, subscriptions: { SqlFilterTest: { type: 'SQL92', expression: SQL } } }),
};
