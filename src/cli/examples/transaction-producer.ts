/**
 * RocketMQ's example of transactions: ten messages whose outcome nobody knows at first, and the answers when the broker asks. It
 * prints where each message went and then stays, for the questions, until it is ended.
 */

import type { TransactionListener } from '../../core/client/producer/transaction-listener.ts';
import { TransactionProducer } from '../../core/client/producer/transaction-producer.ts';
import { Property } from '../../core/message/properties.ts';
import { Interruption } from '../faults.ts';
import { sendResultText } from '../output/send-result-text.ts';
import { sentenceOf } from '../sentences.ts';
import { type ExampleProgram, rest } from './example-run.ts';

const TOPIC = 'TopicTest1234';
const TAGS = ['TagA', 'TagB', 'TagC', 'TagD', 'TagE'] as const;
const COUNT = 10;
const PAUSE_MS = 10;
const STAYS_MS = 100_000_000;
/** What is answered of the first, second and third message, and so on in turn; of others' messages, the second. */
const ANSWERS = ['UNKNOW', 'COMMIT_MESSAGE', 'ROLLBACK_MESSAGE'] as const;

function answersInTurn(): TransactionListener<undefined> {
  const numbers = new Map<string, number>();
  return {
    executeLocalTransaction: ({ transactionId }) => {
      numbers.set(transactionId, numbers.size);
      return 'UNKNOW';
    },
    checkLocalTransaction: ({ properties }) => {
      const number = numbers.get(properties[Property.UNIQ_KEY] ?? '') ?? 1;
      return ANSWERS[number % ANSWERS.length] ?? 'UNKNOW';
    },
  };
}

/** org.apache.rocketmq.example.transaction.TransactionProducer. Rejects with the last failure when nothing was sent. */
export const transactionProducer: ExampleProgram = async ({ namesrvAddrs, io, watch }) => {
  const transactionListener = answersInTurn();
  const producer = new TransactionProducer({
    ...{ group: 'please_rename_unique_group_name', namesrvAddrs, transactionListener },
    checkThreadPoolMaxSize: 2,
  });
  let sent = 0;
  let last: unknown;
  try {
    await Promise.race([producer.start(), watch.interrupted]);
    for (let i = 0; i < COUNT; i++) {
      const message = { topic: TOPIC, tags: TAGS[i % TAGS.length], keys: `KEY${i}`, body: `Hello RocketMQ ${i}` };
      try {
        io.out(`${sendResultText(await producer.sendMessageInTransaction(message, undefined))}\n`);
        sent++;
        await rest(PAUSE_MS, watch.interrupted);
      } catch (error) {
        if (error instanceof Interruption) throw error;
        last = error;
        io.err(`${sentenceOf(error)}\n`);
      }
    }
    if (sent === 0) throw last;
    await rest(STAYS_MS, watch.interrupted);
  } finally {
    await producer.stop();
  }
};
