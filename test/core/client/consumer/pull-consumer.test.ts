import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PullConsumer, type PullConsumerOptions } from '../../../../src/core/client/consumer/pull-consumer.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { getEarliestMsgStoretime } from '../../../../src/core/protocol/requests/get-earliest-msg-storetime.ts';
import { getMinOffset } from '../../../../src/core/protocol/requests/get-min-offset.ts';
import { searchOffsetByTimestamp } from '../../../../src/core/protocol/requests/search-offset-by-timestamp.ts';
import { HeldClock } from '../held-clock.ts';
import { ScriptedCluster, until } from '../scripted-cluster.ts';
import { GroupBroker } from './group-broker.ts';

const mq = { topic: 'T', brokerName: 'a', queueId: 0 };

let clock: HeldClock;
let cluster: ScriptedCluster;
let broker: GroupBroker;
const running: Array<{ stop(): Promise<void> }> = [];

beforeEach(async () => {
  clock = new HeldClock();
  cluster = await ScriptedCluster.start();
  broker = new GroupBroker();
  await cluster.startBroker('a', (table) => {
    broker.register(table);
    table.register(getMinOffset, (_, { header }) => ({ code: 0, header: { offset: header.queueId + 10 } }));
    table.register(searchOffsetByTimestamp, (_, { header }) => ({ code: 0, header: { offset: header.timestamp / 2 } }));
    table.register(getEarliestMsgStoretime, () => ({ code: 0, header: { timestamp: 1_700_000_000_000 } }));
  });
  cluster.addTopic('T', 2);
});

afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
  await cluster.stop();
});

function make(options: Partial<PullConsumerOptions> = {}): PullConsumer {
  const made = new PullConsumer({ group: 'G', namesrvAddr: cluster.namesrvAddr, clock, ...options });
  running.push(made);
  return made;
}

async function start(options: Partial<PullConsumerOptions> = {}): Promise<PullConsumer> {
  const consumer = make(options);
  await consumer.start();
  return consumer;
}

