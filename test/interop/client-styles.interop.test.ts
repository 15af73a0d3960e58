/**
 * Every style of consuming with every client that has it: Java 4.9.7 and 5.4.0, Go, C++ and ours, each in a process of its
 * own, on our broker; in `interop:all` on the real one as well, which proves each case right. docs/consumers.md is made of these titles.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NewMessage, Producer, PullConsumer } from '../../src/core/index.ts';
import { type MemberKind, type MemberOptions, startMember } from './support/group-member.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { pollUntil, temporaryFolder } from './support/process.ts';
import { ALL } from './support/scope.ts';
import { type Cluster, type Consumer, collect } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

/** Every delay short, so that a message is dead within seconds. */
const BROKER = {
  messageDelayLevel: '1s 1s 1s 1s 1s 1s',
  enablePropertyFilter: 'true',
  transactionCheckInterval: '3600000',
};
const WITH_FOLLOWED: readonly MemberKind[] = ['Java 4.9.7', 'Java 5.4.0', 'Go', 'C++', 'ours'];
/** Other tests show most of it with 4.9.7 in every run. */
const EVERY = ALL ? WITH_FOLLOWED : WITH_FOLLOWED.slice(1);
/** Its binding has no SQL92 and no limit of tries. */
const NOT_CPP = EVERY.filter((kind) => kind !== 'C++');

/** The Go client does not ask whether a broker can read what it subscribes with. */
const TOLD = NOT_CPP.filter((kind) => kind !== 'Go');

type Fields = Pick<NewMessage, 'tags' | 'properties'>;

const idOf = (kind: MemberKind): string => kind.replace(/[ .]/g, '_').replaceAll('+', 'p');

const kinds: ['our broker' | 'the real broker', typeof OurCluster | typeof JavaCluster][] = [
  ['our broker', OurCluster],
];
if (ALL) kinds.push(['the real broker', JavaCluster]);

