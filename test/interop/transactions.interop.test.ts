/**
 * Transactional messages of real Java producers: on our broker, and the same cases on the real one to prove them right. What
 * counts is what lies in the queues in the end.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageExt } from '../../src/core/message/message.ts';
import { decodeMessage } from '../../src/core/message/message-codec.ts';
import { JavaCluster, startProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil, type Spawned } from './support/process.ts';
import { storedQueue } from './support/stored-queue.ts';
import { createTopic } from './support/wire.ts';

const TOPIC = 'TxTopic';
const GROUP = 'GID_tx';
const OP = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
const GIVEN_UP = 'TRANS_CHECK_MAX_TIME_TOPIC';
const LIMIT = { timeoutMs: 60_000, everyMs: 100 };

/** Quick checks, few of them. */
const broker = { transactionCheckInterval: '1000', transactionTimeOut: '1000', transactionCheckMax: '3' };

type Either = OurCluster | JavaCluster;

async function startProducer(cluster: Either, peer: Peer): Promise<Spawned> {
  const producer = await startProgram(peer, 'Transactions', [cluster.namesrvAddr, TOPIC, GROUP]);
  await producer.waitForOutput(/^STARTED$/m, 30_000);
  return producer;
}

async function tell(producer: Spawned, key: string, ...words: string[]): Promise<void> {
  producer.child.stdin?.write(`send ${[key, ...words].join(' ')}\n`);
  await producer.waitForOutput(new RegExp(`^SENT ${key} `, 'm'), 30_000);
}

const read = (records: readonly Buffer[]): MessageExt[] => records.map((record) => decodeMessage(record));

const keysOf = (messages: readonly MessageExt[]): string[] => messages.map(({ properties }) => properties.KEYS ?? '');

async function delivered(cluster: Either): Promise<string[]> {
  return keysOf(read(await storedQueue(cluster, TOPIC))).sort();
}

const kinds: readonly ['ours' | 'Java', () => Promise<Either>][] = [
  ['ours', () => OurCluster.start({ broker })],
  ['Java', () => JavaCluster.start({ broker })],
];

describe.each(kinds)('transactions of Java 4.9.7 on %s', (_kind, start) => {
  let peer: Peer;
  let cluster: Either;
  let producer: Spawned;

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    cluster = await start();
    await createTopic({ namesrvAddr: cluster.namesrvAddr, brokerAddr: cluster.brokerAddr, topic: TOPIC, queues: 1 });
    producer = await startProducer(cluster, peer);
  });

  afterAll(async () => {
    await producer?.stop('SIGKILL');
    await cluster?.stop();
  });

  it('a commit delivers, a rollback does not', async () => {
    await tell(producer, 'committed', 'commit', 'unknown');
    await tell(producer, 'rolled-back', 'rollback', 'unknown');
    await pollUntil('both ends', async () => (await storedQueue(cluster, OP)).length === 2, LIMIT);
    expect(await delivered(cluster)).toEqual(['committed']);
  });

  it('what is unknown is asked about until it is known', async () => {
    await tell(producer, 'asked-commit', 'unknown', 'commit');
    await tell(producer, 'asked-rollback', 'unknown', 'rollback');
    await producer.waitForOutput(/^ASKED asked-commit 1 \S+ TxTopic 0$/m, 30_000);
    await producer.waitForOutput(/^ASKED asked-rollback 1 /m, 30_000);
    await pollUntil('the commit', async () => (await delivered(cluster)).includes('asked-commit'), LIMIT);
    expect(await delivered(cluster)).toEqual(['asked-commit', 'committed']);
  });

  it('what nobody knows is given up after the last check', async () => {
    await tell(producer, 'never', 'unknown', 'unknown');
    await pollUntil('giving up', async () => (await storedQueue(cluster, GIVEN_UP)).length > 0, LIMIT);
    const [message] = read(await storedQueue(cluster, GIVEN_UP));
    expect(message?.properties).toMatchObject({ KEYS: 'never', TRANSACTION_CHECK_TIMES: '3', REAL_TOPIC: TOPIC });
    expect(producer.stdout.match(/^ASKED never \d+/gm)).toEqual(['ASKED never 1', 'ASKED never 2', 'ASKED never 3']);
  });
});
