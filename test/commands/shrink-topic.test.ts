/**
 * shrinkTopic against a namesrv and two brokers in this process: under traffic, held up, taken up again, and refused.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { runCommand, type Seen, type Surroundings } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-shrink-'));
let cluster: LocalCluster;
const running: Array<{ stop(): Promise<void> }> = [];

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokers: 2 });
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (argv: readonly string[], surroundings?: Surroundings): Promise<Seen> =>
  runCommand([...argv, '-n', cluster.namesrvAddr], surroundings);
const shrink = (topic: string, ...more: string[]): Promise<Seen> =>
  run(['shrinkTopic', '-t', topic, '-r', '8', '--settle', '0', ...more]);

async function createTopic(topic: string): Promise<void> {
  const args = ['-c', 'DefaultCluster', '-t', topic, '-r', '16', '-w', '16', '-p', '6', '--wait-route'];
  expect(await run(['updateTopic', ...args])).toMatchObject({ exitCode: 0 });
}

/** Read and write queues of both brokers. */
async function queuesOf(topic: string): Promise<[number, number][]> {
  const { stdout } = await run(['topicRoute', '-t', topic, '--output', 'json']);
  const { queueDatas } = JSON.parse(stdout) as { queueDatas: { readQueueNums: number; writeQueueNums: number }[] };
  return queueDatas.map(({ readQueueNums, writeQueueNums }) => [readQueueNums, writeQueueNums]);
}

