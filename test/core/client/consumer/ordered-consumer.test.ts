import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  ConsumeOrderlyStatus,
  MessageListenerOrderly,
} from '../../../../src/core/client/consumer/message-listener.ts';
import { PushConsumer } from '../../../../src/core/client/consumer/push-consumer.ts';
import type { OrderedPushConsumerOptions } from '../../../../src/core/client/consumer/push-consumer-options.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { HeldClock } from '../held-clock.ts';
import { ScriptedCluster, until } from '../scripted-cluster.ts';
import { GroupBroker } from './group-broker.ts';

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
  const stopped = running.splice(0).map((service) => service.stop());
  clock.advance(5000);
  await Promise.all(stopped);
  await cluster.stop();
});

async function start(options: Partial<OrderedPushConsumerOptions> = {}): Promise<PushConsumer> {
  const listener: MessageListenerOrderly = (messages) => {
    got.push(...messages.map((message) => `${message.queueId} ${message.body}`));
    return 'SUCCESS';
  };
  const consumer = new PushConsumer({
    group: 'G',
    namesrvAddrs: [cluster.namesrvAddr],
    subscriptions: { T: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    listener,
    clock,
    ...options,
    ordered: true,
  });
  running.push(consumer);
  await consumer.start();
  return consumer;
}

function putAll(queueId: number, ...bodies: string[]): void {
  for (const body of bodies) broker.put('T', queueId, { body });
}

/** A listener whose calls end when the test says so. */
class Gate {
  readonly begun: string[] = [];
  readonly #ends: Array<(status: ConsumeOrderlyStatus) => void> = [];

  readonly listener: MessageListenerOrderly = ([message]) => {
    this.begun.push(`${message?.queueId} ${message?.body}`);
    return new Promise((resolve) => this.#ends.push(resolve));
  };

  end(status: ConsumeOrderlyStatus = 'SUCCESS'): void {
    this.#ends.shift()?.(status);
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

describe('an ordered PushConsumer', () => {
  it('locks its queues in one request before it asks where to begin, and gives them back at stop', async () => {
    cluster.addTopic('T', 3);
    const consumer = await start();
    expect(broker.lockCalls).toEqual(['lock T 0,T 1,T 2']);
    await consumer.stop();
    expect(broker.lockCalls.at(-1)).toBe('unlock T 0,T 1,T 2');
    expect(clock.pending).toBe(0);
  });

  it('makes one call of a queue after the other, of different queues at the same time', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b', 'c');
    putAll(1, 'x', 'y');
    const gate = new Gate();
    await start({ listener: gate.listener });
    await until('the first of both', () => gate.begun.length === 2);
    await settle();
    expect([...gate.begun].sort()).toEqual(['0 a', '1 x']);
    for (let i = 0; i < 5; i++) {
      gate.end();
      await settle();
    }
    expect(gate.begun.filter((entry) => entry.startsWith('0'))).toEqual(['0 a', '0 b', '0 c']);
    expect(gate.begun.filter((entry) => entry.startsWith('1'))).toEqual(['1 x', '1 y']);
  });

  it('consumes no more queues at a time than it was allowed, each in its turn', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    putAll(1, 'x');
    const gate = new Gate();
    await start({ listener: gate.listener, consumeThreadMax: 1 });
    await until('the first', () => gate.begun.length === 1);
    await settle();
    expect(gate.begun).toHaveLength(1);
    for (let i = 0; i < 3; i++) {
      gate.end();
      await settle();
    }
    expect([...gate.begun].sort()).toEqual(['0 a', '0 b', '1 x']);
    expect(gate.begun[1]?.[0]).not.toBe(gate.begun[0]?.[0]);
  });

  it('hands out batches in order, and commits as it goes', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c', 'd', 'e');
    const sizes: number[] = [];
    await start({ consumeMessageBatchMaxSize: 2, listener: (messages) => void sizes.push(messages.length) });
    await until('all', () => sizes.length === 3);
    await settle();
    clock.advance(5000);
    await until('the commit', () => broker.commits.length === 1);
    expect(sizes).toEqual([2, 2, 1]);
    expect(broker.commits).toEqual(['T 0 5']);
  });

  it.each<[string, () => ConsumeOrderlyStatus]>([
    ['says SUSPEND_CURRENT_QUEUE_A_MOMENT', () => 'SUSPEND_CURRENT_QUEUE_A_MOMENT'],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('rests 1 s when the listener %s, then the same message comes again, and no other before it', async (_, fail) => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b');
    let failures = 2;
    await start({
      listener: ([message]) => {
        got.push(`${message?.body} ${message?.reconsumeTimes}`);
        return failures-- > 0 ? fail() : 'SUCCESS';
      },
    });
    await until('the first try', () => got.length === 1);
    await settle();
    clock.advance(999);
    await settle();
    expect(got).toEqual(['a 0']);
    clock.advance(1);
    await until('the second try', () => got.length === 2);
    await settle();
    clock.advance(1000);
    await until('the rest', () => got.length === 4);
    expect(got).toEqual(['a 0', 'a 1', 'a 2', 'b 0']);
    expect(broker.sent).toEqual([]);
  });

  it('rests as long as the listener asks for', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a');
    await start({
      listener: (_, context) => {
        got.push(`${context.messageQueue.topic} ${context.suspendCurrentQueueTimeMillis}`);
        context.suspendCurrentQueueTimeMillis = 200;
        return 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
      },
    });
    await until('the first try', () => got.length === 1);
    await settle();
    clock.advance(199);
    await settle();
    expect(got).toHaveLength(1);
    clock.advance(1);
    await until('the second try', () => got.length === 2);
    expect(got).toEqual(['T 1000', 'T 1000']);
  });

  it('sends what failed too often to the retry topic as dead, and goes on', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('%RETRY%G', 1);
    putAll(0, 'bad', 'good');
    const consumer = await start({
      maxReconsumeTimes: 1,
      listener: ([message]) => {
        got.push(`${message?.body} ${message?.reconsumeTimes}`);
        return `${message?.body}` === 'bad' ? 'SUSPEND_CURRENT_QUEUE_A_MOMENT' : 'SUCCESS';
      },
    });
    await until('the first try', () => got.length === 1);
    await settle();
    clock.advance(1000);
    await until('all', () => got.length === 3);
    expect(got).toEqual(['bad 0', 'bad 1', 'good 0']);
    expect(broker.sent).toHaveLength(1);
    expect(broker.sent[0]).toMatchObject({ a: 'CLIENT_INNER_PRODUCER', b: '%RETRY%G', j: 1, l: 1 });
    expect(decodeProperties(broker.sent[0]?.i ?? '')).toMatchObject({ RETRY_TOPIC: 'T', DELAY: '4' });
    await consumer.stop();
    expect(broker.commits.at(-1)).toBe('T 0 2');
  });

  it('keeps what nobody takes, and commits not past it', async () => {
    cluster.addTopic('T', 1);
    cluster.addTopic('%RETRY%G', 1);
    broker.sendCode = 13;
    putAll(0, 'bad', 'good');
    const consumer = await start({
      maxReconsumeTimes: 0,
      listener: ([message]) => {
        got.push(`${message?.body}`);
        return 'SUSPEND_CURRENT_QUEUE_A_MOMENT';
      },
    });
    await until('the refusal', () => broker.sent.length === 1);
    await settle();
    clock.advance(1000);
    await until('the second try', () => got.length === 2);
    expect(got).toEqual(['bad', 'bad']);
    await consumer.stop();
    expect(broker.commits).not.toContain('T 0 1');
  });

  it('takes a queue that somebody else has locked as soon as it is free, looking every second', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a');
    broker.lockedByOthers.add('T 0');
    const consumer = await start();
    expect(consumer.queues().map((mq) => mq.queueId)).toEqual([1]);
    broker.lockedByOthers.clear();
    // Somebody else went on there until now.
    broker.offsets.set('T 0', 1);
    putAll(0, 'b');
    clock.advance(1000);
    await until('the message', () => got.length === 1);
    expect(got).toEqual(['0 b']);
  });

  it('renews its locks every 20 s', async () => {
    cluster.addTopic('T', 2);
    await start();
    clock.advance(20_000);
    await until('the renewal', () => broker.lockCalls.length === 2);
    expect(broker.lockCalls).toEqual(['lock T 0,T 1', 'lock T 0,T 1']);
  });

  it('drops a queue whose lock went to another, without committing, and begins it anew when it is free', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b', 'c');
    const gate = new Gate();
    const consumer = await start({ listener: gate.listener });
    await until('the first call', () => gate.begun.length === 1);
    broker.lockedByOthers.add('T 0');
    clock.advance(20_000);
    await until('the loss', () => consumer.queues().length === 0);
    gate.end();
    await settle();
    expect(gate.begun).toEqual(['0 a']);
    clock.advance(5000);
    await settle();
    expect(broker.commits).toEqual([]);
    broker.offsets.set('T 0', 2);
    broker.lockedByOthers.clear();
    clock.advance(1000);
    await until('the next call', () => gate.begun.length === 2);
    expect(gate.begun).toEqual(['0 a', '0 c']);
  });

  it('stops consuming 30 s after the last lock when the broker cannot be asked', async () => {
    cluster.addTopic('T', 1);
    putAll(0, 'a', 'b');
    const gate = new Gate();
    const consumer = await start({ listener: gate.listener });
    await until('the first call', () => gate.begun.length === 1);
    broker.lockCode = 1;
    clock.advance(20_000);
    await until('the renewal', () => broker.lockCalls.length === 2);
    await settle();
    expect(consumer.queues()).toHaveLength(1);
    clock.advance(10_001);
    gate.end();
    await settle();
    expect(gate.begun).toEqual(['0 a']);
    expect(consumer.queues()).toEqual([]);
    broker.lockCode = 0;
    clock.advance(1000);
    await until('the message again', () => gate.begun.length === 2);
    expect(gate.begun).toEqual(['0 a', '0 a']);
  });

  it('gives a queue up only when its call has ended: commits behind it, then unlocks', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    const gate = new Gate();
    const consumer = await start({ listener: gate.listener });
    await until('the first call', () => gate.begun.length === 1);
    broker.members = (online) => [...online, '0-sorts-first'];
    broker.notify('G');
    await until('the change', () => consumer.queues().length === 1);
    await settle();
    expect(broker.lockCalls.filter((call) => call.startsWith('unlock'))).toEqual([]);
    expect(broker.commits).toEqual([]);
    gate.end();
    await until('the lock back', () => broker.lockCalls.includes('unlock T 0'));
    expect(broker.commits).toEqual(['T 0 1']);
    expect(gate.begun).toEqual(['0 a']);
  });

  it('does not begin a queue again that it is still giving up', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a', 'b');
    const gate = new Gate();
    const consumer = await start({ listener: gate.listener });
    await until('the first call', () => gate.begun.length === 1);
    broker.members = (online) => [...online, '0-sorts-first'];
    broker.notify('G');
    await until('the change', () => consumer.queues().length === 1);
    broker.members = undefined;
    broker.notify('G');
    await settle();
    expect(gate.begun).toEqual(['0 a']);
    gate.end();
    await until('the next call', () => gate.begun.length === 2);
    expect(gate.begun).toEqual(['0 a', '0 b']);
  });

  it('keeps the lock of a queue whose call does not end in time at stop', async () => {
    cluster.addTopic('T', 2);
    putAll(0, 'a');
    const gate = new Gate();
    const consumer = await start({ listener: gate.listener });
    await until('the first call', () => gate.begun.length === 1);
    const stopped = consumer.stop();
    clock.advance(5000);
    await stopped;
    expect(broker.lockCalls.at(-1)).toBe('unlock T 1');
    expect(broker.commits).toEqual([]);
  });
});
