import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LitePullConsumer } from '../../../../src/core/client/consumer/lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from '../../../../src/core/client/consumer/lite-pull-options.ts';
import type { MessageQueue } from '../../../../src/core/message/message-queue.ts';
import { HeldClock } from '../held-clock.ts';
import { ScriptedCluster, until } from '../scripted-cluster.ts';
import { GroupBroker } from './group-broker.ts';

let clock: HeldClock;
let cluster: ScriptedCluster;
let broker: GroupBroker;
const running: LitePullConsumer[] = [];

beforeEach(async () => {
  clock = new HeldClock();
  cluster = await ScriptedCluster.start();
  broker = new GroupBroker();
  await cluster.startBroker('a', broker.register);
});
afterEach(async () => {
  for (const consumer of running.splice(0)) await consumer.stop();
  await cluster.stop();
});

function make(options: Partial<LitePullConsumerOptions> = {}): LitePullConsumer {
  const consumer = new LitePullConsumer({
    group: 'G',
    namesrvAddrs: [cluster.namesrvAddr],
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    clock,
    ...options,
  });
  running.push(consumer);
  return consumer;
}

async function subscribed(options: Partial<LitePullConsumerOptions> = {}, tags = '*'): Promise<LitePullConsumer> {
  const consumer = make(options);
  consumer.subscribe('T', tags);
  await consumer.start();
  return consumer;
}

async function assigned(queues: MessageQueue[], options: Partial<LitePullConsumerOptions> = {}) {
  const consumer = make(options);
  consumer.assign(queues);
  await consumer.start();
  return consumer;
}

const queue = (queueId: number): MessageQueue => ({ topic: 'T', brokerName: 'a', queueId });
const ids = (consumer: LitePullConsumer): number[] => consumer.assignment().map((mq) => mq.queueId);

/** Bodies of the next poll, which waits until something is there. */
async function next(consumer: LitePullConsumer): Promise<string[]> {
  return (await consumer.poll()).map((message) => `${message.queueId} ${message.body}`);
}

/** Bodies of `count` messages in the order they came. */
async function take(consumer: LitePullConsumer, count: number): Promise<string[]> {
  const got: string[] = [];
  while (got.length < count) got.push(...(await next(consumer)));
  return got;
}

function putAll(queueId: number, ...bodies: string[]): void {
  for (const body of bodies) broker.put('T', queueId, { body });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

describe('a LitePullConsumer that subscribes', () => {
  it('hands out what is there and what comes, and is known as an active consumer', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'old');
    const consumer = await subscribed();
    expect(ids(consumer)).toEqual([0, 1]);
    expect(await next(consumer)).toEqual(['0 old']);
    const waiting = next(consumer);
    putAll(1, 'new');
    expect(await waiting).toEqual(['1 new']);
    expect(broker.heartbeats.at(-1)?.consumerDataSet[0]).toMatchObject({
      groupName: 'G',
      consumeType: 'CONSUME_ACTIVELY',
      subscriptionDataSet: [{ topic: 'T', subString: '*' }],
    });
    expect(broker.pulls[0]).toMatchObject({ sysFlag: 6, subscription: '*', maxMsgNums: 10 });
  });

  it('comes back with nothing when nothing came in time', async () => {
    cluster.addTopic('T', 1);
    const consumer = await subscribed();
    const waiting = consumer.poll(300);
    const others = clock.pending;
    clock.advance(300);
    expect(await waiting).toEqual([]);
    expect(clock.pending).toBe(others - 1);
    expect(await consumer.poll(0)).toEqual([]);
  });

  it('commits by itself only what the next poll said was dealt with', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c');
    const consumer = await subscribed({ pullBatchSize: 1 });
    expect(await next(consumer)).toEqual(['0 a']);
    clock.advance(5000);
    await settle();
    expect(broker.commits).toEqual([]);
    expect(await next(consumer)).toEqual(['0 b']);
    clock.advance(5000);
    await until('the commit', () => broker.commits.length === 1);
    expect(broker.commits).toEqual(['T 0 1']);
    await consumer.stop();
    expect(broker.commits.at(-1)).toBe('T 0 2');
    expect(clock.pending).toBe(0);
  });

  it('commits without autoCommit only when told to', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c');
    const consumer = await subscribed({ pullBatchSize: 1, autoCommit: false });
    expect(await take(consumer, 2)).toEqual(['0 a', '0 b']);
    clock.advance(5000);
    await settle();
    expect(broker.commits).toEqual([]);
    await consumer.commit();
    expect(broker.commits).toEqual(['T 0 2']);
    expect(await consumer.committed(queue(0))).toBe(2);
    expect(await next(consumer)).toEqual(['0 c']);
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 2']);
  });

  it('counts what the broker passed over as dealt with, but no message that was only handed out', async () => {
    cluster.addTopic('T', 1);
    // BB has the hash code of Aa, so a broker lets it through.
    broker.put('T', 0, { body: 'wanted', properties: { TAGS: 'Aa' } });
    const consumer = await subscribed({}, 'Aa');
    expect(await next(consumer)).toEqual(['0 wanted']);
    broker.put('T', 0, { body: 'other', properties: { TAGS: 'BB' } });
    await until('the next pull', () => broker.pulls.some((pull) => pull.queueOffset === 2));
    clock.advance(5000);
    await settle();
    expect(broker.commits).toEqual([]);
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 2']);
  });

  it('gives queues up when the group changes, committed as far as they were dealt with', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    const consumer = await subscribed({ pullBatchSize: 1 });
    expect(await take(consumer, 2)).toEqual(['0 a', '0 b']);
    broker.members = (online) => [...online, '0-sorts-first'];
    broker.notify('G');
    await until('the change', () => ids(consumer).length === 1);
    await until('the commit', () => broker.commits.length === 1);
    expect(broker.commits).toEqual(['T 0 1']);
    expect(ids(consumer)).toEqual([1]);
  });

  it('subscribes to more while it runs, and gives a topic up', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('U', 2);
    const consumer = await subscribed();
    consumer.subscribe('U');
    await until('the queues', () => consumer.assignment().length === 3);
    broker.put('U', 1, { body: 'u' });
    expect(await next(consumer)).toEqual(['1 u']);
    consumer.unsubscribe('U');
    await until('the queues', () => consumer.assignment().length === 1);
    clock.advance(20_000);
    await settle();
    expect(ids(consumer)).toEqual([0]);
  });
});

