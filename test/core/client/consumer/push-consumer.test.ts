import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MessageListener } from '../../../../src/core/client/consumer/message-listener.ts';
import { PushConsumer } from '../../../../src/core/client/consumer/push-consumer.ts';
import type { PushConsumerOptions } from '../../../../src/core/client/consumer/push-consumer-options.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { HeldClock } from '../held-clock.ts';
import { deadAddr, ScriptedCluster, until } from '../scripted-cluster.ts';
import { GroupBroker } from './group-broker.ts';

// The clock is held: whatever happens without a call of advance() needs no timer.
let clock: HeldClock;
let cluster: ScriptedCluster;
let broker: GroupBroker;
let got: string[];
const running: Array<{ stop(): Promise<void> }> = [];

beforeEach(async () => {
  clock = new HeldClock();
  cluster = await ScriptedCluster.start();
  broker = new GroupBroker();
  got = [];
  await cluster.startBroker('a', broker.register);
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
  await cluster.stop();
});

function make(options: Partial<PushConsumerOptions> = {}): PushConsumer {
  const listener: MessageListener = (messages) => {
    got.push(...messages.map((message) => `${message.topic} ${message.queueId} ${message.body}`));
    return 'CONSUME_SUCCESS';
  };
  const consumer = new PushConsumer({
    group: 'G',
    namesrvAddrs: [cluster.namesrvAddr],
    subscriptions: { T: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    listener,
    clock,
    ...options,
  });
  running.push(consumer);
  return consumer;
}

async function start(options: Partial<PushConsumerOptions> = {}): Promise<PushConsumer> {
  const consumer = make(options);
  await consumer.start();
  return consumer;
}

const ids = (consumer: PushConsumer): string[] => consumer.queues().map((mq) => `${mq.topic} ${mq.queueId}`);

describe('PushConsumer', () => {
  it('takes its queues at start and gets what is there and what comes, by long polling', async () => {
    cluster.addTopic('T', 2);
    broker.put('T', 0, { body: 'old' });
    const consumer = await start();
    expect(ids(consumer).sort()).toEqual(['T 0', 'T 1']);
    broker.put('T', 1, { body: 'new' });
    await until('both messages', () => got.length === 2);
    expect(got.sort()).toEqual(['T 0 old', 'T 1 new']);
    expect(broker.pulls[0]).toMatchObject({
      consumerGroup: 'G',
      maxMsgNums: 32,
      sysFlag: 2,
      suspendTimeoutMillis: 15_000,
      expressionType: 'TAG',
    });
    expect(broker.pulls[0]?.subscription).toBeUndefined();
  });

  it('tells the broker what a Java push consumer tells', async () => {
    cluster.addTopic('T', 1);
    const consumer = await start({ subscriptions: { T: 'A || B' }, consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' });
    const heartbeat = broker.heartbeats.at(-1);
    expect(heartbeat?.clientID).toBe(consumer.clientId);
    expect(heartbeat?.producerDataSet).toEqual([{ groupName: 'CLIENT_INNER_PRODUCER' }]);
    expect(heartbeat?.consumerDataSet[0]).toMatchObject({
      groupName: 'G',
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      unitMode: false,
    });
    const subscriptions = heartbeat?.consumerDataSet[0]?.subscriptionDataSet ?? [];
    expect(subscriptions.map((entry) => `${entry.topic} ${entry.subString}`).sort()).toEqual([
      '%RETRY%G *',
      'T A || B',
    ]);
  });

  it('begins at the committed offset, else at the end with CONSUME_FROM_LAST_OFFSET', async () => {
    cluster.addTopic('T', 2);
    for (const body of ['0', '1', '2']) for (const queueId of [0, 1]) broker.put('T', queueId, { body });
    broker.offsets.set('T 0', 2);
    await start({ consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' });
    broker.put('T', 1, { body: 'new' });
    await until('two messages', () => got.length === 2);
    expect(got.sort()).toEqual(['T 0 2', 'T 1 new']);
  });

  it('commits every 5 s what changed, and nothing else', async () => {
    cluster.addTopic('T', 1);
    broker.put('T', 0);
    await start();
    await until('the message', () => got.length === 1);
    await new Promise(setImmediate);
    clock.advance(5000);
    await until('the commit', () => broker.commits.length === 1);
    clock.advance(5000);
    broker.put('T', 0);
    await until('the message', () => got.length === 2);
    await new Promise(setImmediate);
    clock.advance(5000);
    await until('the commit', () => broker.commits.length === 2);
    expect(broker.commits).toEqual(['T 0 1', 'T 0 2']);
  });

  it('waits at stop for what is under way, commits, leaves the group and leaves no timer', async () => {
    cluster.addTopic('T', 1);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const consumer = await start({
      listener: async () => {
        got.push('begun');
        await gate;
        return 'CONSUME_SUCCESS' as const;
      },
    });
    broker.put('T', 0);
    await until('the message', () => got.length === 1);
    const stopped = consumer.stop();
    expect(broker.commits).toEqual([]);
    release();
    await stopped;
    expect(broker.commits).toEqual(['T 0 1']);
    expect(cluster.seen.filter((entry) => entry === '35 a').length).toBe(2);
    expect(consumer.queues()).toEqual([]);
    expect(clock.pending).toBe(0);
    await expect(consumer.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('does not wait at stop for ever, and does not commit what is not consumed', async () => {
    cluster.addTopic('T', 1);
    const consumer = await start({ listener: () => new Promise(() => got.push('begun')) });
    broker.put('T', 0);
    await until('the message', () => got.length === 1);
    const stopped = consumer.stop();
    clock.advance(5000);
    await stopped;
    expect(broker.commits).toEqual([]);
  });

  it('gives queues up when the broker says the group changed, and commits how far it came', async () => {
    cluster.addTopic('T', 4);
    for (const queueId of [0, 1, 2, 3]) broker.put('T', queueId);
    const consumer = await start();
    await until('the messages', () => got.length === 4);
    await new Promise(setImmediate);
    broker.members = (online) => [...online, '0-sorts-first'];
    broker.notify('G');
    await until('the change', () => consumer.queues().length === 2);
    expect(ids(consumer).sort()).toEqual(['T 2', 'T 3']);
    await until('the commits', () => broker.commits.length === 2);
    expect(broker.commits.sort()).toEqual(['T 0 1', 'T 1 1']);
    broker.members = undefined;
    broker.notify('G');
    await until('the change back', () => consumer.queues().length === 4);
    broker.put('T', 0, { body: 'again mine' });
    await until('the message', () => got.includes('T 0 again mine'));
    expect(got.length).toBe(5);
  });

  it('divides anew every 20 s by itself', async () => {
    cluster.addTopic('T', 4);
    const consumer = await start();
    broker.members = (online) => [...online, '0-sorts-first'];
    clock.advance(20_000);
    await until('the change', () => consumer.queues().length === 2);
  });

  it('makes pulls carry a new subVersion only after a heartbeat did', async () => {
    cluster.addTopic('T', 2);
    await start();
    await until('pulls', () => broker.pulls.length === 2);
    const announced = broker.heartbeats.map((heartbeat) =>
      Math.max(...(heartbeat.consumerDataSet[0]?.subscriptionDataSet ?? []).map((entry) => entry.subVersion)),
    );
    for (const pull of broker.pulls) expect(announced).toContain(pull.subVersion);
  });

  it('waits for a topic that does not exist yet', async () => {
    const consumer = await start();
    expect(consumer.queues()).toEqual([]);
    cluster.addTopic('T', 1);
    clock.advance(20_000);
    await until('the queue', () => consumer.queues().length === 1);
  });

  it('looks every second for a topic that does not exist yet', async () => {
    await start();
    const asked = () => cluster.seen.filter((entry) => entry === '105 T').length;
    const before = asked();
    clock.advance(1000);
    await until('the question', () => asked() === before + 1);
    cluster.addTopic('T', 1);
    broker.put('T', 0, { body: 'early' });
    // The next wait begins when the answer is there, whenever that is.
    await until('the message', () => {
      clock.advance(500);
      return got.length === 1;
    });
  });

  it('takes a listener without return to have consumed', async () => {
    cluster.addTopic('T', 1);
    broker.put('T', 0);
    const consumer = await start({ listener: async (messages) => void got.push(`${messages.length}`) });
    await until('the message', () => got.length === 1);
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 1']);
    expect(broker.sentBack).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no listener', { listener: undefined }],
    ['no subscription', { subscriptions: {} }],
    ['a subscription that is no text', { subscriptions: { T: true } }],
    ['a subscription without a tag', { subscriptions: { T: ' || ' } }],
    ['no thread', { consumeThreadMax: 0 }],
    ['a batch too large', { pullBatchSize: 1025 }],
  ])('is not made of %s', (_, wrong) => {
    const right = { group: 'G', namesrvAddr: cluster.namesrvAddr, subscriptions: { T: '*' }, listener: () => {} };
    const options = wrong === undefined ? undefined : { ...right, ...(wrong as object) };
    expect(() => new PushConsumer(options as PushConsumerOptions)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }),
    );
  });

  it('takes new queues of a topic as soon as the route shows them', async () => {
    cluster.addTopic('T', 1);
    const consumer = await start();
    cluster.addTopic('T', 3);
    clock.advance(30_000);
    await until('the queues', () => consumer.queues().length === 3);
  });

  it('rejects with CONNECT and is stopped when no namesrv lives', async () => {
    const consumer = make({ namesrvAddrs: [await deadAddr()] });
    await expect(consumer.start()).rejects.toMatchObject({ code: 'CONNECT' });
    expect(clock.pending).toBe(0);
  });

  it('hands out only messages whose tag it asked for, and passes over the others', async () => {
    cluster.addTopic('T', 1);
    await start({ subscriptions: { T: 'Aa' } });
    // BB has the hash code of Aa, so a broker lets it through.
    broker.put('T', 0, { body: 'other', properties: { TAGS: 'BB' } });
    await until('the next pull', () => broker.pulls.some((pull) => pull.queueOffset === 1));
    clock.advance(5000);
    await until('the commit', () => broker.commits.includes('T 0 1'));
    broker.put('T', 0, { body: 'wanted', properties: { TAGS: 'Aa' } });
    await until('the message', () => got.length > 0);
    expect(got).toEqual(['T 0 wanted']);
  });

  it('stops pulling a queue that holds too much, until some is consumed', async () => {
    cluster.addTopic('T', 1);
    const gates: Array<() => void> = [];
    const consumer = await start({
      pullBatchSize: 2,
      pullThresholdForQueue: 3,
      listener: () => new Promise((resolve) => gates.push(() => resolve('CONSUME_SUCCESS'))),
    });
    for (let i = 0; i < 10; i++) broker.put('T', 0);
    await until('the limit', () => gates.length === 4);
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect(broker.pulls.map((pull) => pull.queueOffset)).not.toContain(4);
    gates[0]?.();
    await until('the next pull', () => gates.length === 6);
    const stopped = consumer.stop();
    clock.advance(5000);
    await stopped;
  });

  it('introduces itself again when its connection broke, before it pulls', async () => {
    cluster.addTopic('T', 1);
    await start();
    await until('the pull', () => broker.pulls.length === 1);
    const before = broker.heartbeats.length;
    for (const connection of broker.connections) connection.close('test');
    await until('the pause', () => clock.pending > 0);
    await until('the next pull', () => {
      clock.advance(1000);
      return broker.pulls.length === 2;
    });
    expect(broker.heartbeats.length).toBeGreaterThan(before);
  });
});

describe('PushConsumer after RECONSUME_LATER', () => {
  const later: MessageListener = (messages) => {
    got.push(...messages.map((message) => `${message.topic} ${message.body} ${message.reconsumeTimes}`));
    return 'RECONSUME_LATER';
  };

  it('sends the message back and counts it as dealt with', async () => {
    cluster.addTopic('T', 1);
    const consumer = await start({ listener: later });
    broker.put('T', 0);
    await until('the message back', () => broker.sentBack.length === 1);
    expect(broker.sentBack[0]).toMatchObject({
      offset: 0,
      group: 'G',
      delayLevel: 0,
      originTopic: 'T',
      originMsgId: expect.stringMatching(/^[0-9A-F]{32}$/),
      maxReconsumeTimes: 16,
      bname: 'a',
    });
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 1']);
    expect(broker.sent).toEqual([]);
  });

  it('sends it to the retry topic itself when the broker does not take messages back', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('%RETRY%G', 1);
    broker.sendBackCode = 3;
    const consumer = await start({ listener: later });
    broker.put('T', 0, { properties: { KEYS: 'k', UNIQ_KEY: 'U' } });
    await until('the copy', () => broker.sent.length === 1);
    expect(broker.sent[0]).toMatchObject({ a: 'CLIENT_INNER_PRODUCER', b: '%RETRY%G', j: 1, l: 16 });
    expect(decodeProperties(broker.sent[0]?.i ?? '')).toMatchObject({
      RETRY_TOPIC: 'T',
      KEYS: 'k',
      UNIQ_KEY: 'U',
      DELAY: '3',
    });
    await consumer.stop();
    expect(broker.commits).toContain('T 0 1');
  });

  it('tries again itself after 5 s when nobody takes it, and does not commit past it', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('%RETRY%G', 1);
    broker.sendBackCode = 3;
    broker.sendCode = 13;
    let consume = later;
    const consumer = await start({ listener: (messages) => consume(messages) });
    broker.put('T', 0, { body: 'm' });
    await until('both refusals', () => broker.sent.length === 1);
    await until('the wait', () => got.length === 1);
    consume = (messages) => {
      later(messages);
      return 'CONSUME_SUCCESS';
    };
    expect(broker.commits).toEqual([]);
    await until('the second try', () => {
      clock.advance(500);
      return got.length === 2;
    });
    expect(got).toEqual(['T m 0', 'T m 1']);
    expect(broker.commits).not.toContain('T 0 1');
    await consumer.stop();
    expect(broker.commits.at(-1)).toBe('T 0 1');
  });

  it('sends back after consumeTimeout what a listener does not come to an end with, and goes on behind it', async () => {
    cluster.addTopic('T', 1);
    let end = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      end = resolve;
    });
    const consumer = await start({
      consumeTimeout: 1,
      listener: ([message]) => {
        got.push(String(message?.body));
        return message?.body.toString() === 'hangs' ? hanging : 'CONSUME_SUCCESS';
      },
    });
    broker.put('T', 0, { body: 'hangs' });
    broker.put('T', 0, { body: 'next' });
    await until('both', () => got.length === 2);
    expect(broker.sentBack).toEqual([]);
    clock.advance(60_000);
    await until('the message back', () => broker.sentBack.length === 1);
    expect(broker.sentBack[0]).toMatchObject({ offset: 0, group: 'G', delayLevel: 3, originTopic: 'T' });
    await until('the commit', () => {
      clock.advance(1000);
      return broker.commits.includes('T 0 2');
    });
    end();
    await consumer.stop();
    expect(broker.sentBack).toHaveLength(1);
    expect(broker.commits.at(-1)).toBe('T 0 2');
  });

  it('shows a retried message under its first topic', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('%RETRY%G', 1);
    await start();
    broker.put('%RETRY%G', 0, { body: 'again', properties: { RETRY_TOPIC: 'T' } });
    await until('the message', () => got.length === 1);
    expect(got).toEqual(['T 0 again']);
  });
});

describe('PushConsumer with an offset the broker does not have', () => {
  it("goes on at the broker's offset after 10 s, and commits that", async () => {
    cluster.addTopic('T', 1);
    broker.first = 50;
    broker.put('T', 0, { body: 'm50' });
    broker.offsets.set('T 0', 7);
    const consumer = await start();
    await until('the refusal', () => consumer.queues().length === 0);
    clock.advance(9999);
    expect(got).toEqual([]);
    clock.advance(1);
    await until('the message', () => got.length === 1);
    expect(broker.commits).toEqual(['T 0 50']);
    expect(broker.pulls.map((pull) => pull.queueOffset).slice(0, 2)).toEqual([7, 50]);
  });
});
