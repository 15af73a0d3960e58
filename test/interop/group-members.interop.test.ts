/**
 * Groups with members of every client, each in a process of its own: who joins, leaves and is killed, what brokers and
 * mqadmin ask of members, and what a group may. On our broker; in `interop:all` on the real one as well.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer } from '../../src/core/index.ts';
import { type MemberKind, type MemberOptions, startMember } from './support/group-member.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { type Finished, pollUntil } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { type Consumer, collect } from './support/traffic.ts';
import { createTopic, requestOnce } from './support/wire.ts';

const GET_CONSUMER_CONNECTION_LIST = 203;
const EVERY: readonly MemberKind[] = ['Java 4.9.7', 'Java 5.4.0', 'Go', 'C++', 'ours'];
const LANGUAGES: Readonly<Record<MemberKind, string>> = {
  'Java 4.9.7': 'JAVA',
  'Java 5.4.0': 'JAVA',
  Go: 'GO',
  'C++': 'CPP',
  ours: 'OTHER',
};
/** The others have no namespaces. */
const WITH_NAMESPACES = EVERY.slice(0, 3);
const SHARED_QUEUES = 6;

const kinds: ['our broker' | 'the real broker', typeof OurCluster | typeof JavaCluster][] = [
  ['our broker', OurCluster],
];
if (ALL) kinds.push(['the real broker', JavaCluster]);

const idOf = (kind: MemberKind): string => kind.replace(/[ .]/g, '_').replaceAll('+', 'p');
const keysOf = (consumer: Consumer): string[] => consumer.messages.map(({ key }) => key).sort();

