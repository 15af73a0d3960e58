/**
 * Every way of sending of every client that has it: Java 4.9.7 and 5.4.0, Go and C++, each in a process of its own that sends
 * everything at once, on our broker; in `interop:all` on the real one as well, which proves each case right. What counts is what lies
 * in the queues in the end. docs/producers.md is made of these titles.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectQueueByHash } from '../../src/core/client/producer/queue-selector.ts';
import type { MessageExt } from '../../src/core/message/message.ts';
import { decodeMessage } from '../../src/core/message/message-codec.ts';
import { type MemberKind, startMember } from './support/group-member.ts';
import { JavaCluster, startProgram } from './support/java-cluster.ts';
import { OtherClient } from './support/other-clients.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import { pollUntil, type Spawned } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { storedQueue } from './support/stored-queue.ts';
import { collect } from './support/traffic.ts';
import { createTopic, topicListed } from './support/wire.ts';

type SenderKind = Exclude<MemberKind, 'ours'>;

const BROKER = { transactionCheckInterval: '1000', transactionTimeOut: '1000', transactionCheckMax: '100' };
const LIMIT = { timeoutMs: 90_000, everyMs: 100 };
const QUEUES = 4;
/** async, oneway, queue, hash, and the three that are said something of. */
const MESSAGES = 10 + 10 + 5 + 12 + 3;

const SENDERS: readonly SenderKind[] = ['Java 4.9.7', 'Java 5.4.0', 'Go', 'C++'];
const JAVA = SENDERS.filter((kind) => kind.startsWith('Java'));
/** The C interface tells no queue. */
const NOT_CPP = SENDERS.filter((kind) => kind !== 'C++');
/** The Go client knows no limit. */
const NOT_GO = SENDERS.filter((kind) => kind !== 'Go');

interface Sent {
  readonly topic: string;
  readonly stdout: string;
  /** By the key, or the first of the keys. */
  readonly stored: ReadonlyMap<string, MessageExt>;
}

const idOf = (kind: SenderKind): string => kind.replace(/[ .]/g, '_').replaceAll('+', 'p');

const read = (records: readonly Buffer[]): MessageExt[] => records.map((record) => decodeMessage(record));

