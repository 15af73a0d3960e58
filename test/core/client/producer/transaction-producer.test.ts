/** The transaction producer on a broker of our own that checks often, with a consumer that sees what is committed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TransactionQuestion } from '../../../../src/core/client/client-processors.ts';
import { PushConsumer } from '../../../../src/core/client/consumer/push-consumer.ts';
import { TransactionChecks } from '../../../../src/core/client/producer/transaction-checks.ts';
import type { LocalTransactionState } from '../../../../src/core/client/producer/transaction-listener.ts';
import {
  TransactionProducer,
  type TransactionProducerOptions,
} from '../../../../src/core/client/producer/transaction-producer.ts';
import { type LocalCluster, startLocalCluster } from '../../../../src/core/cluster/local-cluster.ts';
import type { MessageExt } from '../../../../src/core/message/message.ts';
import type { RemotingCommand } from '../../../../src/core/remoting/remoting-command.ts';
import { recordingLogger } from '../../broker/test-broker.ts';
import { until } from '../scripted-cluster.ts';

let cluster: LocalCluster;
const running: { stop(): Promise<void> }[] = [];
const seen: MessageExt[] = [];

beforeAll(async () => {
  const brokerSettings = { transactionCheckInterval: 200, transactionTimeOut: 100 };
  cluster = await startLocalCluster({ brokerSettings });
  const consumer = new PushConsumer({
    group: 'C',
    namesrvAddr: cluster.namesrvAddr,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    subscriptions: { Tx: '*' },
    listener: (messages) => void seen.push(...messages),
  });
  await consumer.start();
  running.push(consumer);
});
afterAll(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
  await cluster.stop();
});
afterEach(async () => {
  for (const service of running.splice(1).reverse()) await service.stop();
});

const seenKeys = (): (string | undefined)[] => seen.map(({ properties }) => properties.KEYS);

async function producer(
  executed: LocalTransactionState | (() => LocalTransactionState),
  asked: LocalTransactionState = 'UNKNOW',
  options: Partial<TransactionProducerOptions<string>> = {},
): Promise<{ made: TransactionProducer<string>; calls: string[] }> {
  const calls: string[] = [];
  const made = new TransactionProducer<string>({
    group: 'GID_ours',
    namesrvAddr: cluster.namesrvAddr,
    transactionListener: {
      executeLocalTransaction: ({ keys, transactionId }, arg) => {
        calls.push(`${keys} ${arg} ${transactionId.length}`);
        return typeof executed === 'string' ? executed : executed();
      },
      checkLocalTransaction: async ({ properties, topic, transactionId }) => {
        calls.push(`${properties.KEYS} asked ${topic} ${transactionId?.length}`);
        return asked;
      },
    },
    ...options,
  });
  await made.start();
  running.push(made);
  return { made, calls };
}

describe('a transaction', () => {
  it('that is committed is delivered, with what it was sent with', async () => {
    const { made, calls } = await producer('COMMIT_MESSAGE');
    const message = { topic: 'Tx', body: 'x'.repeat(5000), keys: 'committed', properties: { DELAY: '3', own: 'yes' } };
    const result = await made.sendMessageInTransaction(message, 'arg');
    expect(result).toMatchObject({ sendStatus: 'SEND_OK', localTransactionState: 'COMMIT_MESSAGE' });
    expect(result.transactionId).toBe(result.msgId);
    await until('the message', () => seenKeys().includes('committed'));
    expect(seen.at(-1)).toMatchObject({ msgId: result.msgId, transactionId: result.msgId, properties: { own: 'yes' } });
    expect(seen.at(-1)?.body.length).toBe(5000);
    expect(calls).toEqual(['committed arg 32']);
  });

  it('that is rolled back is not delivered', async () => {
    const { made } = await producer('ROLLBACK_MESSAGE');
    const result = await made.sendMessageInTransaction({ topic: 'Tx', body: 'b', keys: 'rolled-back' }, '');
    expect(result.localTransactionState).toBe('ROLLBACK_MESSAGE');
    await made.send({ topic: 'Tx', body: 'b', keys: 'ordinary' });
    await until('what was sent after it', () => seenKeys().includes('ordinary'));
    expect(seenKeys()).not.toContain('rolled-back');
  });

  it('whose local part throws is asked about, and delivered when it is known then', async () => {
    const fails = (): never => {
      throw new Error('no database');
    };
    const { lines, logger } = recordingLogger();
    const { made, calls } = await producer(fails, 'COMMIT_MESSAGE', { logger });
    const result = await made.sendMessageInTransaction({ topic: 'Tx', body: 'b', keys: 'asked' }, 'arg');
    expect(result.localTransactionState).toBe('UNKNOW');
    expect(lines.join()).toContain('executeLocalTransactionBranch exception: Error: no database');
    await until('the message', () => seenKeys().includes('asked'));
    expect(calls).toEqual(['asked arg 32', 'asked asked Tx 32']);
    expect(seenKeys().filter((key) => key === 'asked')).toHaveLength(1);
  });

  it('of a producer that is gone is asked of another one of the group', async () => {
    const { made } = await producer('UNKNOW');
    await made.sendMessageInTransaction({ topic: 'Tx', body: 'b', keys: 'orphan' }, '');
    await made.stop();
    const { made: other, calls } = await producer('COMMIT_MESSAGE', 'COMMIT_MESSAGE');
    await other.sendMessageInTransaction({ topic: 'Tx', body: 'b', keys: 'of-another' }, '');
    await until('the message', () => seenKeys().includes('orphan'));
    expect(calls).toContain('orphan asked Tx 32');
  });

  it('cannot be sent without a listener', () => {
    const options = { group: 'P', namesrvAddr: cluster.namesrvAddr };
    expect(() => new TransactionProducer(options as never)).toThrow(/transactionListener must have a function exec/);
    const half = { ...options, transactionListener: { executeLocalTransaction: () => 'UNKNOW' } };
    expect(() => new TransactionProducer(half as never)).toThrow(/function checkLocalTransaction/);
  });
});

describe('the checks of a producer', () => {
  const question = (number: number, sent: RemotingCommand[]): TransactionQuestion => ({
    header: { tranStateTableOffset: number, commitLogOffset: number * 100, transactionId: `T${number}` },
    message: { msgId: `M${number}`, properties: {} } as MessageExt,
    connection: { remoteAddr: '127.0.0.1:1', oneway: (command) => sent.push(command) },
  });

  it('call the listener so many times at once, hold so many more, and leave the rest for later', async () => {
    const sent: RemotingCommand[] = [];
    const open: (() => void)[] = [];
    const { lines, logger } = recordingLogger();
    const checkLocalTransaction = () =>
      new Promise<LocalTransactionState>((resolve) => open.push(() => resolve('COMMIT_MESSAGE')));
    const checks = new TransactionChecks({
      ...{ group: 'P', listener: { checkLocalTransaction }, concurrency: 2, holdMax: 1, logger },
    });
    for (let i = 0; i < 4; i++) checks.checkTransaction(question(i, sent));
    expect([open.length, lines.length]).toEqual([2, 1]);
    for (const let_ of open.splice(0)) let_();
    await until('the third call', () => open.length === 1);
    checks.close();
    checks.checkTransaction(question(5, sent));
    open[0]?.();
    await until('three answers', () => sent.length === 3);
    expect(sent.map(({ extFields }) => extFields)).toMatchObject([
      { commitOrRollback: '8', tranStateTableOffset: '0', msgId: 'M0', fromTransactionCheck: 'true' },
      { commitOrRollback: '8', tranStateTableOffset: '1', commitLogOffset: '100', transactionId: 'T1' },
      { commitOrRollback: '8', tranStateTableOffset: '2' },
    ]);
    expect(open).toHaveLength(1);
  });

  it('answer UNKNOW with the reason when the listener throws or says something else', async () => {
    const sent: RemotingCommand[] = [];
    const { logger } = recordingLogger();
    const answers = [() => Promise.reject(new Error('gone')), () => 'commit' as LocalTransactionState];
    const listener = { checkLocalTransaction: () => (answers.shift() as () => LocalTransactionState)() };
    const checks = new TransactionChecks({ group: 'P', listener, concurrency: 1, holdMax: 9, logger });
    for (let i = 0; i < 2; i++) checks.checkTransaction(question(i, sent));
    await until('two answers', () => sent.length === 2);
    expect(sent).toMatchObject([
      { extFields: { commitOrRollback: '0' }, remark: 'checkLocalTransactionState exception: Error: gone' },
      { extFields: { commitOrRollback: '0' } },
    ]);
  });
});
