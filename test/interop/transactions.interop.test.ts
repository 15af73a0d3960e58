/**
 * Transactional messages of real Java producers on our broker, and with `--mode all` the same cases on the real one to prove them
 * right, and producers of 5.4.0. What counts is what lies in the queues in the end.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageExt } from '../../src/core/message/message.ts';
import { decodeMessage } from '../../src/core/message/message-codec.ts';
import { JavaCluster, startProgram } from './support/java-cluster.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer, type PeerVersion } from './support/peers.ts';
import { pollUntil, removeFolder, type Spawned, temporaryFolder } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { storedQueue } from './support/stored-queue.ts';
import { createTopic } from './support/wire.ts';

const TOPIC = 'TxTopic';
const GROUP = 'GID_tx';
const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
const OP = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
const GIVEN_UP = 'TRANS_CHECK_MAX_TIME_TOPIC';
const LIMIT = { timeoutMs: 60_000, everyMs: 100 };

/** Quick checks, and so many that none is given up while a JVM starts or a client notices that its broker is back. */
const broker = { transactionCheckInterval: '1000', transactionTimeOut: '1000', transactionCheckMax: '100' };

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

async function setCheckMax({ brokerAddr }: Either, value: number): Promise<void> {
  const argv = ['updateBrokerConfig', '-b', brokerAddr, '-k', 'transactionCheckMax', '-v', String(value)];
  expect(await pocketmq(argv)).toMatchObject({ code: 0 });
}

const read = (records: readonly Buffer[]): MessageExt[] => records.map((record) => decodeMessage(record));

const keysOf = (messages: readonly MessageExt[]): string[] => messages.map(({ properties }) => properties.KEYS ?? '');

async function delivered(cluster: Either): Promise<string[]> {
  return keysOf(read(await storedQueue(cluster, TOPIC))).sort();
}

type Kind = readonly [kind: 'ours' | 'Java', clients: PeerVersion];
const start = (kind: Kind[0]): Promise<Either> =>
  kind === 'ours' ? OurCluster.start({ broker }) : JavaCluster.start({ broker });
const KINDS: readonly Kind[] = [
  ['ours', '4.9.7'],
  ...(ALL
    ? ([
        ['Java', '4.9.7'],
        ['ours', '5.4.0'],
      ] as const)
    : []),
];

/** Of the first transaction, which was committed: its half message, the op message, the message; by cluster. */
const firstRecords = new Map<string, readonly Buffer[]>();

describe.each(KINDS)('transactions on %s of clients %s', (kind, version) => {
  let peer: Peer;
  let cluster: Either;
  let producer: Spawned;

  beforeAll(async () => {
    peer = await ensurePeer(version);
    cluster = await start(kind);
    const { namesrvAddr, brokerAddr } = cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: 1 });
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
    const queues = await Promise.all([HALF, OP, TOPIC].map((topic) => storedQueue(cluster, topic)));
    firstRecords.set(
      `${kind} ${version}`,
      queues.map(([first]) => first as Buffer),
    );
  });

  it('what is unknown is asked about until it is known', async () => {
    await tell(producer, 'asked-commit', 'unknown', 'commit');
    await tell(producer, 'asked-rollback', 'unknown', 'rollback');
    await producer.waitForOutput(/^ASKED asked-commit 1 \S+ TxTopic 0$/m, 30_000);
    await producer.waitForOutput(/^ASKED asked-rollback 1 /m, 30_000);
    await pollUntil('the commit', async () => (await delivered(cluster)).includes('asked-commit'), LIMIT);
    expect(await delivered(cluster)).toEqual(['asked-commit', 'committed']);
  });

  it('what nobody knows is listed, and given up after the last check', async () => {
    await setCheckMax(cluster, 3);
    await tell(producer, 'never', 'unknown', 'unknown');
    const [, msgId = ''] = /^SENT never (\S+)/m.exec(producer.stdout) ?? [];
    const argv = ['transaction', 'list', '-n', cluster.namesrvAddr, '--older-than', '0s', '--output', 'json'];
    const [{ halfMessages }] = JSON.parse((await pocketmq(argv)).stdout);
    expect(halfMessages).toMatchObject([{ producerGroup: GROUP, topic: TOPIC, msgId }]);
    await pollUntil('giving up', async () => (await storedQueue(cluster, GIVEN_UP)).length > 0, LIMIT);
    const [message] = read(await storedQueue(cluster, GIVEN_UP));
    expect(message?.properties).toMatchObject({ KEYS: 'never', TRANSACTION_CHECK_TIMES: '3', REAL_TOPIC: TOPIC });
    expect(producer.stdout.match(/^ASKED never \d+/gm)).toEqual(['ASKED never 1', 'ASKED never 2', 'ASKED never 3']);
    await setCheckMax(cluster, 100);
  });

  it('another producer of the group is asked when one was killed', async () => {
    const other = await startProducer(cluster, peer);
    await tell(producer, 'orphan', 'unknown', 'commit');
    await producer.stop('SIGKILL');
    producer = other;
    await pollUntil('the commit', async () => (await delivered(cluster)).includes('orphan'), LIMIT);
  });

  it('a broker that was killed before the end asks about it afterwards', async () => {
    await tell(producer, 'survivor', 'unknown', 'commit');
    await cluster.stopBroker('SIGKILL');
    await cluster.startBroker();
    // The broker knows a client again by its next heartbeat, which may take half a minute: a new one is there at once.
    await producer.stop('SIGKILL');
    producer = await startProducer(cluster, peer);
    await pollUntil('the commit', async () => (await delivered(cluster)).includes('survivor'), LIMIT);
    // A further round: what has come must not come again.
    await tell(producer, 'last', 'unknown', 'commit');
    await pollUntil('the last', async () => (await delivered(cluster)).includes('last'), LIMIT);
    const all = ['asked-commit', 'committed', 'last', 'orphan', 'survivor'];
    expect(kind === 'ours' ? await delivered(cluster) : [...new Set(await delivered(cluster))]).toEqual(all);
  });
});