const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${name}-${i}`);

const kinds: ['our broker' | 'the real broker', typeof OurCluster | typeof JavaCluster][] = [
  ['our broker', OurCluster],
];
if (ALL) kinds.push(['the real broker', JavaCluster]);

describe.each(kinds)('on %s', (_, kindOfCluster) => {
  let cluster: OurCluster | JavaCluster;
  const sent = new Map<SenderKind, Promise<Sent>>();

  beforeAll(async () => {
    cluster = await kindOfCluster.start({ broker: BROKER });
    for (const kind of SENDERS) {
      const sending = produce(kind);
      sending.catch(() => {});
      sent.set(kind, sending);
    }
  });

  afterAll(async () => {
    await Promise.allSettled(sent.values());
    await cluster?.stop();
  });

  async function startProduce(kind: SenderKind, topic: string): Promise<Spawned> {
    const args = [cluster.namesrvAddr, topic, `GID_${topic}`];
    if (kind === 'Go' || kind === 'C++') return (await OtherClient.ensure(kind)).start('produce', ...args);
    return startProgram(await ensurePeer(kind === 'Java 4.9.7' ? '4.9.7' : '5.4.0'), 'Produce', args);
  }

  async function produce(kind: SenderKind): Promise<Sent> {
    const topic = `Produced_${idOf(kind)}`;
    const { namesrvAddr, brokerAddr } = cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic, queues: QUEUES });
    const { code, stdout, stderr } = await (await startProduce(kind, topic)).wait(120_000);
    if (code !== 0 || !/^DONE$/m.test(stdout)) throw new Error(`${kind}: code ${code} ${stdout}${stderr}`);
    const look = async (): Promise<MessageExt[]> => {
      const queues = await Promise.all([0, 1, 2, 3].map((queueId) => storedQueue(cluster, topic, queueId)));
      return read(queues.flat());
    };
    let messages: MessageExt[] = [];
    // One-way and delayed messages are stored after the program has ended.
    const whole = async (): Promise<boolean> => {
      messages = await look();
      return messages.length >= MESSAGES;
    };
    await pollUntil(`all messages of ${kind}`, whole, LIMIT);
    expect(messages).toHaveLength(MESSAGES);
    return { topic, stdout, stored: new Map(messages.map((one) => [one.properties.KEYS?.split(' ')[0] ?? '', one])) };
  }

  const sentBy = (kind: SenderKind): Promise<Sent> => sent.get(kind) ?? expect.fail(`${kind} has sent nothing`);

  /** Queue and offset of each, where the messages lie. */
  const placesOf = ({ stored }: Sent, keys: readonly string[]): string[] =>
    keys.map((key) => {
      const message = stored.get(key) ?? expect.fail(`${key} is not stored`);
      expect(`${message.body}`).toBe(key);
      return `${key} ${message.queueId} ${message.queueOffset}`;
    });

  /** Queue and offset of each, as the client was told; a queue that it does not tell is that of the store. */
  const toldOf = ({ stdout, stored }: Sent, keys: readonly string[]): string[] =>
    keys.map((key) => {
      const [, queueId, offset] = new RegExp(`^ACK ${key} (\\S+) (\\d+)$`, 'm').exec(stdout) ?? [];
      return `${key} ${queueId === '-' ? stored.get(key)?.queueId : queueId} ${offset}`;
    });

  it.each(SENDERS)('%s sends asynchronously, and is told where each message is', async (kind) => {
    const done = await sentBy(kind);
    const keys = numbered('async', 10);
    expect(placesOf(done, keys)).toEqual(toldOf(done, keys));
  });

  it.each(SENDERS)('%s sends one-way', async (kind) => {
    expect(placesOf(await sentBy(kind), numbered('oneway', 10))).toHaveLength(10);
  });

  it.each(SENDERS)('%s sends to one queue, in order', async (kind) => {
    const done = await sentBy(kind);
    const keys = numbered('queue', 5);
    expect(placesOf(done, keys)).toEqual(toldOf(done, keys));
    const stored = keys.map((key) => done.stored.get(key));
    expect(stored.map((one) => one?.queueId)).toEqual([2, 2, 2, 2, 2]);
    const offsets = stored.map((one) => one?.queueOffset ?? Number.NaN);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  });

  it.each(SENDERS)('%s chooses the queue by a key, in its own way', async (kind) => {
    const done = await sentBy(kind);
    const keys = Array.from({ length: 12 }, (_, i) => `hash-${i % 3}-${Math.trunc(i / 3)}`);
    expect(placesOf(done, keys)).toEqual(toldOf(done, keys));
    const wanted = keys.map((_, i) => queueOf(kind, i % 3));
    expect(keys.map((key) => done.stored.get(key)?.queueId)).toEqual(wanted);
  });

  it.each(ALL ? SENDERS : [])('what %s sends by a key its ordered consumer gets in order', async (kind) => {
    const { topic } = await sentBy(kind);
    const consumer = await startMember(kind, cluster.namesrvAddr, {
      topic,
      group: `GID_ordered_${idOf(kind)}`,
      orderly: true,
    });
    const [got = []] = await collect([consumer], MESSAGES);
    for (const key of [0, 1, 2]) {
      const mine = got.filter((message) => message.key.startsWith(`hash-${key}-`));
      expect(mine.map((message) => message.key)).toEqual(numbered(`hash-${key}`, 4));
    }
  });

  it.each(SENDERS)('%s compresses a large body with zlib', async (kind) => {
    const { stored } = await sentBy(kind);
    const message = stored.get('compressed');
    expect(`${message?.body}`).toBe('x'.repeat(100_000));
    // 5.x says which way it is; older clients, which know one way, do not.
    expect((message?.sysFlag ?? 0) & 0x701).toBe(kind === 'C++' || kind === 'Go' ? 0x001 : 0x301);
    expect(message?.storeSize).toBeLessThan(10_000);
  });

  it.each(SENDERS)('%s delays by a level', async (kind) => {
    const { stored } = await sentBy(kind);
    const { storeTimestamp = 0, bornTimestamp = 0, properties } = stored.get('delayed') ?? {};
    expect(storeTimestamp - bornTimestamp).toBeGreaterThanOrEqual(900);
    expect(properties).toMatchObject({ DELAY: '1' });
  });

  it.each(SENDERS)('%s gives a message its tag, keys and properties', async (kind) => {
    const { stored } = await sentBy(kind);
    const { properties = {}, body } = stored.get('described') ?? {};
    expect(properties).toMatchObject({ TAGS: 'T', KEYS: 'described other', a: '1', 中: '文' });
    expect(properties.UNIQ_KEY).toMatch(/^([0-9A-F]{32}|[0-9A-F]{56})$/i);
    expect(`${body}`).toBe('described');
  });

  it.each(SENDERS)('%s makes an unknown topic by sending to it', async (kind) => {
    const made = `Made_${(await sentBy(kind)).topic}`;
    await pollUntil('the topic', () => topicListed(cluster.namesrvAddr, made), LIMIT);
    const queues = await Promise.all([0, 1, 2, 3].map((queueId) => storedQueue(cluster, made, queueId)));
    expect(read(queues.flat()).map(({ body }) => `${body}`)).toEqual(['made']);
  });

  it.each(NOT_GO)('%s refuses a body of more than 4 MiB itself', async (kind) => {
    expect((await sentBy(kind)).stdout).toMatch(/^REFUSED client .+/m);
  });

  it.each(SENDERS)('a body of more than 4 MiB of %s without a limit is refused by the broker', async (kind) => {
    const [, text = ''] = /^REFUSED broker (.+)$/m.exec((await sentBy(kind)).stdout) ?? [];
    // The C++ client tries again as after any failure, and then says this.
    expect(text).toMatch(kind === 'C++' ? /^No route info of this topic/ : /CODE: 13/);
  });

  it.each(NOT_CPP)('%s refuses a batch of two topics', async (kind) => {
    expect((await sentBy(kind)).stdout).toMatch(/^REFUSED topics .+/m);
  });

  it.each(JAVA)('%s refuses a batch with a delay, or of a retry topic', async (kind) => {
    const { stdout } = await sentBy(kind);
    expect(stdout).toMatch(/^REFUSED delay .+/m);
    expect(stdout).toMatch(/^REFUSED retry .+/m);
  });

  it('Go commits, rolls back, and says what is unknown when it is asked', async () => {
    const topic = 'Transacted_Go';
    const { namesrvAddr, brokerAddr } = cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic, queues: 1 });
    const producer = (await OtherClient.ensure('Go')).start('transact', namesrvAddr, topic, `GID_${topic}`);
    try {
      const delivered = async () => read(await storedQueue(cluster, topic)).map(({ properties }) => properties.KEYS);
      await pollUntil('the asked one', async () => (await delivered()).includes('asked-commit'), LIMIT);
      await producer.waitForOutput(/^ASKED asked-rollback$/m, 60_000);
      expect(await delivered()).toEqual(['commit', 'asked-commit']);
      const [half] = read(await storedQueue(cluster, 'RMQ_SYS_TRANS_HALF_TOPIC'));
      expect(half?.properties).toMatchObject({ PGROUP: `GID_${topic}`, REAL_TOPIC: topic });
    } finally {
      producer.closeStdin();
      await producer.wait(30_000);
    }
  });
});

/** The queue of four that a client takes for the key `order-<number>`. */
function queueOf(kind: SenderKind, number: number): number | undefined {
  // Its selector gets the number itself.
  if (kind === 'C++') return number % QUEUES;
  const key = `order-${number}`;
  if (kind === 'Go') return fnv32a(key) % QUEUES;
  const queues = Array.from({ length: QUEUES }, (_, queueId) => ({ topic: 'T', brokerName: 'a', queueId }));
  return selectQueueByHash(queues, { topic: 'T', body: 'x' }, key)?.queueId;
}

/** The hash of the Go client's selector, FNV-1a of 32 bits. */
function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