describe.each(kinds)('on %s', (where, kindOfCluster) => {
  let cluster: OurCluster | JavaCluster;
  let producer: Producer;

  beforeAll(async () => {
    cluster = await kindOfCluster.start({ broker: { transactionCheckInterval: '3600000' } });
    producer = new Producer({ group: 'members', namesrvAddr: cluster.namesrvAddr });
    await producer.start();
  });

  afterAll(async () => {
    await producer?.stop();
    await cluster?.stop();
  });

  const command = (...args: string[]): Promise<Finished> => pocketmq([...args, '-n', cluster.namesrvAddr]);
  const member = (kind: MemberKind, options: MemberOptions): Promise<Consumer> =>
    startMember(kind, cluster.namesrvAddr, options);

  async function makeTopic(topic: string, queues: number): Promise<void> {
    await createTopic({ namesrvAddr: cluster.namesrvAddr, brokerAddr: cluster.brokerAddr, topic, queues });
  }

  async function send(topic: string, ...keys: string[]): Promise<void> {
    for (const one of keys) await producer.send({ topic, body: one, keys: one });
  }

  async function untilGot(consumer: Consumer, count: number): Promise<void> {
    await pollUntil(`${count} messages`, () => consumer.messages.length >= count, { timeoutMs: 60_000 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}, but ${consumer.messages.length}: ${consumer.lastWords}`);
      },
    );
  }

  /** Its members as the broker lists them. */
  async function connectionsOf(consumerGroup: string): Promise<{ clientId: string; language: string }[]> {
    const request = { code: GET_CONSUMER_CONNECTION_LIST, extFields: { consumerGroup } };
    const { code, body } = await requestOnce(cluster.brokerAddr, request);
    return code === 0 ? JSON.parse(String(body)).connectionSet : [];
  }

  /** Until the queues are divided so: a message to each queue, over and over, shows who has it. None may be lost. */
  async function untilDivided(topic: string, members: readonly Consumer[], shares: readonly number[]): Promise<void> {
    let last = '';
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      const round = `r${Date.now()}q`;
      for (let queueId = 0; queueId < SHARED_QUEUES; queueId++) {
        const queue = { topic, brokerName: 'broker-a', queueId };
        await producer.send({ topic, body: round, keys: `${round}${queueId}` }, { queue });
      }
      const had = () => members.map((one) => new Set(keysOf(one).filter((key) => key.startsWith(round))).size);
      const all = () => had().reduce((sum, count) => sum + count, 0) >= SHARED_QUEUES;
      await pollUntil(`all messages of a round (${last})`, all, { timeoutMs: 60_000 });
      last = had().join();
      if (last === shares.join()) return;
    }
    throw new Error(`the queues are divided ${last}, not ${shares.join()}`);
  }

  it.concurrent('members of Go, C++, Java 4.9.7 and 5.4.0 and ours share the queues when others join, leave and are killed', async () => {
    const options = { topic: 'Shared', group: 'GID_shared' };
    await makeTopic(options.topic, SHARED_QUEUES);
    const divided = (members: readonly Consumer[], ...shares: number[]) => untilDivided('Shared', members, shares);
    const go = await member('Go', options);
    await divided([go], 6);
    const java = await member('Java 4.9.7', options);
    await divided([go, java], 3, 3);
    const ours = await member('ours', options);
    await divided([go, java, ours], 2, 2, 2);
    await java.kill();
    await divided([go, ours], 3, 3);
    const cpp = await member('C++', options);
    await divided([go, ours, cpp], 2, 2, 2);
    await ours.kill();
    await divided([go, cpp], 3, 3);
    await go.finish();
    await divided([cpp], 6);
    const five = await member('Java 5.4.0', options);
    await divided([cpp, five], 3, 3);
    await cpp.kill();
    await divided([five], 6);
    await five.kill();
    const again = await member('ours', options);
    await divided([again], 6);
    await again.finish();
  });

  it.concurrent.each(EVERY)(
    '%s is sent back to the beginning by resetOffsetByTime, and goes on from there',
    async (kind) => {
      const topic = `Reset_${idOf(kind)}`;
      await makeTopic(topic, 2);
      const consumer = await member(kind, { topic, group: topic });
      await send(topic, 'a', 'b', 'c', 'd');
      await untilGot(consumer, 4);
      // The real broker speaks C++'s form only when asked to; ours knows who reads what.
      const form = kind === 'C++' && where === 'the real broker' ? ['-c'] : [];
      await untilDone(() => command('resetOffsetByTime', '-g', topic, '-t', topic, '-s', '1000', ...form));
      await untilGot(consumer, 8);
      await send(topic, 'last');
      const [got] = await collect([consumer], 9);
      expect(got?.map(({ key }) => key).sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'last']);
    },
  );

  it.concurrent.each(EVERY)('%s is listed, tells how it runs, and consumes one message when asked to', async (kind) => {
    const topic = `Asked_${idOf(kind)}`;
    await makeTopic(topic, 1);
    const consumer = await member(kind, { topic, group: topic });
    await send(topic, 'a', 'b');
    await untilGot(consumer, 2);
    const [connection] = await connectionsOf(topic);
    expect(connection?.language).toBe(LANGUAGES[kind]);
    const target = ['-g', topic, '-i', connection?.clientId ?? ''];
    expect(await asked(await command('consumerStatus', ...target))).toBe(ANSWERS[kind].status);
    const found = await command(
      'queryMsgByOffset',
      '-t',
      topic,
      '-b',
      'broker-a',
      '-i',
      '0',
      '-o',
      '1',
      '--output',
      'json',
    );
    const id = (JSON.parse(found.stdout) as { message: { offsetMsgId: string } }).message.offsetMsgId;
    const direct = await command('queryMsgById', '-i', id, '-g', topic, '-d', connection?.clientId ?? '');
    expect(await asked(direct)).toBe(ANSWERS[kind].direct);
    expect(await asked(await command('getConsumerStatus', '-g', topic, '-t', topic))).toBe(ANSWERS[kind].offsets);
    await consumer.finish();
  });

  it.concurrent.each(EVERY)('%s gets nothing while its group is disabled, and everything after', async (kind) => {
    const topic = `Disabled_${idOf(kind)}`;
    await makeTopic(topic, 1);
    const [consumer, other] = [
      await member(kind, { topic, group: topic }),
      await member('ours', { topic, group: `${topic}_other` }),
    ];
    await send(topic, 'before');
    await Promise.all([untilGot(consumer, 1), untilGot(other, 1)]);
    const enable = (flag: string) => command('updateSubGroup', '-b', cluster.brokerAddr, '-g', topic, '-s', flag);
    expect(await enable('false')).toMatchObject({ code: 0 });
    await send(topic, 'meanwhile');
    await untilGot(other, 2);
    expect(keysOf(consumer)).toEqual(['before']);
    expect(await enable('true')).toMatchObject({ code: 0 });
    await untilGot(consumer, 2);
    await Promise.all([consumer.finish(), other.finish()]);
    expect(keysOf(consumer)).toEqual(['before', 'meanwhile']);
  });

  it.concurrent.each(WITH_NAMESPACES)('%s finds its topic and group in its namespace', async (kind) => {
    const topic = `Spaced_${idOf(kind)}`;
    await makeTopic(`NS%${topic}`, 1);
    const consumer = await member(kind, { topic, group: topic, namespace: 'NS' });
    await send(`NS%${topic}`, 'a');
    await untilGot(consumer, 1);
    expect(await connectionsOf(`NS%${topic}`)).toHaveLength(1);
    await consumer.finish();
  });

  it('members of every client go on behind what they committed when the broker has been restarted', async () => {
    const topics = EVERY.map((kind) => [kind, `Restart_${idOf(kind)}`] as const);
    const consumeOne =
      (key: string) =>
      async ([kind, topic]: (typeof topics)[number]) => {
        const consumer = await member(kind, { topic, group: topic });
        await send(topic, key);
        const [got] = await collect([consumer], 1);
        return got?.map((message) => message.key);
      };
    for (const [, topic] of topics) await makeTopic(topic, 1);
    expect(await Promise.all(topics.map(consumeOne('before')))).toEqual(EVERY.map(() => ['before']));
    await cluster.stopBroker();
    await cluster.startBroker();
    expect(await Promise.all(topics.map(consumeOne('after')))).toEqual(EVERY.map(() => ['after']));
  });
});

/** What mqadmin gets out of a client that is asked: its answer's kind, or the sentence of the broker. */
const FULL = { status: 'answer', direct: 'answer', offsets: 'answer' };
const ANSWERS: Readonly<Record<MemberKind, typeof FULL>> = {
  'Java 4.9.7': FULL,
  'Java 5.4.0': FULL,
  Go: FULL,
  // It does not know the request and says nothing.
  'C++': { ...FULL, direct: 'no answer' },
  ours: FULL,
};

function asked({ code, stdout, stderr }: Finished): string {
  if (/^CODE: 207 {2}DESC: consumer <.*> Timeout: /.test(stderr)) return 'no answer';
  return code === 0 && stderr === '' ? 'answer' : `${code} ${stdout} ${stderr}`;
}

/** A reset needs committed offsets, which come every five seconds. */
async function untilDone(run: () => Promise<Finished>): Promise<void> {
  let last: Finished | undefined;
  const done = async (): Promise<boolean> => {
    last = await run();
    return last.code === 0;
  };
  await pollUntil('the end of the command', done, { timeoutMs: 30_000, everyMs: 500 }).catch((error: Error) => {
    throw new Error(`${error.message}: ${last?.stdout} ${last?.stderr}`);
  });
}