/** Nothing is asked in the time of these brokers: what they leave is for the next one. */
const slow = { transactionCheckInterval: '600000' };

const LEFT_BY: readonly Kind[0][] = ALL ? ['Java', 'ours'] : [];

describe.each(LEFT_BY)('half messages that %s left', (from) => {
  it('are asked about by the other, those that are ended are not', async () => {
    const peer = await ensurePeer('4.9.7');
    const folder = temporaryFolder('tx-hand-over');
    const storeDir = join(folder, 'store');
    const make = (kind: Kind[0], config: Record<string, string>): Promise<Either> =>
      kind === 'ours'
        ? OurCluster.start({ broker: { ...config, storePathRootDir: storeDir } })
        : JavaCluster.start({ storeDir, broker: config });
    let cluster = await make(from, slow);
    let producer: Spawned | undefined;
    try {
      const { namesrvAddr, brokerAddr } = cluster;
      await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: 1 });
      producer = await startProducer(cluster, peer);
      await tell(producer, 'ended', 'commit', 'commit');
      await tell(producer, 'open', 'unknown', 'commit');
      await tell(producer, 'undone', 'rollback', 'commit');
      await pollUntil('both ends', async () => (await storedQueue(cluster, OP)).length === 2, LIMIT);
      await producer.stop('SIGKILL');
      await cluster.stop();
      cluster = await make(from === 'ours' ? 'Java' : 'ours', broker);
      producer = await startProducer(cluster, peer);
      await pollUntil('the commit', async () => (await delivered(cluster)).includes('open'), LIMIT);
      expect(await delivered(cluster)).toEqual(['ended', 'open']);
      expect(producer.stdout.match(/^ASKED \S+/gm)).toEqual(['ASKED open']);
    } finally {
      await producer?.stop('SIGKILL');
      await cluster.stop();
      removeFolder(folder);
    }
  });
});

describe.each(ALL ? ['4.9.7'] : [])('the records of a transaction of clients %s', (version) => {
  it('are those of a Java broker, byte for byte', () => {
    const [ours, java] = [firstRecords.get(`ours ${version}`), firstRecords.get(`Java ${version}`)];
    expect(ours?.map(comparable)).toEqual(java?.map(comparable));
    // The op message has no more than its own properties: also their order is Java's.
    expect(propertiesOf(ours?.[1])).toBe(propertiesOf(java?.[1]));
  });
});

/** A record's bytes in hex, but for times, addresses, places in the log, the unique id and the order of the properties. */
function comparable(record: Buffer): string[] {
  const copy = Buffer.from(record);
  const text = propertiesOf(record);
  for (const [from, to] of [
    [28, 36],
    [40, 72],
    [76, 84],
  ] as const)
    copy.fill(0, from, to);
  const rest = copy.subarray(0, copy.length - Buffer.byteLength(text));
  const properties = text.split('\x02').map((entry) => (entry.startsWith('UNIQ_KEY') ? 'UNIQ_KEY' : entry));
  return [rest.toString('hex'), ...properties.sort()];
}

function propertiesOf(record: Buffer | undefined): string {
  if (record === undefined) return '';
  const topicAt = 88 + record.readInt32BE(84);
  return record.toString('utf8', topicAt + 1 + (record[topicAt] ?? 0) + 2);
}
