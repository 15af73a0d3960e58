/** mqadmin offset reset against a namesrv and two brokers in this process. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Admin } from '../../src/core/client/admin/admin.ts';
import { commitOffset } from '../../src/core/client/admin/reset-offset.ts';
import { PullConsumer } from '../../src/core/client/consumer/pull-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../src/core/common/clock.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import { runCommand, type Seen } from './run-command.ts';

const TOPIC = 'Orders';
const dir = mkdtempSync(join(tmpdir(), 'pocketmq-offset-reset-'));
let cluster: LocalCluster;
let admin: Admin;
let group = '';
let groups = 0;
/** Between the second and the third message of every queue. */
let between = 0;

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokers: 2 });
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], clock: systemClock, logger: silentLogger });
  const made = await run('updateTopic', '-c', cluster.clusterName, '-t', TOPIC, '-r1', '-w1', '--wait-route');
  expect(made).toMatchObject({ exitCode: 0 });
  const producer = new Producer({ group: 'P', namesrvAddrs: [cluster.namesrvAddr] });
  await producer.start();
  for (let i = 0; i < 4; i++) {
    if (i === 2) {
      between = Date.now() + 1;
      while (Date.now() <= between) await new Promise(setImmediate);
    }
    for (const { name: brokerName } of cluster.brokers) {
      const queue = { topic: TOPIC, brokerName, queueId: 0 };
      await producer.send({ topic: TOPIC, body: Buffer.from(`m${i}`) }, { queue });
    }
  }
  await producer.stop();
});
afterAll(async () => {
  await admin?.stop();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** A group of its own for each test: three of four messages consumed on the first broker, nothing on the second. */
beforeEach(async () => {
  group = `G${groups++}`;
  const [first] = cluster.brokers;
  const mq = { topic: TOPIC, brokerName: first?.name ?? '', queueId: 0 };
  await commitOffset(admin, first?.addr ?? '', group, { mq, offset: 3 });
});

const run = (name: string, ...options: string[]): Promise<Seen> =>
  runCommand([...name.split(' '), '-n', cluster.namesrvAddr, ...options]);
const undoFile = (): string => join(dir, `${group}.json`);
const reset = (to: string, ...options: string[]): Promise<Seen> =>
  run('offset reset', '-g', group, '-t', TOPIC, '--to', to, '--undo-file', undoFile(), ...options);

interface Planned {
  queues: { before?: number; after?: number }[];
  undoFile?: string;
}

/** Before and after of both queues. */
async function planned(to: string): Promise<unknown[][]> {
  const { stdout, stderr } = await reset(to, '--dry-run', '--output', 'json');
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Planned).queues.map(({ before, after }) => [before, after]);
}

it('shows each queue before and after, and changes nothing with --dry-run', async () => {
  const { stdout, exitCode } = await reset('earliest', '--dry-run');
  expect(exitCode).toBe(0);
  const rows = stdout.split('\n').map((row) => row.trim().split(/ {2,}/));
  expect(rows[1]).toEqual(['broker-a', '0', '0', '4', '3', '0', '-3']);
  expect(rows[2]).toEqual(['broker-b', '0', '0', '4', '-', '0', '-']);
  expect(stdout).toMatch(/\nNothing was changed: --dry-run\.\n$/);
  expect(existsSync(undoFile())).toBe(false);
  expect(await planned('latest')).toEqual([
    [3, 4],
    [undefined, 4],
  ]);
});

it('finds the offsets of a time, and of so many messages on or back', async () => {
  expect(await planned(String(between))).toEqual([
    [3, expect.any(Number)],
    [undefined, expect.any(Number)],
  ]);
  // The nearer of the two neighbours.
  expect([1, 2]).toContain((await planned(String(between)))[0]?.[1]);
  expect(await planned('-365d')).toMatchObject([
    [3, 0],
    [undefined, 0],
  ]);
  expect(await planned('2099-01-01')).toMatchObject([
    [3, 4],
    [undefined, 4],
  ]);
  expect(await planned('-2')).toEqual([
    [3, 1],
    [undefined, undefined],
  ]);
  expect(await planned('+100')).toEqual([
    [3, 4],
    [undefined, undefined],
  ]);
});

it('writes, reads back, and goes back by the file it wrote', async () => {
  const done = await reset('earliest');
  expect(done).toMatchObject({ stderr: '', exitCode: 0 });
  expect(done.stdout).toContain(`\nBack with: --to ${undoFile()}\nThe brokers have these offsets.\n`);
  expect(await planned('earliest')).toEqual([
    [0, 0],
    [0, 0],
  ]);
  // The file is there already.
  expect(await reset('latest')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('EEXIST') });
  const back = await run('offset reset', '-g', group, '-t', TOPIC, '--to', undoFile(), '--undo-file', `${undoFile()}2`);
  expect(back).toMatchObject({ stderr: '', exitCode: 0 });
  expect((await planned('earliest')).map(([before]) => before)).toEqual([3, 0]);
});

it('refuses a group that is online, a queue that is not there, and what is no target', async () => {
  const consumer = new PullConsumer({ group, namesrvAddrs: [cluster.namesrvAddr] });
  await consumer.start();
  await consumer.fetchSubscribeMessageQueues(TOPIC);
  for (const { name: brokerName } of cluster.brokers) {
    await consumer.pull({ topic: TOPIC, brokerName, queueId: 0 }, '*', 0, 1);
  }
  while ((await run('consumerConnection', '-g', group)).exitCode !== 0) await new Promise(setImmediate);
  const online = await reset('earliest');
  await consumer.stop();
  expect(online).toMatchObject({
    stdout: '',
    exitCode: 1,
    stderr: expect.stringMatching(
      /^the group G\d+ is online, and its members pull by themselves, .*: stop them first\.\n$/,
    ),
  });
  expect(existsSync(undoFile())).toBe(false);
  expect(await reset('nowhere')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/^nowhere cannot be read/),
  });
  const none = await run('offset reset', '-g', group, '-t', 'None', '--to', 'latest');
  expect(none).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/^the topic None does not exist/) });
});