describe('PullConsumer.pull', () => {
  it('asks as a Java pull consumer asks, of a queue it has not heard of before', async () => {
    broker.put('T', 0, { body: 'first' });
    broker.put('T', 0, { body: 'second' });
    const { status, messages, ...offsets } = await (await start()).pull(mq, '*', 1, 32);
    expect(status).toBe('FOUND');
    expect(messages.map((message) => message.body.toString())).toEqual(['second']);
    expect(messages[0]).toMatchObject({ topic: 'T', queueId: 0, queueOffset: 1, brokerName: 'a' });
    expect(offsets).toEqual({ nextBeginOffset: 2, minOffset: 0, maxOffset: 2, suggestWhichBrokerId: 0 });
    expect(broker.pulls).toEqual([
      expect.objectContaining({
        consumerGroup: 'G',
        topic: 'T',
        queueId: 0,
        queueOffset: 1,
        maxMsgNums: 32,
        sysFlag: 4,
        commitOffset: 0,
        subscription: '*',
        subVersion: 0,
        expressionType: 'TAG',
        bname: 'a',
      }),
    ]);
  });

  it('brings the tags, and hands out only messages that have one', async () => {
    // BB has the hash code of Aa, so a broker lets it through.
    for (const tag of ['Aa', 'BB', 'C']) broker.put('T', 0, { body: tag, properties: { TAGS: tag } });
    const { messages } = await (await start()).pull(mq, 'Aa || C', 0, 32);
    expect(messages.map((message) => message.body.toString())).toEqual(['Aa', 'C']);
    expect(broker.pulls[0]?.subscription).toBe('Aa || C');
  });

  it('takes no expression for all tags', async () => {
    broker.put('T', 0);
    const consumer = await start();
    for (const none of ['', undefined as unknown as string]) {
      expect((await consumer.pull(mq, none, 0, 1)).messages).toHaveLength(1);
    }
    expect(broker.pulls.map((pull) => pull.subscription)).toEqual(['*', '*']);
  });

  it('tells where to go on when the queue does not have the offset', async () => {
    broker.first = 50;
    expect(await (await start()).pull(mq, '*', 7, 1)).toMatchObject({
      status: 'OFFSET_ILLEGAL',
      nextBeginOffset: 50,
      messages: [],
    });
  });

  it.each<[string, Partial<typeof mq> | undefined, number, number]>([
    ['no queue', undefined, 0, 1],
    ['half a queue', { topic: 'T', brokerName: 'a' }, 0, 1],
    ['an offset below 0', mq, -1, 1],
    ['half an offset', mq, 0.5, 1],
    ['no message', mq, 0, 0],
  ])('refuses %s without asking anybody', async (_, queue, offset, maxNums) => {
    const consumer = await start();
    await expect(consumer.pull(queue as typeof mq, '*', offset, maxNums)).rejects.toMatchObject({
      code: 'ILLEGAL_ARGUMENT',
    });
    expect(cluster.seen).toEqual([]);
  });

  it('rejects for a topic and for a broker that do not exist', async () => {
    const consumer = await start();
    const elsewhere = { ...mq, brokerName: 'z' };
    await expect(consumer.pull({ ...mq, topic: 'No' }, '*', 0, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(consumer.pull(elsewhere, '*', 0, 1)).rejects.toMatchObject({ message: 'The broker[z] not exist' });
  });
});

describe('PullConsumer.pullBlockIfNotFound', () => {
  it('is held until a message comes', async () => {
    const consumer = await start();
    const pulled = consumer.pullBlockIfNotFound(mq, '*', 0, 32);
    await until('the pull', () => broker.pulls.length === 1);
    broker.put('T', 0, { body: 'late' });
    expect((await pulled).messages.map((message) => message.body.toString())).toEqual(['late']);
    expect(broker.pulls[0]).toMatchObject({ sysFlag: 6, suspendTimeoutMillis: 20_000 });
  });

  it('gives up after its time-out', async () => {
    const consumer = await start({ brokerSuspendMaxTimeMillis: 100, consumerTimeoutMillisWhenSuspend: 200 });
    const pulled = expect(consumer.pullBlockIfNotFound(mq, '*', 0, 1)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await until('the pull', () => broker.pulls.length === 1);
    clock.advance(250);
    await pulled;
  });

  it('is broken off by stop', async () => {
    const consumer = await start();
    const pulled = expect(consumer.pullBlockIfNotFound(mq, '*', 0, 1)).rejects.toMatchObject({
      code: 'STOPPED',
      message: 'the consumer was stopped',
    });
    await until('the pull', () => broker.pulls.length === 1);
    await consumer.stop();
    await pulled;
  });
});

describe('PullConsumer', () => {
  it('lists the queues of a topic as they are now', async () => {
    const consumer = await start();
    expect(await consumer.fetchSubscribeMessageQueues('T')).toEqual([mq, { ...mq, queueId: 1 }]);
    cluster.addTopic('T', 3);
    expect(await consumer.fetchSubscribeMessageQueues('T')).toHaveLength(3);
    cluster.addBroker('Z', '127.0.0.1:1');
    cluster.addTopic('Two', 1);
    expect((await consumer.fetchSubscribeMessageQueues('Two')).map((queue) => queue.brokerName)).toEqual(['Z', 'a']);
    await expect(consumer.fetchSubscribeMessageQueues('No')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    cluster.addTopic('Empty', 0);
    await expect(consumer.fetchSubscribeMessageQueues('Empty')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Can not find Message Queue for this topic, Empty',
    });
  });

  it('asks the broker for offsets and times', async () => {
    broker.put('T', 1);
    const consumer = await start();
    const second = { ...mq, queueId: 1 };
    expect(await consumer.minOffset(second)).toBe(11);
    expect(await consumer.maxOffset(second)).toBe(1);
    expect(await consumer.searchOffset(second, 42)).toBe(21);
    expect(await consumer.earliestMsgStoreTime(second)).toBe(1_700_000_000_000);
  });

  it('tells the brokers what a Java pull consumer tells, and leaves them at stop', async () => {
    const consumer = await start();
    await consumer.fetchSubscribeMessageQueues('T');
    await until('the heartbeat', () => broker.heartbeats.length === 1);
    expect(broker.heartbeats[0]).toEqual({
      clientID: consumer.clientId,
      producerDataSet: [{ groupName: 'CLIENT_INNER_PRODUCER' }],
      consumerDataSet: [
        {
          groupName: 'G',
          consumeType: 'CONSUME_ACTIVELY',
          messageModel: 'CLUSTERING',
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
          subscriptionDataSet: [],
          unitMode: false,
        },
      ],
    });
    clock.advance(30_000);
    await until('the next heartbeat', () => broker.heartbeats.length === 2);
    await consumer.stop();
    expect(cluster.seen.filter((entry) => entry === '35 a')).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('keeps an offset, commits it within 5 s, once, and at stop', async () => {
    const consumer = await start();
    expect(await consumer.fetchConsumeOffset(mq)).toBeUndefined();
    consumer.updateConsumeOffset(mq, 7);
    expect(await consumer.fetchConsumeOffset(mq)).toBe(7);
    expect(await consumer.fetchConsumeOffset(mq, true)).toBeUndefined();
    clock.advance(5000);
    await until('the commit', () => broker.commits.length === 1);
    expect(await consumer.fetchConsumeOffset(mq, true)).toBe(7);
    clock.advance(5000);
    consumer.updateConsumeOffset(mq, 3);
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 7', 'T 0 3']);
  });

  it('commits offsets of a queue it has not asked about before', async () => {
    const consumer = await start();
    consumer.updateConsumeOffset({ ...mq, queueId: 1 }, 4);
    await consumer.stop();
    expect(broker.commits).toEqual(['T 1 4']);
  });

  it('sends a message back, by itself to the retry topic when the broker does not take it', async () => {
    cluster.addTopic('%RETRY%G', 1);
    broker.put('T', 0);
    const consumer = await start({ maxReconsumeTimes: 5 });
    const [message] = (await consumer.pull(mq, '*', 0, 1)).messages;
    if (message === undefined) throw new Error('no message');
    await consumer.sendMessageBack(message, 2);
    expect(broker.sentBack[0]).toMatchObject({ group: 'G', delayLevel: 2, originTopic: 'T', maxReconsumeTimes: 5 });
    broker.sendBackCode = 3;
    await consumer.sendMessageBack(message);
    expect(broker.sent[0]).toMatchObject({ b: '%RETRY%G', j: 1, l: 5 });
    expect(decodeProperties(broker.sent[0]?.i ?? '')).toMatchObject({ RETRY_TOPIC: 'T', DELAY: '3' });
  });

  it('says what is missing before start and after stop', async () => {
    const consumer = make();
    const notStarted = { code: 'STOPPED', message: 'the consumer is not started: call start() first' };
    await expect(consumer.maxOffset(mq)).rejects.toMatchObject(notStarted);
    expect(() => consumer.updateConsumeOffset(mq, 1)).toThrow(expect.objectContaining(notStarted));
    await consumer.start();
    await consumer.start();
    await Promise.all([consumer.stop(), consumer.stop()]);
    await expect(consumer.maxOffset(mq)).rejects.toMatchObject({
      code: 'STOPPED',
      message: 'the consumer was stopped',
    });
    await expect(consumer.start()).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(new PullConsumer({ group: 'G' }).start()).rejects.toMatchObject({ code: 'NO_NAMESRV' });
  });

  it('may be used before its start is awaited, and stopped before that', async () => {
    broker.put('T', 0);
    const consumer = make();
    void consumer.start();
    expect((await consumer.pull(mq, '*', 0, 1)).messages).toHaveLength(1);
    const brief = make();
    await Promise.all([brief.start(), brief.stop()]);
    await consumer.stop();
    expect(clock.pending).toBe(0);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no group', { group: '' }],
    ['an address that is none', { group: 'G', namesrvAddr: 'nowhere' }],
    ['a time-out that is none', { group: 'G', consumerPullTimeoutMillis: 0 }],
    ['less time than the broker may hold it', { group: 'G', consumerTimeoutMillisWhenSuspend: 19_999 }],
  ])('is not made of %s', (_, options) => {
    expect(() => new PullConsumer(options as PullConsumerOptions)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }),
    );
  });
});

describe('PullConsumer with a slave', () => {
  it('pulls where the last answer said, and asks the master for offsets', async () => {
    const slave = new GroupBroker();
    const { addr } = await cluster.startBroker('slave', slave.register);
    cluster.routes.get('T')?.brokerDatas[0]?.brokerAddrs.set(1, addr);
    broker.suggest = 1;
    broker.put('T', 0, { body: 'old' });
    for (const body of ['old', 'new']) slave.put('T', 0, { body });
    const consumer = await start();
    const bodies: string[] = [];
    for (const offset of [0, 1]) {
      const { messages } = await consumer.pull(mq, '*', offset, 1);
      bodies.push(...messages.map((message) => message.body.toString()));
    }
    expect(bodies).toEqual(['old', 'new']);
    expect([broker.pulls.length, slave.pulls.length]).toEqual([1, 1]);
    expect(await consumer.maxOffset(mq)).toBe(1);
    await consumer.pull(mq, '*', 0, 1);
    expect([broker.pulls.length, slave.pulls.length]).toEqual([2, 1]);
  });
});
