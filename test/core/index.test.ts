// The API as a program uses it, on a cluster of two brokers that it starts itself.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  Admin,
  LitePullConsumer,
  type LocalCluster,
  PocketError,
  Producer,
  PullConsumer,
  PushConsumer,
  startLocalCluster,
} from '../../src/core/index.ts';

let cluster: LocalCluster;
let admin: Admin;
const running: Array<{ stop(): Promise<void> }> = [];

beforeAll(async () => {
  cluster = await startLocalCluster({ brokers: 2 });
  admin = new Admin({ namesrvAddr: cluster.namesrvAddr });
});
afterAll(async () => {
  await admin?.stop();
  await cluster?.stop();
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

async function started<S extends { start(): Promise<void>; stop(): Promise<void> }>(service: S): Promise<S> {
  running.push(service);
  await service.start();
  return service;
}

const client = (group: string) => ({ group, namesrvAddr: cluster.namesrvAddr });
const deadAddr = '127.0.0.1:1';

describe('a program', () => {
  it('sends what it likes and pulls it from every queue', async () => {
    await admin.createTopic('Pulled', 2);
    const producer = await started(new Producer(client('p')));
    for (let i = 0; i < 8; i++) await producer.send({ topic: 'Pulled', body: `m${i}`, tags: i % 2 ? 'odd' : 'even' });
    const consumer = await started(new PullConsumer(client('c')));
    const queues = await consumer.fetchSubscribeMessageQueues('Pulled');
    expect(queues.map(({ brokerName, queueId }) => `${brokerName} ${queueId}`)).toEqual([
      'broker-a 0',
      'broker-a 1',
      'broker-b 0',
      'broker-b 1',
    ]);
    const pulled = await Promise.all(queues.map((mq) => consumer.pull(mq, 'odd', 0, 32)));
    const bodies = pulled.flatMap(({ messages }) => messages.map((message) => message.body.toString()));
    expect(bodies.sort()).toEqual(['m1', 'm3', 'm5', 'm7']);
  });

  it('looks into a queue: its ends, the time of a message, how far the group is', async () => {
    await admin.createTopic('Looked', 1);
    const producer = await started(new Producer(client('p')));
    const mq = { topic: 'Looked', brokerName: 'broker-b', queueId: 0 };
    const before = Date.now();
    for (const body of ['a', 'b', 'c']) await producer.send({ topic: 'Looked', body }, { queue: mq });
    const consumer = await started(new PullConsumer(client('looking')));
    expect(await consumer.minOffset(mq)).toBe(0);
    expect(await consumer.maxOffset(mq)).toBe(3);
    expect(await consumer.searchOffset(mq, 1)).toBe(0);
    expect(await consumer.earliestMsgStoreTime(mq)).toBeGreaterThanOrEqual(before);
    expect(await consumer.fetchConsumeOffset(mq)).toBe(0); // the broker's answer for a young queue
    consumer.updateConsumeOffset(mq, 2);
    await consumer.stop();
    const next = await started(new PullConsumer(client('looking')));
    expect(await next.fetchConsumeOffset(mq)).toBe(2);
  });

  it('waits for a message that comes later', async () => {
    await admin.createTopic('Late', 1);
    const mq = { topic: 'Late', brokerName: 'broker-a', queueId: 0 };
    const consumer = await started(new PullConsumer(client('late')));
    expect(await consumer.pull(mq, '*', 0, 1)).toMatchObject({ status: 'NO_NEW_MSG', messages: [] });
    const pulled = consumer.pullBlockIfNotFound(mq, '*', 0, 1);
    const producer = await started(new Producer(client('p')));
    await producer.send({ topic: 'Late', body: 'here' }, { queue: mq });
    expect((await pulled).messages[0]?.body.toString()).toBe('here');
  });

  it('consumes a topic that the first send makes, whoever comes first', async () => {
    const received: string[] = [];
    const listener = async (messages: { body: Buffer }[]): Promise<void> => {
      received.push(...messages.map((message) => message.body.toString()));
    };
    await started(new PushConsumer({ ...client('early'), subscriptions: { MadeLater: '*' }, listener }));
    const producer = await started(new Producer(client('p')));
    await producer.send({ topic: 'MadeLater', body: 'hello' });
    await expect.poll(() => received, { timeout: 8000 }).toEqual(['hello']);
  });

  it('gives a message back for good: it is a dead letter then, which a poll hands out', async () => {
    const producer = await started(new Producer(client('p')));
    const { messageQueue, queueOffset } = await producer.send({ topic: 'Back', body: 'x' });
    const consumer = await started(new PullConsumer(client('back')));
    const [message] = (await consumer.pull(messageQueue, '*', queueOffset, 1)).messages;
    if (message === undefined) throw new Error('no message');
    await consumer.sendMessageBack(message, -1);
    const dead = { ...messageQueue, topic: '%DLQ%back', queueId: 0 };
    expect((await consumer.pull(dead, '*', 0, 1)).messages).toMatchObject([
      { msgId: message.msgId, reconsumeTimes: 1 },
    ]);
    const mourner = new LitePullConsumer({ ...client('mourner'), consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' });
    mourner.subscribe('%DLQ%back');
    await started(mourner);
    expect((await mourner.poll(8000)).map(({ body }) => body.toString())).toEqual(['x']);
  });
});

describe('an Admin', () => {
  it('makes a topic that can be used at once, changes it and deletes it', async () => {
    expect(await admin.createTopic('Made', 3)).toMatchObject({ readQueueNums: 3, writeQueueNums: 3, perm: 6 });
    expect(await admin.topicList()).toContain('Made');
    const { queueDatas } = await admin.topicRoute('Made');
    expect(queueDatas.map((data) => data.writeQueueNums)).toEqual([3, 3]);
    expect(await admin.topicStatus('Made')).toHaveLength(6);
    expect(await admin.topicClusterList('Made')).toEqual([cluster.clusterName]);
    expect(await admin.topicListByCluster()).toContainEqual(expect.objectContaining({ topic: 'Made' }));
    await admin.updateTopicPerm('Made', 4);
    expect((await admin.topicRoute('Made')).queueDatas.map((data) => data.perm)).toEqual([4, 4]);
    await admin.deleteTopic('Made');
    await expect(admin.topicRoute('Made')).rejects.toMatchObject({ code: 'NOT_FOUND', responseCode: 17 });
  });

  it('makes a topic on one broker', async () => {
    await admin.updateTopic({
      topic: 'OnB',
      brokerAddr: cluster.brokers[1]?.addr,
      writeQueueNums: 1,
      readQueueNums: 1,
    });
    expect((await admin.topicRoute('OnB')).brokerDatas.map((data) => data.brokerName)).toEqual(['broker-b']);
    await expect(admin.updateTopicPerm('OnB', 4, { brokerAddr: cluster.brokerAddr })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await admin.updateTopicPerm('OnB', 4, { brokerAddr: cluster.brokers[1]?.addr });
    expect((await admin.topicRoute('OnB')).queueDatas[0]?.perm).toBe(4);
  });

  it('shows the cluster', async () => {
    const { clusterAddrTable } = await admin.clusterInfo();
    expect(clusterAddrTable).toEqual({ [cluster.clusterName]: ['broker-a', 'broker-b'] });
    expect((await admin.clusterList()).map((row) => row.brokerAddr)).toEqual(cluster.brokers.map(({ addr }) => addr));
    const counters = await admin.brokerStatus();
    expect(counters.map(({ value }) => value.brokerVersionDesc)).toEqual(['V4_9_7', 'V4_9_7']);
    expect(await admin.brokerStatus({ brokerAddr: cluster.brokerAddr })).toHaveLength(1);
  });

  it('reads and changes configurations', async () => {
    const valuesOf = async (key: string): Promise<(string | undefined)[]> =>
      (await admin.getBrokerConfig()).map(({ value }) => value[key]).sort();
    await admin.updateBrokerConfig('defaultTopicQueueNums', 5);
    expect(await valuesOf('defaultTopicQueueNums')).toEqual(['5', '5']);
    await admin.updateBrokerConfig('defaultTopicQueueNums', '6', { brokerAddr: cluster.brokerAddr });
    expect(await valuesOf('defaultTopicQueueNums')).toEqual(['5', '6']);
    await expect(admin.updateBrokerConfig('flushDiskType', 'NEVER_HEARD_OF')).resolves.toBeUndefined(); // as in Java
    await admin.updateNamesrvConfig('orderMessageEnable', true);
    const [namesrv] = await admin.getNamesrvConfig();
    expect(namesrv).toMatchObject({ addr: cluster.namesrvAddr, value: { orderMessageEnable: 'true' } });
  });

  it('keeps values at the name servers, and takes write permissions', async () => {
    expect(await admin.getKvConfig('ns', 'key')).toBeUndefined();
    await admin.updateKvConfig('ns', 'key', 'value');
    expect(await admin.getKvConfig('ns', 'key')).toBe('value');
    await admin.deleteKvConfig('ns', 'key');
    expect(await admin.getKvConfig('ns', 'key')).toBeUndefined();
    const [wiped] = await admin.wipeWritePerm('broker-b');
    expect(wiped?.value).toBeGreaterThan(0);
    expect(await admin.addWritePerm('broker-b')).toEqual([wiped]);
  });

  it('says which of several servers failed', async () => {
    const half = await started(new Admin({ namesrvAddrs: [cluster.namesrvAddr, deadAddr], random: () => 0 }));
    await expect(half.updateKvConfig('ns', 'key', 'value')).rejects.toMatchObject({
      code: 'PARTLY',
      message: `1 of 2 servers did not do it: ${deadAddr} (connect to ${deadAddr} failed)`,
      detail: deadAddr,
    });
    expect(await admin.getKvConfig('ns', 'key')).toBe('value');
    const none = await started(new Admin({ namesrvAddr: deadAddr }));
    await expect(none.updateKvConfig('ns', 'key', 'value')).rejects.toMatchObject({ code: 'CONNECT' });
  });

  it('says what is missing or wrong', async () => {
    await expect(admin.deleteTopic('T', 'NoSuchCluster')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(admin.createTopic('bad topic')).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 1 });
    await expect(admin.createTopic('T', 0)).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
    await expect(new Admin({}).topicList()).rejects.toMatchObject({ code: 'NO_NAMESRV' });
    expect(() => new Admin({ namesrvAddr: 'nowhere' })).toThrow(PocketError);
    expect(() => new Admin({ namesrvAddr: deadAddr, timeoutMs: 0 })).toThrow(PocketError);
    const stopped = new Admin({ namesrvAddr: cluster.namesrvAddr });
    await stopped.topicList();
    await Promise.all([stopped.stop(), stopped.stop()]);
    await expect(stopped.topicList()).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(stopped.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });
});
