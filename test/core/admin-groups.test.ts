// What Admin does for groups, as a program calls it, on a cluster of two brokers that it starts itself.
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  Admin,
  type LocalCluster,
  Producer,
  PushConsumer,
  type PushConsumerOptions,
  startLocalCluster,
} from '../../src/core/index.ts';
import { until } from './client/scripted-cluster.ts';

const TOPIC = 'Orders';
let cluster: LocalCluster;
let admin: Admin;
let producer: Producer;

beforeAll(async () => {
  cluster = await startLocalCluster({ brokers: 2 });
  const { namesrvAddr } = cluster;
  admin = new Admin({ namesrvAddr });
  await admin.createTopic(TOPIC, 1);
  producer = new Producer({ group: 'P', namesrvAddr });
  await producer.start();
  for (const { name: brokerName } of cluster.brokers) {
    for (const body of ['a', 'b', 'c']) {
      await producer.send({ topic: TOPIC, body, keys: body }, { queue: { topic: TOPIC, brokerName, queueId: 0 } });
    }
  }
});
afterAll(async () => {
  await producer?.stop();
  await admin?.stop();
  await cluster?.stop();
});

async function member(group: string, listener: PushConsumerOptions['listener']): Promise<PushConsumer> {
  const { namesrvAddr } = cluster;
  const consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET';
  const subscriptions = { [TOPIC]: '*' };
  const consumer = new PushConsumer({
    group,
    namesrvAddr,
    subscriptions,
    consumeFromWhere,
    maxReconsumeTimes: 0,
    listener,
  });
  await consumer.start();
  return consumer;
}

/** A group that has consumed everything and is gone. */
async function consumed(group: string): Promise<void> {
  let got = 0;
  const consumer = await member(group, () => void got++);
  await until('all', () => got === 6);
  await consumer.stop();
}

const offsets = async (group: string): Promise<number[]> =>
  (await admin.consumerProgress(group)).rows
    .filter(({ mq }) => mq.topic === TOPIC)
    .map(({ consumerOffset }) => consumerOffset);

it('makes, shows and deletes groups', async () => {
  const made = await admin.updateSubGroup({ groupName: 'GID_made', retryMaxTimes: 3 });
  expect(made).toMatchObject({ groupName: 'GID_made', retryMaxTimes: 3, consumeEnable: true });
  const [first, second] = await admin.getConsumerConfig('GID_made');
  expect([first?.addr, second?.addr].sort()).toEqual(cluster.brokers.map(({ addr }) => addr).sort());
  expect(first?.value).toMatchObject({ retryMaxTimes: 3 });
  const brokerAddr = cluster.brokers[0]?.addr;
  await admin.deleteSubGroup('GID_made', { brokerAddr });
  expect((await admin.getConsumerConfig('GID_made')).map(({ addr }) => addr)).toEqual([cluster.brokers[1]?.addr]);
  await admin.deleteSubGroup('GID_made', { removeOffset: true });
  await expect(admin.getConsumerConfig('GID_made')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('tells who is online and how far everybody is', async () => {
  let got = 0;
  const consumer = await member('GID_online', () => void got++);
  await until('all', () => got === 6);
  const { connectionSet, subscriptionTable } = await admin.consumerConnection('GID_online');
  expect(connectionSet.map(({ clientId }) => clientId)).toEqual([consumer.clientId]);
  expect(Object.keys(subscriptionTable)).toContain(TOPIC);
  expect((await admin.allConsumerProgress()).find(({ consumerGroup }) => consumerGroup === 'GID_online')).toMatchObject(
    {
      connection: { consumeType: 'CONSUME_PASSIVELY' },
    },
  );
  expect((await admin.producerConnection('P', TOPIC)).length).toBe(1);
  await consumer.stop();
  expect(await admin.consumerProgress('GID_online')).toMatchObject({ consumerGroup: 'GID_online', diffTotal: 0 });
  await expect(admin.consumerConnection('GID_online')).rejects.toMatchObject({ responseCode: 206 });
  const [stats] = await admin.statsAll(TOPIC);
  expect(stats?.groups.map(({ consumerGroup }) => consumerGroup)).toContain('GID_online');
});

it('moves groups to times and offsets, and clones them', async () => {
  await consumed('GID_moved');
  const group = { consumerGroup: 'GID_moved', topic: TOPIC };
  expect(await admin.resetOffsetByTime({ ...group, timestamp: 1000, force: true })).toMatchObject({ kind: 'offline' });
  expect(await offsets('GID_moved')).toEqual([0, 0]);
  expect(await admin.planOffsetReset({ ...group, target: { kind: 'shift', messages: 2 } })).toMatchObject([
    { before: 0, after: 2 },
    { before: 0, after: 2 },
  ]);
  expect(await offsets('GID_moved')).toEqual([0, 0]);
  const moved = await admin.resetOffset({ ...group, target: { kind: 'shift', messages: 2 } });
  expect(moved.map(({ now }) => now)).toEqual([2, 2]);
  expect((await admin.cloneGroupOffset('GID_moved', 'GID_cloned', TOPIC)).map(({ offset }) => offset)).toContain(2);
  expect(await offsets('GID_cloned')).toEqual([2, 2]);
  await admin.skipAccumulatedMessage('GID_moved', TOPIC);
  expect(await offsets('GID_moved')).toEqual([3, 3]);
});

it('deals with dead letters', async () => {
  const refusing = await member('GID_dead', () => 'RECONSUME_LATER');
  await expect
    .poll(async () => (await admin.listDeadLetters()).map(({ waiting }) => waiting), { timeout: 10_000 })
    .toEqual([6]);
  await refusing.stop();
  const letters: string[] = [];
  for await (const { message, originTopic } of admin.deadLetters('GID_dead', { key: 'b' })) {
    letters.push(`${message.body} ${originTopic}`);
  }
  expect(letters).toEqual([`b ${TOPIC}`, `b ${TOPIC}`]);
  const got: string[] = [];
  const willing = await member('GID_dead', ([message]) => void got.push(String(message?.body)));
  expect(await admin.dropDeadLetters({ consumerGroup: 'GID_dead', count: 1 })).toBe(2);
  expect(await admin.resendDeadLetters({ consumerGroup: 'GID_dead' })).toEqual({ sent: 4, passed: 0, left: 0 });
  await until('those', () => got.length === 4);
  expect(got.sort()).toEqual(['b', 'b', 'c', 'c']);
  expect(await admin.listDeadLetters('GID_dead')).toMatchObject([{ waiting: 0, handled: 6 }]);
  await willing.stop();
});
