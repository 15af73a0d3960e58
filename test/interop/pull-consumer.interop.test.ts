/**
 * The pull consumers, ours and Java's, on both brokers: the same questions get the same answers in all four pairs. On the
 * real broker ours is known as an active consumer, and a message it sends back comes again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer, PullConsumer, type PullResult } from '../../src/core/index.ts';
import { JavaCluster, mqadmin, runProgram } from './support/java-cluster.ts';
import { type ClientName, OtherClient } from './support/other-clients.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer, type PeerVersion } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import { ALL } from './support/scope.ts';
import type { Cluster } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

const LAST_TIME = 4_000_000_000_000;
const QUEUES = [0, 1];

let peer: Peer;
let java: JavaCluster;
let ours: OurCluster;

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  java = await JavaCluster.start();
  ours = await OurCluster.start();
});

afterAll(async () => {
  await java?.stop();
  await ours?.stop();
});

/** A topic with five messages in each of two queues, tagged A, B, A, B, A. */
async function fill(cluster: Cluster, topic: string): Promise<void> {
  await createTopic({ ...cluster, namesrvAddr: cluster.namesrvAddr, brokerAddr: cluster.brokerAddr, topic, queues: 2 });
  await using producer = new Producer({ group: 'filling', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
  for (const queueId of QUEUES) {
    for (let i = 0; i < 5; i++) {
      const message = { topic, body: `${queueId}.${i}`, tags: i % 2 === 0 ? 'A' : 'B' };
      await producer.send(message, { queue: { topic, brokerName: 'broker-a', queueId } });
    }
  }
}

const bodies = ({ messages }: PullResult): string => messages.map((message) => message.body.toString()).join();

/** What PullConsume.java prints, by our own consumer. */
async function transcript({ namesrvAddr }: Cluster, topic: string, group: string): Promise<string> {
  const lines: string[] = [];
  await using consumer = new PullConsumer({ group, namesrvAddr });
  await using producer = new Producer({ group: 'late', namesrvAddr });
  await consumer.start();
  await producer.start();
  for (const mq of await consumer.fetchSubscribeMessageQueues(topic)) {
    lines.push(`QUEUE ${mq.brokerName} ${mq.queueId}`);
    const [min, max] = [await consumer.minOffset(mq), await consumer.maxOffset(mq)];
    const [first, last] = [await consumer.searchOffset(mq, 0), await consumer.searchOffset(mq, LAST_TIME)];
    lines.push(`RANGE ${min} ${max} ${first} ${last} ${(await consumer.earliestMsgStoreTime(mq)) > 0}`);
    const pull = async (tags: string, offset: number, maxNums: number): Promise<void> => {
      const result = await consumer.pull(mq, tags, offset, maxNums);
      const { status, nextBeginOffset, minOffset, maxOffset } = result;
      const outcome = `${status} ${nextBeginOffset} ${minOffset} ${maxOffset} ${bodies(result)}`;
      lines.push(`PULL ${tags} ${offset} ${maxNums}: ${outcome}`);
    };
    await pull('*', 0, 32);
    await pull('A', 0, 32);
    await pull('A || B', 1, 2);
    await pull('C', 0, 32);
    await pull('*', max, 1);
    await pull('*', max + 94, 1);
    const before = await consumer.fetchConsumeOffset(mq, true);
    {
      await using committing = new PullConsumer({ group, namesrvAddr });
      await committing.start();
      committing.updateConsumeOffset(mq, 3);
    }
    lines.push(`GROUP ${before ?? -1} ${await consumer.fetchConsumeOffset(mq, true)}`);
    const blocked = consumer.pullBlockIfNotFound(mq, '*', max, 1);
    await delay(300);
    await producer.send({ topic, body: 'late' }, { queue: mq });
    const result = await blocked;
    lines.push(`BLOCK ${result.status} ${result.nextBeginOffset} ${bodies(result)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The client's logging writes to standard output, too. */
async function javaTranscript(
  { namesrvAddr }: Cluster,
  topic: string,
  group: string,
  version: PeerVersion = '4.9.7',
): Promise<string> {
  const { stdout } = await runProgram(await ensurePeer(version), 'PullConsume', [namesrvAddr, topic, group]);
  return stdout.replace(/^(?!(QUEUE|RANGE|PULL|GROUP|BLOCK) ).*\n/gm, '');
}

const kindsOfBroker = [
  ['our broker', (): Cluster => ours],
  ['the real broker', (): Cluster => java],
] as const;

describe('a pull consumer', () => {
  it('gets the same answers, whoever it is and whoever the broker', async () => {
    const results: Record<string, string> = {};
    for (const [broker, cluster] of [['Java', java] as const, ['our', ours] as const]) {
      await fill(cluster, 'PulledByJava');
      await fill(cluster, 'PulledByUs');
      results[`Java's consumer, ${broker} broker`] = await javaTranscript(cluster, 'PulledByJava', 'GID_pull_java');
      results[`our consumer, ${broker} broker`] = await transcript(cluster, 'PulledByUs', 'GID_pull_ours');
    }
    const reference = results["Java's consumer, Java broker"] ?? '';
    expect(reference.split('\n')).toHaveLength(2 * 10 + 1);
    for (const [pair, text] of Object.entries(results)) expect(`${pair}\n${text}`).toBe(`${pair}\n${reference}`);
  });

  it.each(kindsOfBroker)('of Java 5.4.0, Go and C++ gets them as well, on %s', async (_, clusterOf) => {
    const cluster = clusterOf();
    const topics = ['PulledBy4', 'PulledBy5', 'PulledByGo', 'PulledByCpp'];
    for (const topic of topics) await fill(cluster, topic);
    const other = async (name: ClientName, topic: string, ...more: string[]): Promise<string> => {
      const client = await OtherClient.ensure(name);
      const { stdout, stderr, code } = await client
        .start('pull', cluster.namesrvAddr, topic, `GID_${topic}`, ...more)
        .wait(90_000);
      if (code !== 0) throw new Error(`${name}: ${stderr}`);
      return stdout;
    };
    const [reference, five, go, cpp] = await Promise.all([
      javaTranscript(cluster, 'PulledBy4', 'GID_4'),
      javaTranscript(cluster, 'PulledBy5', 'GID_5', '5.4.0'),
      other('Go', 'PulledByGo', ...(ALL ? ['wait'] : [])),
      other('C++', 'PulledByCpp'),
    ]);
    expect(five).toBe(reference);
    const pulls = (text: string): string[] => [...text.matchAll(/^PULL .*$/gm)].map(([line]) => line).sort();
    expect(pulls(reference)).toHaveLength(2 * 6);
    // At the end of a queue Go is held for 25 s.
    expect(pulls(go)).toEqual(pulls(reference).filter((line) => ALL || !line.startsWith('PULL * 5 1:')));
    expect(pulls(cpp)).toEqual(pulls(reference));
  });

  it('of ours is an active consumer to the real broker', async () => {
    await using consumer = new PullConsumer({ group: 'GID_pull_known', namesrvAddr: java.namesrvAddr });
    await consumer.start();
    await consumer.fetchSubscribeMessageQueues('TBW102');
    await pollUntil(
      'the connection',
      async () => {
        const { stdout } = await mqadmin(peer, ['consumerConnection', '-n', java.namesrvAddr, '-g', 'GID_pull_known']);
        return stdout.includes('ConsumeType: CONSUME_ACTIVELY') && stdout.includes(consumer.clientId);
      },
      { timeoutMs: 60_000 },
    );
  });

  it('of ours sends a message back to the real broker, which delivers it again', async () => {
    await fill(java, 'SentBack');
    const group = 'GID_pull_back';
    await using consumer = new PullConsumer({ group, namesrvAddr: java.namesrvAddr });
    await consumer.start();
    const [mq] = await consumer.fetchSubscribeMessageQueues('SentBack');
    if (mq === undefined) throw new Error('no queue');
    const [message] = (await consumer.pull(mq, '*', 2, 1)).messages;
    if (message === undefined) throw new Error('no message');
    await consumer.sendMessageBack(message, 1);
    const retry = { topic: `%RETRY%${group}`, brokerName: 'broker-a', queueId: 0 };
    let again: PullResult | undefined;
    await pollUntil(
      'the message',
      async () => {
        again = await consumer.pull(retry, '*', 0, 1);
        return again.status === 'FOUND';
      },
      { timeoutMs: 30_000, everyMs: 200 },
    );
    expect(again?.messages[0]).toMatchObject({ body: Buffer.from('0.2'), reconsumeTimes: 1 });
    expect(again?.messages[0]?.properties).toMatchObject({ RETRY_TOPIC: 'SentBack', TAGS: 'A' });
  });
});