describe.each(kinds)('on %s', (_, kindOfCluster) => {
  let cluster: OurCluster | JavaCluster;
  let producer: Producer;

  beforeAll(async () => {
    cluster = await kindOfCluster.start({ broker: BROKER });
    producer = new Producer({ group: 'styles', namesrvAddr: cluster.namesrvAddr });
    await producer.start();
  });

  afterAll(async () => {
    await producer?.stop();
    await cluster?.stop();
  });

  const at = (): Cluster => cluster;
  const member = (kind: MemberKind, options: MemberOptions): Promise<Consumer> =>
    startMember(kind, cluster.namesrvAddr, options);

  /** A topic of its own for a test. */
  async function topicOf(kind: MemberKind, style: string, queues: number): Promise<string> {
    const topic = `${style}_${idOf(kind)}`;
    const { namesrvAddr, brokerAddr } = at();
    await createTopic({ namesrvAddr, brokerAddr, topic, queues });
    // A client that starts before the retry topic is there looks for it only half a minute later.
    await createTopic({ namesrvAddr, brokerAddr, topic: `%RETRY%${topic}`, queues: 1 });
    return topic;
  }

  /** Each to the next of the topic's two queues; the body is the key. */
  async function send(topic: string, messages: readonly (string | (Fields & { keys: string }))[]): Promise<void> {
    for (const message of messages) {
      const fields = typeof message === 'string' ? { keys: message } : message;
      await producer.send({ topic, body: fields.keys, ...fields });
    }
  }

  const keysOf = (got: readonly { key: string }[] = []): string[] => got.map(({ key }) => key).sort();

  it.concurrent.each(WITH_FOLLOWED)(
    '%s takes the tags of `A || B`, and everything with an empty expression',
    async (kind) => {
      const topic = await topicOf(kind, 'Tags', 2);
      const tagged = await member(kind, { topic, group: `${topic}_some`, tags: 'A || B' });
      const whole = await member(kind, { topic, group: `${topic}_all`, tags: '' });
      await send(topic, [{ keys: 'a', tags: 'A' }, { keys: 'b', tags: 'B' }, { keys: 'c', tags: 'C' }, 'none']);
      const [all, some] = await Promise.all([collect([whole], 4), collect([tagged], 2)]);
      expect(keysOf(some[0])).toEqual(['a', 'b']);
      expect(keysOf(all[0])).toEqual(['a', 'b', 'c', 'none']);
    },
  );

  it.concurrent.each(NOT_CPP)('%s takes what an SQL92 expression says', async (kind) => {
    const topic = await topicOf(kind, 'Sql', 2);
    const consumer = await member(kind, { topic, group: topic, sql: "colour = 'red' AND weight > 3" });
    const of = (keys: string, colour: string, weight: string) => ({ keys, properties: { colour, weight } });
    await send(topic, [of('no', 'red', '3'), of('yes', 'red', '4'), of('never', 'blue', '5'), of('also', 'red', '10')]);
    expect(keysOf((await collect([consumer], 2))[0])).toEqual(['also', 'yes']);
  });

  it.concurrent.each(TOLD)('%s is told at its start that its SQL92 expression is wrong', async (kind) => {
    const topic = await topicOf(kind, 'Wrong', 1);
    const consumer = await member(kind, { topic, group: topic, sql: "colour > 'x'" });
    await expect(consumer.finish()).rejects.toThrow(/CODE: 23 /);
  });

  it.concurrent.each(EVERY)('%s in order waits with what follows until a failed message is consumed', async (kind) => {
    const topic = await topicOf(kind, 'Ordered', 1);
    const consumer = await member(kind, { topic, group: topic, orderly: true });
    await send(topic, ['first', 'once', 'last']);
    const [got] = await collect([consumer], 4);
    expect(got?.map(({ key }) => key)).toEqual(['first', 'once', 'once', 'last']);
  });

  it.concurrent.each(EVERY)('%s gets again, a second later, what it failed at', async (kind) => {
    const topic = await topicOf(kind, 'Again', 2);
    const consumer = await member(kind, { topic, group: topic });
    await send(topic, ['once', 'good']);
    expect(keysOf((await collect([consumer], 3))[0])).toEqual(['good', 'once', 'once']);
  });

  it.concurrent.each(NOT_CPP)('%s has what it always fails at as a dead letter after its maximum', async (kind) => {
    const topic = await topicOf(kind, 'Dead', 2);
    const consumer = await member(kind, { topic, group: topic, max: 2 });
    await send(topic, [{ keys: 'bad', tags: 'A' }, 'good']);
    await using mourner = new PullConsumer({ group: `${topic}_dead`, namesrvAddr: at().namesrvAddr });
    await mourner.start();
    const mq = { topic: `%DLQ%${topic}`, brokerName: 'broker-a', queueId: 0 };
    const look = async () => (await mourner.pull(mq, '*', 0, 9).catch(() => undefined))?.messages ?? [];
    await pollUntil('the dead letter', async () => (await look()).length > 0, { timeoutMs: 60_000, everyMs: 200 });
    expect(keysOf((await collect([consumer], 4))[0])).toEqual(['bad', 'bad', 'bad', 'good']);
    const dead = await look();
    expect(dead.map(({ body, reconsumeTimes, properties }) => [`${body}`, reconsumeTimes, properties.TAGS])).toEqual([
      ['bad', 3, 'A'],
    ]);
    expect(dead[0]?.properties).toMatchObject({ RETRY_TOPIC: topic });
  });

  it.concurrent.each(EVERY)(
    '%s broadcasting gets everything in each process, and goes on at its local offsets',
    async (kind) => {
      const topic = await topicOf(kind, 'Broadcast', 2);
      const options = { topic, group: topic, broadcasting: true, offsets: temporaryFolder('offsets') };
      const started = ['one', 'two'].map((instance) => member(kind, { ...options, instance }));
      const [one, two] = (await Promise.all(started)) as [Consumer, Consumer];
      await untilReading([one, two], () => send(topic, ['warm']));
      await send(topic, ['a', 'b', 'c', 'd']);
      await untilGot([one, two], ['a', 'b', 'c', 'd']);
      await one.finish();
      await send(topic, ['e', 'f', 'g']);
      await untilGot([two], ['e', 'f', 'g']);
      await two.finish();
      // C++ has its process's number in its name, and so never finds its offsets again.
      if (kind === 'C++') return;
      const again = await member(kind, { ...options, instance: 'one' });
      expect(keysOf((await collect([again], 3))[0])).toEqual(['e', 'f', 'g']);
    },
  );
});

/** Nothing tells when the C++ client has its queues: it is sent to until each has got a message. */
async function untilReading(consumers: readonly Consumer[], sendOne: () => Promise<void>): Promise<void> {
  const reading = async (): Promise<boolean> => {
    await sendOne();
    return consumers.every(({ messages }) => messages.length > 0);
  };
  await pollUntil('the first message of each', reading, { timeoutMs: 60_000, everyMs: 250 });
}

async function untilGot(consumers: readonly Consumer[], keys: readonly string[]): Promise<void> {
  const got = (): boolean =>
    consumers.every(({ messages }) => keys.every((key) => messages.some((message) => message.key === key)));
  await pollUntil(`${keys} at each`, got, { timeoutMs: 60_000, everyMs: 50 });
}
