import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../../../src/core/client/consumer/push-consumer.ts';
import type {
  OrderedPushConsumerOptions,
  PushConsumerOptions,
} from '../../../../src/core/client/consumer/push-consumer-options.ts';
import { HeldClock } from '../held-clock.ts';
import { ScriptedCluster, until } from '../scripted-cluster.ts';
import { GroupBroker } from './group-broker.ts';

let clock: HeldClock;
let cluster: ScriptedCluster;
let broker: GroupBroker;
let folder: string;
let got: string[];
const running: Array<{ stop(): Promise<void> }> = [];

beforeEach(async () => {
  clock = new HeldClock();
  cluster = await ScriptedCluster.start();
  broker = new GroupBroker();
  got = [];
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-offsets-'));
  await cluster.startBroker('a', broker.register);
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

const always = (): { group: string; namesrvAddrs: string[]; subscriptions: { T: string } } => ({
  group: 'G',
  namesrvAddrs: [cluster.namesrvAddr],
  subscriptions: { T: '*' },
});

async function started(consumer: PushConsumer): Promise<PushConsumer> {
  running.push(consumer);
  await consumer.start();
  return consumer;
}

function start(options: Partial<PushConsumerOptions> = {}): Promise<PushConsumer> {
  const consumer = new PushConsumer({
    ...always(),
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    messageModel: 'BROADCASTING',
    localOffsetStoreDir: folder,
    listener: (messages) => void got.push(...messages.map((message) => `${message.queueId} ${message.body}`)),
    clock,
    ...options,
  });
  return started(consumer);
}

const fileOf = (consumer: PushConsumer): string => join(folder, consumer.clientId, 'G', 'offsets.json');

/** As LocalFileOffsetStore of 4.9 writes it. */
const offsetsJson = (offset: number): string =>
  `{\n\t"offsetTable":{{\n\t\t\t"brokerName":"a",\n\t\t\t"queueId":0,\n\t\t\t"topic":"T"\n\t\t}:${offset}\n\t}\n}`;

describe('a broadcasting PushConsumer', () => {
  it('takes every queue, whoever else is in the group, and has no retry topic', async () => {
    cluster.addTopic('T', 3);
    broker.members = (online) => ['0-sorts-first', ...online];
    const consumer = await start();
    expect(consumer.queues()).toHaveLength(3);
    expect(broker.heartbeats.at(-1)?.consumerDataSet[0]).toMatchObject({ messageModel: 'BROADCASTING' });
    const topics = broker.heartbeats.at(-1)?.consumerDataSet[0]?.subscriptionDataSet.map((entry) => entry.topic);
    expect(topics).toEqual(['T']);
    expect(consumer.clientId).toMatch(/@DEFAULT$/);
  });

  it('keeps its offsets in its file alone, and goes on there after a restart', async () => {
    cluster.addTopic('T', 1);
    for (const body of ['m0', 'm1']) broker.put('T', 0, { body });
    const first = await start();
    await until('the messages', () => got.length === 2);
    await first.stop();
    expect(readFileSync(fileOf(first), 'utf8')).toBe(offsetsJson(2));
    broker.put('T', 0, { body: 'm2' });
    const second = await start();
    await until('the message', () => got.length === 3);
    await second.stop();
    expect(got).toEqual(['0 m0', '0 m1', '0 m2']);
    expect(readFileSync(fileOf(second), 'utf8')).toBe(offsetsJson(3));
    expect(readFileSync(`${fileOf(second)}.bak`, 'utf8')).toBe(offsetsJson(2));
    expect(broker.commits).toEqual([]);
    expect(broker.pulls.map((pull) => pull.sysFlag & 1)).toEqual(broker.pulls.map(() => 0));
  });

  it('writes the file every 5 s when something changed', async () => {
    cluster.addTopic('T', 1);
    const consumer = await start();
    broker.put('T', 0);
    await until('the message', () => got.length === 1);
    await new Promise(setImmediate);
    clock.advance(5000);
    const text = (): string => (existsSync(fileOf(consumer)) ? readFileSync(fileOf(consumer), 'utf8') : '');
    await until('the file', () => text() === offsetsJson(1));
  });

  it('reads the file before it when the file is damaged, and starts not at all when both are', async () => {
    cluster.addTopic('T', 1);
    for (const body of ['m0', 'm1']) broker.put('T', 0, { body });
    const first = await start();
    await until('the messages', () => got.length === 2);
    await first.stop();
    writeFileSync(`${fileOf(first)}.bak`, offsetsJson(1));
    writeFileSync(fileOf(first), '{"offsetTable":');
    const second = await start();
    await until('the message', () => got.length === 3);
    expect(got.at(-1)).toBe('0 m1');
    await second.stop();
    for (const path of [fileOf(first), `${fileOf(first)}.bak`]) writeFileSync(path, '{');
    await expect(start()).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('passes over what its listener fails at', async () => {
    cluster.addTopic('T', 1);
    for (const body of ['m0', 'm1']) broker.put('T', 0, { body });
    const consumer = await start({
      listener: ([message]) => {
        got.push(`${message?.body}`);
        return 'RECONSUME_LATER';
      },
    });
    await until('the messages', () => got.length === 2);
    await consumer.stop();
    expect(got).toEqual(['m0', 'm1']);
    expect(broker.sentBack).toEqual([]);
    expect(readFileSync(fileOf(consumer), 'utf8')).toBe(offsetsJson(2));
  });

  it('begins at the end without a file and with CONSUME_FROM_LAST_OFFSET', async () => {
    cluster.addTopic('T', 1);
    broker.put('T', 0, { body: 'old' });
    await start({ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' });
    broker.put('T', 0, { body: 'new' });
    await until('the message', () => got.length === 1);
    expect(got).toEqual(['0 new']);
  });

  it('may be ordered, and then locks nothing', async () => {
    cluster.addTopic('T', 1);
    for (const body of ['m0', 'm1']) broker.put('T', 0, { body });
    const options: OrderedPushConsumerOptions = {
      ...always(),
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      messageModel: 'BROADCASTING',
      localOffsetStoreDir: folder,
      instanceName: 'ordered',
      clock,
      ordered: true,
      listener: ([message]) => void got.push(`${message?.body}`),
    };
    const consumer = await started(new PushConsumer(options));
    await until('the messages', () => got.length === 2);
    await consumer.stop();
    expect(got).toEqual(['m0', 'm1']);
    expect(broker.lockCalls).toEqual([]);
    expect(consumer.clientId).toMatch(/@ordered$/);
    expect(readFileSync(fileOf(consumer), 'utf8')).toBe(offsetsJson(2));
  });
});