/** A new producer asks for the route anew. */
async function send(topic: string, bodies: readonly string[]): Promise<void> {
  const producer = new Producer({ group: 'P', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
  for (const body of bodies) await producer.send({ topic, body });
  await producer.stop();
}

async function consume(topic: string, group: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const consumer = new PushConsumer({
    group,
    namesrvAddr: cluster.namesrvAddr,
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    listener: ([message]) => {
      const body = String(message?.body);
      seen.set(body, (seen.get(body) ?? 0) + 1);
    },
  });
  running.push(consumer);
  await consumer.start();
  return seen;
}

describe('shrinkTopic', () => {
  it('takes a topic from 16 to 8 queues under traffic: every message is consumed, and once', async () => {
    await createTopic('Busy');
    const seen = await consume('Busy', 'GID_busy');
    const sent: string[] = [];
    let isOver = false;
    const traffic = (async () => {
      for (let round = 0; !isOver; round++) {
        const bodies = Array.from({ length: 40 }, (_, i) => `${round}-${i}`);
        await send('Busy', bodies);
        sent.push(...bodies);
      }
    })();
    await expect.poll(() => sent.length).toBeGreaterThan(100);
    const done = await run(['shrinkTopic', '-t', 'Busy', '-r', '8', '--settle', '3', '--timeout', '60']);
    const before = sent.length;
    await expect.poll(() => sent.length).toBeGreaterThan(before + 100);
    isOver = true;
    await traffic;
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    expect(done.stdout).toMatch(/^broker\S+ +127\.0\.0\.1:\d+ +16 -> 8 +16 -> 8$/m);
    expect(await queuesOf('Busy')).toEqual([
      [8, 8],
      [8, 8],
    ]);
    await expect.poll(() => seen.size, { timeout: 10_000 }).toBe(sent.length);
    expect([...seen.values()].filter((count) => count !== 1)).toEqual([]);
  }, 90_000);

  it('waits for a group that is behind, says so, and goes on when it is run again', async () => {
    await createTopic('Behind');
    const first = await consume('Behind', 'GID_behind');
    await send('Behind', ['x']);
    await expect.poll(() => first.size).toBe(1);
    await running.pop()?.stop();
    await send(
      'Behind',
      Array.from({ length: 64 }, (_, i) => String(i)),
    );
    const late = await shrink('Behind', '--timeout', '0');
    expect(late.exitCode).toBe(6);
    expect(late.stderr).toContain('they wait for GID_behind (32 messages, offline)');
    expect(late.stderr).toContain('run it again to go on');
    expect(await queuesOf('Behind')).toEqual([
      [16, 8],
      [16, 8],
    ]);
    const seen = await consume('Behind', 'GID_behind');
    const again = await run(['shrinkTopic', '-t', 'Behind', '-r', '8', '--settle', '1', '--timeout', '30'], {
      terminal: true,
    });
    expect(again).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Waiting: ') });
    expect(again.stdout).toMatch(/16 -> 8 +8$/m);
    expect(await queuesOf('Behind')).toEqual([
      [8, 8],
      [8, 8],
    ]);
    expect(seen.size).toBeGreaterThanOrEqual(64);
  }, 60_000);

  it('waits for the groups it is told to wait for', async () => {
    await createTopic('Choice');
    const seen = await consume('Choice', 'GID_live');
    const dead = await consume('Choice', 'GID_dead');
    await send('Choice', ['a']);
    await expect.poll(() => [seen.size, dead.size]).toEqual([1, 1]);
    await running.pop()?.stop();
    const bodies = Array.from({ length: 32 }, (_, i) => String(i));
    await send('Choice', bodies);
    await expect.poll(() => seen.size).toBe(33);
    expect(await shrink('Choice', '--timeout', '0', '--groups', 'GID_dead')).toMatchObject({ exitCode: 6 });
    const planned = JSON.parse((await shrink('Choice', '--dry-run', '--output', 'json')).stdout);
    expect(planned).toMatchObject({ groups: ['GID_dead', 'GID_live'], queues: 16, dryRun: true });
    expect(planned.holdUps).toContainEqual({ group: 'GID_dead', messages: expect.any(Number), why: 'offline' });
    expect(await shrink('Choice', '--timeout', '20', '--ignore-group', 'GID_dead,GID_other')).toMatchObject({
      exitCode: 0,
    });
  }, 60_000);

  it('names a broadcasting group, whose offsets nobody knows', async () => {
    await createTopic('Cast');
    const consumer = new PushConsumer({
      group: 'GID_cast',
      namesrvAddr: cluster.namesrvAddr,
      subscriptions: { Cast: '*' },
      messageModel: 'BROADCASTING',
      localOffsetStoreDir: join(dir, 'offsets'),
      listener: () => {},
    });
    running.push(consumer);
    await consumer.start();
    await send(
      'Cast',
      Array.from({ length: 32 }, (_, i) => String(i)),
    );
    const { stdout, exitCode } = await shrink('Cast', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('GID_cast keeps its offsets itself (broadcasting)');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThan(120);
  });

  it('changes nothing on a dry run', async () => {
    await createTopic('Dry');
    await send('Dry', ['x']);
    const { stdout, exitCode } = await shrink('Dry', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('\n16 queues would go away. Groups: none.\n\nNothing was changed: --dry-run.\n');
    expect(await queuesOf('Dry')).toEqual([
      [16, 16],
      [16, 16],
    ]);
  });

  it('takes one broker alone', async () => {
    await createTopic('One');
    const addr = cluster.brokers[1]?.addr ?? '';
    expect(await shrink('One', '-b', addr)).toMatchObject({ exitCode: 0 });
    expect((await queuesOf('One')).sort()).toEqual([
      [16, 16],
      [8, 8],
    ]);
  });

  it('keeps the order configuration of a topic in step', async () => {
    const made = ['-c', 'DefaultCluster', '-t', 'Ordered', '-r', '16', '-w', '16', '-o', 'true', '--wait-route'];
    expect(await run(['updateTopic', ...made])).toMatchObject({ exitCode: 0 });
    expect(await shrink('Ordered')).toMatchObject({ exitCode: 0 });
    const { MQAdminExt } = await import('../../src/core/client/admin/mq-admin-ext.ts');
    const admin = new MQAdminExt({ namesrvAddr: cluster.namesrvAddr });
    running.push(admin);
    const value = (await admin.getKvConfig('ORDER_TOPIC_CONFIG', 'Ordered')) ?? '';
    expect(value.split(';').map((part) => part.split(':')[1])).toEqual(['8', '8']);
  });

  it('waits for messages with a delay that will come into the queues', async () => {
    await createTopic('Delayed');
    const seen = await consume('Delayed', 'GID_delayed');
    const producer = new Producer({ group: 'P', namesrvAddr: cluster.namesrvAddr });
    await producer.start();
    const brokerName = cluster.brokers[0]?.name ?? '';
    for (const [queueId, level] of [
      [12, '2'],
      [3, '2'],
      [12, '1'],
    ] as const) {
      const queue = { topic: 'Delayed', brokerName, queueId };
      await producer.send({ topic: 'Delayed', body: `${queueId} ${level}`, properties: { DELAY: level } }, { queue });
    }
    await producer.stop();
    const { stdout } = await shrink('Delayed', '--dry-run');
    expect(stdout).toMatch(/^2 messages with a delay will come into them\.$/m);
    const early = await shrink('Delayed', '--timeout', '0');
    expect(early).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('2 messages with a delay') });
    expect(await shrink('Delayed', '--timeout', '30')).toMatchObject({ exitCode: 0 });
    expect([...seen.keys()].sort()).toEqual(['12 1', '12 2', '3 2']);
  }, 60_000);

  it('refuses messages that no group has asked for', async () => {
    await createTopic('Unread');
    await send(
      'Unread',
      Array.from({ length: 32 }, (_, i) => String(i)),
    );
    const { stderr, exitCode } = await shrink('Unread');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no group consumes Unread');
    expect(await queuesOf('Unread')).toEqual([
      [16, 16],
      [16, 16],
    ]);
  });

  it('has nothing to do for a topic with so few queues, and refuses what cannot be', async () => {
    await createTopic('Small');
    expect(await run(['shrinkTopic', '-t', 'Small', '-r', '16'])).toMatchObject({
      exitCode: 0,
      stdout: 'Small has no more than 16 queues on any broker already.\n',
    });
    const bad: [string[], number][] = [
      [['-t', 'Small', '-r', '0'], 2],
      [['-t', 'Small'], 2],
      [['-t', 'Small', '-r', '8', '-c', 'C', '-b', 'B'], 2],
      [['-t', 'Small', '-r', '8', '--timeout', '-1'], 2],
      [['-t', 'NoSuchTopic', '-r', '8'], 4],
      [['-t', 'Small', '-r', '8', '-c', 'NoCluster'], 4],
      [['-t', 'Small', '-r', '8', '-b', '127.0.0.1:1'], 4],
    ];
    for (const [args, exitCode] of bad) expect(await run(['shrinkTopic', ...args])).toMatchObject({ exitCode });
  });
});
