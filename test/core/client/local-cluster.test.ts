// The client core on our own namesrv and broker, over real sockets: what a user of the library or the command line does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Admin } from '../../../src/core/client/admin/admin.ts';
import { clusterList } from '../../../src/core/client/admin/cluster-admin.ts';
import { type ConsumeEvent, consumeMessage, sendMessage } from '../../../src/core/client/admin/message-admin.ts';
import {
  topicList,
  topicListByCluster,
  topicRoute,
  topicStatus,
  updateTopic,
} from '../../../src/core/client/admin/topic-admin.ts';
import { PushConsumer } from '../../../src/core/client/consumer/push-consumer.ts';
import type { PushConsumerOptions } from '../../../src/core/client/consumer/push-consumer-options.ts';
import { Producer } from '../../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { deadAddr, until } from './scripted-cluster.ts';

let dataDir: string;
let cluster: LocalCluster;
let admin: Admin;
const running: Array<{ stop(): Promise<void> }> = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pocketmq-client-'));
  cluster = await startLocalCluster({ dataDir });
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], clock: systemClock, logger: silentLogger });
});
afterAll(async () => {
  await admin.stop();
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

async function topic(name: string, queues = 4): Promise<string> {
  await updateTopic(admin, {
    clusterName: cluster.clusterName,
    topic: name,
    readQueueNums: queues,
    writeQueueNums: queues,
  });
  return name;
}

async function producer(namesrvAddrs = [cluster.namesrvAddr]): Promise<Producer> {
  const made = new Producer({ group: 'P', namesrvAddrs });
  running.push(made);
  await made.start();
  return made;
}

interface Member {
  readonly consumer: PushConsumer;
  readonly got: string[];
}

async function member(group: string, subscribed: string, options: Partial<PushConsumerOptions> = {}): Promise<Member> {
  const got: string[] = [];
  const consumer = new PushConsumer({
    group,
    namesrvAddrs: [cluster.namesrvAddr],
    subscriptions: { [subscribed]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    listener: (messages) => {
      got.push(...messages.map((message) => message.body.toString()));
      return 'CONSUME_SUCCESS';
    },
    ...options,
  });
  running.push(consumer);
  await consumer.start();
  return { consumer, got };
}

function held(consumer: PushConsumer, name: string): number {
  return consumer.queues().filter((mq) => mq.topic === name).length;
}

async function sendAll(sender: Producer, name: string, bodies: readonly string[]): Promise<void> {
  await Promise.all(
    bodies.map((body) => sender.send({ topic: name, body: Buffer.from(body), flag: 0, properties: {} })),
  );
}

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe('a producer and push consumers on our own cluster', () => {
  it('two members share the queues and get each message exactly once; one leaves, the other takes over', async () => {
    const name = await topic('Shared');
    const first = await member('GShared', name);
    const second = await member('GShared', name);
    await until('two queues each', () => held(first.consumer, name) === 2 && held(second.consumer, name) === 2);
    const sender = await producer();
    await sendAll(sender, name, numbered('a', 400));
    await until('all messages', () => first.got.length + second.got.length >= 400);
    expect([...first.got, ...second.got].sort()).toEqual(numbered('a', 400).sort());
    expect(first.got.length).toBeGreaterThan(0);
    expect(second.got.length).toBeGreaterThan(0);

    await first.consumer.stop();
    const before = { first: first.got.length, second: second.got.length };
    await until('the takeover', () => held(second.consumer, name) === 4);
    await sendAll(sender, name, numbered('b', 100));
    await until('the rest', () => second.got.length >= before.second + 100);
    expect(first.got.length).toBe(before.first);
    expect(second.got.slice(before.second).sort()).toEqual(numbered('b', 100).sort());
  });

  it('goes on where the group left off: offsets survive the consumer', async () => {
    const name = await topic('Resumed');
    const sender = await producer();
    await sendAll(sender, name, numbered('a', 50));
    const first = await member('GResumed', name);
    await until('the first half', () => first.got.length === 50);
    await first.consumer.stop();
    await sendAll(sender, name, numbered('b', 50));
    const second = await member('GResumed', name);
    await until('the second half', () => second.got.length >= 50);
    expect(second.got.sort()).toEqual(numbered('b', 50).sort());
  });

  it('wakes a held pull at once when a message comes', async () => {
    const name = await topic('Awake', 1);
    const { got } = await member('GAwake', name);
    const sender = await producer();
    await sendAll(sender, name, ['warm']);
    await until('the first message', () => got.length === 1);
    const begun = performance.now();
    await sendAll(sender, name, ['quick']);
    await until('the second message', () => got.length === 2, 2000);
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('consumes a message again after RECONSUME_LATER', async () => {
    const name = await topic('Again', 1);
    const tries: string[] = [];
    await member('GAgain', name, {
      listener: ([message]) => {
        tries.push(`${message?.topic} ${message?.reconsumeTimes}`);
        return tries.length === 1 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
      },
    });
    await sendAll(await producer(), name, ['m']);
    await until('the second try', () => tries.length >= 2, 18_000);
    expect(tries[0]).toBe('Again 0');
    expect(tries[1]).toBe('Again 1');
  });

  it('subscribes by tag', async () => {
    const name = await topic('Tagged');
    const tagged = await member('GTagged', name, { subscriptions: { [name]: 'A || C' } });
    const sender = await producer();
    for (const tag of ['A', 'B', 'C', 'B', 'A']) {
      await sender.send({ topic: name, body: Buffer.from(tag), flag: 0, properties: { TAGS: tag } });
    }
    await until('three messages', () => tagged.got.length >= 3);
    expect(tagged.got.sort()).toEqual(['A', 'A', 'C']);
  });

  it('carries bodies that are compressed on the way', async () => {
    const name = await topic('Large', 1);
    const large = await member('GLarge', name);
    const body = 'compress me '.repeat(2000);
    await sendAll(await producer(), name, [body]);
    await until('the message', () => large.got.length === 1);
    expect(large.got[0]).toBe(body);
  });

  it('sends a batch, of which consumers get each message with its own id, tags and place', async () => {
    const name = await topic('Batched');
    const got: MessageExt[] = [];
    const listener: PushConsumerOptions['listener'] = (messages) => {
      got.push(...messages);
      return 'CONSUME_SUCCESS';
    };
    await member('GBatched', name, { listener, subscriptions: { [name]: 'TagA || TagB' } });
    const messages = ['TagA', 'TagB', 'TagC', 'TagA'].map((TAGS, i) => ({
      topic: name,
      body: Buffer.from(`m${i}`),
      flag: i,
      properties: { TAGS, KEYS: `k${i}` },
    }));
    const result = await (await producer()).sendBatch(messages);
    const ids = result.msgId.split(',');
    const offsetIds = result.offsetMsgId.split(',');
    expect(new Set(ids).size).toBe(4);
    expect(new Set(offsetIds).size).toBe(4);
    await until('the messages', () => got.length >= 3);
    const seen = got.map(({ body, flag, properties, msgId, offsetMsgId, queueId, queueOffset }) => {
      return {
        body: String(body),
        flag,
        tag: properties.TAGS,
        key: properties.KEYS,
        msgId,
        offsetMsgId,
        queueId,
        queueOffset,
      };
    });
    expect(seen.sort((a, b) => a.queueOffset - b.queueOffset)).toEqual(
      [0, 1, 3].map((i) => ({
        body: `m${i}`,
        flag: i,
        tag: messages[i]?.properties.TAGS,
        key: `k${i}`,
        msgId: ids[i],
        offsetMsgId: offsetIds[i],
        queueId: result.messageQueue.queueId,
        queueOffset: result.queueOffset + i,
      })),
    );
  });

  it('sends on when one of two namesrvs is dead, and makes an unknown topic with four queues', async () => {
    const sender = await producer([await deadAddr(), cluster.namesrvAddr]);
    await sendAll(sender, 'MadeBySending', ['m']);
    await expect
      .poll(async () => (await topicRoute(admin, 'MadeBySending').catch(() => undefined))?.queueDatas[0])
      .toMatchObject({
        readQueueNums: 4,
        writeQueueNums: 4,
      });
  });

  it('rejects with CONNECT within 3 s when the namesrv is dead', async () => {
    const sender = await producer([await deadAddr()]);
    const begun = performance.now();
    await expect(sendAll(sender, 'T', ['m'])).rejects.toMatchObject({ code: 'CONNECT' });
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});

describe('the admin operations on our own cluster', () => {
  it('creates a topic that is routable and listed at once', async () => {
    const result = await updateTopic(admin, { brokerAddr: cluster.brokerAddr, topic: 'Fresh', perm: 6 });
    expect(result.brokerAddrs).toEqual([cluster.brokerAddr]);
    expect((await topicRoute(admin, 'Fresh')).queueDatas).toEqual([
      { brokerName: cluster.brokerName, readQueueNums: 8, writeQueueNums: 8, perm: 6, topicSysFlag: 0 },
    ]);
    expect(await topicList(admin)).toContain('Fresh');
    expect(await topicListByCluster(admin)).toContainEqual({
      clusterName: cluster.clusterName,
      topic: 'Fresh',
      consumerGroup: '',
    });
  });

  it('sends, shows the offsets and reads what was sent', async () => {
    const name = await topic('Told', 2);
    const mq = { brokerName: cluster.brokerName, queueId: 1 };
    const sent = await sendMessage(admin, { topic: name, body: 'héllo', tags: 'A', keys: 'k', ...mq });
    expect(sent).toMatchObject({ ...mq, sendStatus: 'SEND_OK' });
    const status = await topicStatus(admin, name);
    expect(status.map((row) => [row.mq.queueId, row.minOffset, row.maxOffset])).toEqual([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    expect(status[1]?.lastUpdateTimestamp).toBeGreaterThan(0);
    const events: ConsumeEvent[] = [];
    for await (const event of consumeMessage(admin, { topic: name, ...mq })) events.push(event);
    expect(events.map((event) => event.kind)).toEqual(['batch', 'end']);
    const [batch] = events;
    const [message] = batch?.kind === 'batch' ? batch.messages : [];
    expect(message).toMatchObject({ msgId: sent.msgId, topic: name, queueId: 1, queueOffset: 0 });
    expect(message?.body.toString()).toBe('héllo');
    expect(message?.properties).toMatchObject({ TAGS: 'A', KEYS: 'k', CLUSTER: cluster.clusterName });
  });

  it('lists the broker with its figures', async () => {
    const rows = await clusterList(admin);
    expect(rows.length).toBe(1);
    expect(rows[0]).toMatchObject({
      clusterName: cluster.clusterName,
      brokerName: cluster.brokerName,
      brokerId: 0,
      brokerAddr: cluster.brokerAddr,
      version: 'V4_9_7',
    });
    expect(rows[0]?.error).toBeUndefined();
    expect(rows[0]?.pageCacheLockTimeMills).toMatch(/^\d+$/);
    expect(rows[0]?.inTotalToday).toBeGreaterThan(0);
    expect(rows[0]?.space).toBeGreaterThan(0);
  });

  it('rejects for an unknown topic, an unknown cluster and a name the broker refuses', async () => {
    await expect(topicRoute(admin, 'NoSuch')).rejects.toMatchObject({ code: 'NOT_FOUND', responseCode: 17 });
    await expect(topicStatus(admin, 'NoSuch')).rejects.toMatchObject({ code: 'NOT_FOUND', responseCode: 17 });
    await expect(updateTopic(admin, { clusterName: 'NoSuch', topic: 'T' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(updateTopic(admin, { brokerAddr: cluster.brokerAddr, topic: 'bad topic!' })).rejects.toMatchObject({
      code: 'RESPONSE',
      responseCode: 1,
      detail: 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
    });
  });
});
