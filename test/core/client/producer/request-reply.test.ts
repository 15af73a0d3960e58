// Request and reply over our own namesrv and brokers: who gets the answer, who waits in vain, and what is refused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MQAdminExt } from '../../../../src/core/client/admin/mq-admin-ext.ts';
import { PushConsumer } from '../../../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../../../src/core/client/producer/producer.ts';
import { createReplyMessage } from '../../../../src/core/client/producer/reply-message.ts';
import { RequestTable } from '../../../../src/core/client/producer/request-table.ts';
import { type LocalCluster, startLocalCluster } from '../../../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { PocketError } from '../../../../src/core/common/errors.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import type { MessageExt, NewMessage } from '../../../../src/core/message/message.ts';
import type { MessageQueue } from '../../../../src/core/message/message-queue.ts';
import { recordingLogger } from '../../broker/test-broker.ts';

let dataDir: string;
let cluster: LocalCluster;
const running: Array<{ stop(): Promise<void> }> = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'pocketmq-request-'));
  cluster = await startLocalCluster({ dataDir, brokers: 2 });
});
afterAll(async () => {
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

async function started<S extends { start(): Promise<void>; stop(): Promise<void> }>(service: S): Promise<S> {
  running.push(service);
  await service.start();
  return service;
}

const producer = (group: string): Promise<Producer> =>
  started(new Producer({ group, namesrvAddr: cluster.namesrvAddr }));

/** A consumer that answers every request as it is told. */
async function replier(
  topic: string,
  answer: (request: MessageExt) => NewMessage['body'],
  queue?: MessageQueue,
): Promise<Producer> {
  const sender = await producer('Repliers');
  await started(
    new PushConsumer({
      group: `G_${topic}`,
      namesrvAddr: cluster.namesrvAddr,
      subscriptions: { [topic]: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      listener: async (messages) => {
        for (const message of messages) await sender.send(createReplyMessage(message, answer(message)), { queue });
      },
    }),
  );
  return sender;
}

describe('Producer.request', () => {
  it('resolves to the reply, each request to its own', async () => {
    await replier(
      'Sums',
      ({ body }) =>
        `${body} = ${String(body)
          .split('+')
          .map(Number)
          .reduce((a, b) => a + b)}`,
    );
    const asker = await producer('Askers');
    const questions = Array.from({ length: 20 }, (_, i) => `${i}+1`);
    const replies = await Promise.all(questions.map((body) => asker.request({ topic: 'Sums', body }, 10_000)));
    expect(replies.map(({ body }) => String(body))).toEqual(questions.map((_, i) => `${i}+1 = ${i + 1}`));
    const { properties, topic } = replies[0] ?? expect.fail();
    expect(topic).toBe('DefaultCluster_REPLY_TOPIC');
    expect(properties).toMatchObject({ MSG_TYPE: 'reply', TTL: '10000' });
    expect(Number(properties.ARRIVE_TIME)).toBeGreaterThanOrEqual(Number(properties.PUSH_REPLY_TIME) - 1000);
  });

  it('brings long bodies both ways', async () => {
    await replier('Long', ({ body }) => body.toString().toUpperCase());
    const reply = await (await producer('LongAskers')).request({ topic: 'Long', body: 'x'.repeat(50_000) }, 10_000);
    expect(String(reply.body)).toBe('X'.repeat(50_000));
  });

  it('is reached over a broker that its topic is not on', async () => {
    const [elsewhere, here] = cluster.brokers;
    if (here === undefined || elsewhere === undefined) throw new Error('there are not two brokers');
    const admin = await started(new MQAdminExt({ namesrvAddr: cluster.namesrvAddr }));
    await admin.updateTopic({ topic: 'Here', readQueueNums: 1, writeQueueNums: 1, brokerAddr: here.addr });
    const queue = { topic: 'DefaultCluster_REPLY_TOPIC', brokerName: elsewhere.name, queueId: 0 };
    await replier('Here', ({ body }) => body, queue);
    const reply = await (await producer('Distant')).request({ topic: 'Here', body: 'q' }, 10_000);
    expect(reply).toMatchObject({ storeHost: elsewhere.addr });
  });

  it('rejects when nobody replies in time', async () => {
    const asker = await producer('Askers');
    await expect(asker.request({ topic: 'Nobody', body: 'q' }, 300)).rejects.toMatchObject({
      code: 'TIMEOUT',
      responseCode: 10_006,
      message: 'no reply to the request to Nobody came within 300 ms',
    });
  });

  it('rejects when the producer stops', async () => {
    const asker = await producer('Askers');
    const waiting = asker.request({ topic: 'Nobody', body: 'q' }, 60_000);
    const rejected = expect(waiting).rejects.toMatchObject({ code: 'STOPPED' });
    await asker.send({ topic: 'Nobody', body: 'behind it' });
    await asker.stop();
    await rejected;
  });

  it('tells a replier that the requester is gone', async () => {
    const asker = await producer('Leavers');
    const sender = await producer('Repliers');
    const properties = { CLUSTER: 'DefaultCluster', CORRELATION_ID: 'c', REPLY_TO_CLIENT: '10.0.0.1@gone' };
    await asker.stop();
    await expect(sender.send(createReplyMessage({ properties }, 'late'))).rejects.toMatchObject({
      code: 'RESPONSE',
      responseCode: 1,
      detail: 'push reply message fail, channel of <10.0.0.1@gone> not found.',
    });
  });

  it.each([0, 1.5, Number.NaN])('refuses a time-out of %d', async (timeoutMs) => {
    const asker = await producer('Askers');
    await expect(asker.request({ topic: 'T', body: 'q' }, timeoutMs)).rejects.toMatchObject({
      code: 'ILLEGAL_ARGUMENT',
    });
  });
});

describe('createReplyMessage', () => {
  it.each([
    [{}, 'create reply message fail, requestMessage error, property[CLUSTER] is null.'],
    [{ CLUSTER: 'C' }, 'the message asks for no reply: it was not sent with request()'],
  ])('refuses a message that is no request: %j', (properties, message) => {
    expect(() => createReplyMessage({ properties }, 'x')).toThrow(new PocketError('ILLEGAL_ARGUMENT', message));
  });
});

describe('RequestTable', () => {
  const header = {
    ...{ producerGroup: 'P', topic: 'R', defaultTopic: 'TBW102', defaultTopicQueueNums: 4, queueId: 0, flag: 0 },
    ...{ bornTimestamp: 1, bornHost: '10.0.0.9:1', storeHost: '10.0.0.8:2', storeTimestamp: 2, sysFlag: 0 },
    properties: 'CORRELATION_ID\x01c',
  };
  const request = { correlationId: 'c', topic: 'T', timeoutMs: 60_000, owner: {} };

  it('logs a reply that nobody waits for', () => {
    const { lines, logger } = recordingLogger();
    new RequestTable(systemClock, logger).receive(header, Buffer.from('x'));
    expect(lines).toEqual([
      'receive reply message, but not matched any request, CorrelationId: c, reply from host: 10.0.0.9:1',
    ]);
  });

  it('goes on waiting when a reply cannot be read, and takes the next', async () => {
    const table = new RequestTable(systemClock, silentLogger);
    const reply = table.wait(request);
    expect(() => table.receive({ ...header, sysFlag: 1 }, Buffer.from('no zlib'))).toThrow();
    table.receive(header, Buffer.from('plain'));
    expect(String((await reply).body)).toBe('plain');
  });

  it('holds a limited number of requests', async () => {
    const table = new RequestTable(systemClock, silentLogger);
    for (let i = 0; i < 65_535; i++) table.wait({ ...request, correlationId: String(i) }).catch(() => {});
    await expect(table.wait(request)).rejects.toThrow('65535 requests wait for a reply already');
    table.failOf(request.owner, new PocketError('STOPPED', 'over'));
    const waits = table.wait(request);
    expect(table.forget('c')).toBe(true);
    expect(table.forget('c')).toBe(false);
    void waits;
  });
});
