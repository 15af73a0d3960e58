/**
 * Traces of Java's clients and of ours, on our broker and on the real one, read by the real mqadmin and by ours: both
 * tools print the same bytes, and the records of both clients differ in nothing but ids, times and names.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { JavaCluster, runProgram } from './support/java-cluster.ts';
import { MqadminBatch } from './support/mqadmin-batch.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { failed } from './support/parity-case.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Finished, pollUntil } from './support/process.ts';

const BROKER = { traceTopicEnable: 'true', messageDelayLevel: '1s 1s 1s 1s', transactionCheckInterval: '3600000' };
const clusters = new Map<string, OurCluster | JavaCluster>();
/** Cluster -> unique ids of what was sent: three by Java's client, three by ours. */
const sent = new Map<string, { java: string[]; ours: string[] }>();
let peer: Peer;
let mqadmin: MqadminBatch | undefined;

/** What Traced.java does, by our clients. */
async function traceOurs(namesrvAddr: string): Promise<string[]> {
  const producer = new Producer({ group: 'GID_our_p', namesrvAddr, enableMsgTrace: true });
  await producer.start();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const keys = i === 2 ? {} : { keys: `k${i}` };
    ids.push((await producer.send({ topic: 'TracedOurs', tags: 'TagA', body: `body ${i}`, ...keys })).msgId);
  }
  await producer.stop();
  let deliveries = 0;
  const consumer = new PushConsumer({
    group: 'GID_our_c',
    namesrvAddr,
    subscriptions: { TracedOurs: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    enableMsgTrace: true,
    listener: ([message]) => {
      deliveries++;
      const fails = message?.properties.KEYS === 'k0' && message.reconsumeTimes === 0;
      return fails ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
    },
  });
  await consumer.start();
  await pollUntil('four deliveries', () => deliveries === 4, { timeoutMs: 60_000 });
  await consumer.stop();
  return ids;
}

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  mqadmin = await MqadminBatch.start(peer);
  clusters.set('our cluster', await OurCluster.start({ broker: BROKER }));
  clusters.set('the real cluster', await JavaCluster.start({ broker: BROKER }));
  for (const [name, { namesrvAddr, brokerAddr }] of clusters) {
    for (const topic of ['TracedJava', 'TracedOurs']) {
      const args = ['updateTopic', '-n', namesrvAddr, '-b', brokerAddr, '-t', topic, '-r', '1', '-w', '1'];
      expect(await pocketmq(args)).toMatchObject({ code: 0 });
    }
    const args = [namesrvAddr, 'TracedJava', 'GID_java_p', 'GID_java_c'];
    const [{ stdout }, ours] = await Promise.all([runProgram(peer, 'Traced', args), traceOurs(namesrvAddr)]);
    sent.set(name, { java: [...stdout.matchAll(/^SENT (\w+)$/gm)].map((match) => match[1] ?? ''), ours });
  }
});

afterAll(async () => {
  await mqadmin?.stop();
  for (const cluster of clusters.values()) await cluster.stop();
});

describe.each(['our cluster', 'the real cluster'])('on %s', (name) => {
  const argsOf = (id: string, ...more: string[]): string[] => {
    const { namesrvAddr } = clusters.get(name) ?? expect.fail('there is no cluster');
    return ['queryMsgTraceById', '-n', namesrvAddr, '-i', id, ...more];
  };
  const real = async (args: string[]): Promise<Finished> => {
    return (await mqadmin?.run(args)) ?? expect.fail('there is no mqadmin');
  };
  const ids = () => sent.get(name) ?? expect.fail('nothing was sent');

  it.each([
    ['java', 0, 2],
    ['java', 1, 1],
    ['ours', 0, 2],
    ['ours', 1, 1],
  ] as const)('both tools print the same of message %s %i', async (client, number, consumptions) => {
    const args = argsOf(ids()[client][number] ?? '');
    const [theirs, mine] = [await real(args), await pocketmq(args)];
    expect(mine).toEqual(theirs);
    expect(mine.stdout.match(/^Pub /gm)).toHaveLength(1);
    expect(mine.stdout.match(/^Sub /gm)).toHaveLength(consumptions);
  });

  it('both fail for an id that nobody has told of', async () => {
    const args = argsOf('C00002025CE24E0E2F2A70D4DB5B0000');
    const [theirs, mine] = [await real(args), await pocketmq(args)];
    expect(theirs).toMatchObject({ stdout: '', stderr: expect.stringMatching(failed('QueryMsgTraceByIdSubCommand')) });
    expect(mine).toMatchObject({ stdout: '', code: 4 });
    for (const { stderr } of [theirs, mine]) expect(stderr).toContain('CODE: 208');
  });

  it('our clients tell what Java’s tell', async () => {
    const told = async (client: 'java' | 'ours', number: number): Promise<unknown> => {
      const { stdout } = await pocketmq(argsOf(ids()[client][number] ?? '', '--output', 'json'));
      const varying = ['timeStamp', 'msgId', 'offsetMsgId', 'requestId', 'groupName', 'topic', 'costTime'];
      const masked = (key: string, value: unknown): unknown => (varying.includes(key) ? typeof value : value);
      const records: { traceType: string }[] = JSON.parse(stdout, masked);
      return records.map((record) => JSON.stringify(record)).sort();
    };
    for (const number of [0, 1, 2]) expect(await told('ours', number)).toEqual(await told('java', number));
  });

  it('the life of a message of Java’s clients is told', async () => {
    const { stdout, code } = await pocketmq(argsOf(ids().java[0] ?? '', '--timeline'));
    expect(code).toBe(0);
    const words = [...stdout.matchAll(/^\S+ \S+ {2}(\w+(?: \w+)?) /gm)].map((match) => match[1]);
    expect(words).toEqual(['sent', 'stored', 'delivered', 'to retry', 'delivered']);
    expect(stdout).toMatch(/delivered +GID_java_c on \S+, failed/);
    expect(stdout).toMatch(/delivered +GID_java_c on \S+, retry 1, success/);
  });
});