describe('a LitePullConsumer with assigned queues', () => {
  it('takes exactly them, whoever else is in the group', async () => {
    cluster.addTopic('T', 3);
    for (const queueId of [0, 1, 2]) putAll(queueId, 'm');
    broker.members = () => ['others'];
    const consumer = await assigned([queue(0), queue(2)]);
    expect((await take(consumer, 2)).sort()).toEqual(['0 m', '2 m']);
    consumer.assign([queue(1), queue(2)]);
    expect(await next(consumer)).toEqual(['1 m']);
    expect(ids(consumer)).toEqual([1, 2]);
    await until('the commit', () => broker.commits.includes('T 0 1'));
  });

  it('begins at the committed offset, else where it is told', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    putAll(1, 'x', 'y');
    broker.offsets.set('T 0', 1);
    const consumer = await assigned([queue(0), queue(1)], { consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' });
    expect(await next(consumer)).toEqual(['0 b']);
    putAll(1, 'z');
    expect(await next(consumer)).toEqual(['1 z']);
  });

  it('seeks, and throws away what it had', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c', 'd');
    const consumer = await assigned([queue(0)], { pullBatchSize: 1 });
    expect(await take(consumer, 2)).toEqual(['0 a', '0 b']);
    await until('what is ahead', () => broker.pulls.some((pull) => pull.queueOffset === 4));
    await consumer.seek(queue(0), 1);
    expect(await take(consumer, 3)).toEqual(['0 b', '0 c', '0 d']);
    await consumer.seekToBegin(queue(0));
    expect(await next(consumer)).toEqual(['0 a']);
    await consumer.seekToEnd(queue(0));
    putAll(0, 'e');
    expect(await next(consumer)).toEqual(['0 e']);
    await expect(consumer.seek(queue(0), 6)).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
    await expect(consumer.seekToBegin(queue(1))).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
  });

  it('commits where a seek went once it polls there', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c');
    const consumer = await assigned([queue(0)]);
    expect(await take(consumer, 3)).toHaveLength(3);
    await consumer.seekToBegin(queue(0));
    await consumer.stop();
    expect(broker.commits).toEqual(['T 0 0']);
  });

  it('hands nothing out and pulls nothing while a queue is paused', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    const consumer = await assigned([queue(0), queue(1)], { pullBatchSize: 1, pullThresholdForQueue: 1 });
    await until('two pulls ahead', () => broker.pulls.filter((pull) => pull.queueId === 0).length >= 2);
    consumer.pause([queue(0)]);
    putAll(1, 'x');
    expect(await next(consumer)).toEqual(['1 x']);
    expect(await consumer.poll(0)).toEqual([]);
    const waiting = next(consumer);
    consumer.resume([queue(0)]);
    expect(await waiting).toEqual(['0 a']);
    expect(await next(consumer)).toEqual(['0 b']);
  });

  it('stays paused over a seek', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a');
    const consumer = await assigned([queue(0)]);
    expect(await next(consumer)).toEqual(['0 a']);
    consumer.pause([queue(0)]);
    await consumer.seekToBegin(queue(0));
    await settle();
    expect(await consumer.poll(0)).toEqual([]);
    consumer.resume([queue(0)]);
    expect(await next(consumer)).toEqual(['0 a']);
  });

  it('goes on where the broker says when it does not have the offset', async () => {
    cluster.addTopic('T', 1);
    broker.first = 50;
    broker.put('T', 0, { body: 'm50' });
    broker.offsets.set('T 0', 7);
    const consumer = await assigned([queue(0)]);
    expect(await next(consumer)).toEqual(['0 m50']);
  });

  it('tries a queue again whose start it could not find', async () => {
    const consumer = await assigned([queue(0)]);
    expect(ids(consumer)).toEqual([]);
    cluster.addTopic('T', 1);
    putAll(0, 'a');
    const waiting = next(consumer);
    clock.advance(1000);
    expect(await waiting).toEqual(['0 a']);
  });
});

describe('a LitePullConsumer', () => {
  it('either subscribes or assigns', async () => {
    const one = make();
    one.subscribe('T');
    expect(() => one.assign([queue(0)])).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
    const other = make();
    other.assign([queue(0)]);
    expect(() => other.subscribe('T')).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
  });

  it('ends the polls that wait at stop, and polls no more', async () => {
    cluster.addTopic('T', 1);
    const consumer = await subscribed();
    const waiting = consumer.poll();
    await consumer.stop();
    expect(await waiting).toEqual([]);
    await expect(consumer.poll()).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(consumer.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it.each([{ autoCommitIntervalMillis: 10 }, { pullBatchSize: 0 }, { pollTimeoutMillis: -1 }, { group: 'no good' }])(
    'is not made of %j',
    (wrong) => {
      expect(() => make(wrong)).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
    },
  );
});
