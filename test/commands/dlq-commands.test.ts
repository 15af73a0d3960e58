/** mqadmin dlq against a namesrv and two brokers in this process, with dead letters that a consumer of ours made. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Admin } from '../../src/core/client/admin/admin.ts';
import { resendDeadLetters } from '../../src/core/client/admin/dlq-resend.ts';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../src/core/common/clock.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import type { MessageExt } from '../../src/core/message/message.ts';
import { until } from '../core/client/scripted-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-dlq-'));
let cluster: LocalCluster;
let admin: Admin;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokers: 2 });
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], clock: systemClock, logger: silentLogger });
});
afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await admin?.stop();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (name: string, ...options: string[]): Promise<Seen> =>
  runCommand([...name.split(' '), '-n', cluster.namesrvAddr, ...options]);

async function json<T>(name: string, ...options: string[]): Promise<T> {
  const { stdout, ...rest } = await run(name, ...options, '--output', 'json');
  expect(rest).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

/** Who takes the messages of a group from now on. */
async function member(
  group: string,
  topic: string,
  take: (message: MessageExt) => 'CONSUME_SUCCESS' | 'RECONSUME_LATER',
) {
  const consumer = new PushConsumer({
    group,
    namesrvAddrs: [cluster.namesrvAddr],
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    maxReconsumeTimes: 0,
    listener: ([message]) => take(message as MessageExt),
  });
  running.push(consumer);
  await consumer.start();
  return consumer;
}

const letterTopic = (group: string): string => `%DLQ%${group}`;

async function waiting(group: string): Promise<[waiting: number, handled: number]> {
  const { groups } = await json<{ groups: { waiting: number; handled: number }[] }>('dlq list', '-g', group);
  return [groups[0]?.waiting ?? -1, groups[0]?.handled ?? -1];
}

/** A group with dead letters m0, m1...: three on each broker. Resolves when its member is gone. */
async function groupWithLetters(group: string, topic = `T_${group}`): Promise<string> {
  await run('updateTopic', '-c', cluster.clusterName, '-t', topic, '-r1', '-w1', '--wait-route');
  const producer = new Producer({ group: 'P', namesrvAddrs: [cluster.namesrvAddr] });
  await producer.start();
  for (let i = 0; i < 6; i++) {
    const brokerName = cluster.brokers[i % 2]?.name ?? '';
    const message = { topic, body: `m${i}`, keys: `k${i}`, tags: i < 2 ? 'A' : 'B', properties: { shop: `s${i}` } };
    await producer.send(message, { queue: { topic, brokerName, queueId: 0 } });
  }
  await producer.stop();
  const refusing = await member(group, topic, () => 'RECONSUME_LATER');
  await eventually(async () => {
    const listed = await run('dlq list', '-g', group);
    return listed.stdout.includes('\n6 dead letters of 1 group');
  });
  await refusing.stop();
  return topic;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

it('lists, shows and exports them, and touches no group', async () => {
  const topic = await groupWithLetters('GID_look');
  const { stdout, exitCode, stderr } = await run('dlq list');
  expect([stderr, exitCode]).toEqual(['', 0]);
  expect(stdout).toMatch(/^#Group {21}#Wait #Done {2}#Oldest {14}#Newest\n/);
  expect(stdout).toMatch(/\nGID_look {23}6 {5}0 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
  const one = await run('dlq list', '-g', 'GID_look');
  expect(one.stdout).toMatch(/\n#Origin Topic .*\nT_GID_look {21}6 /);

  const shown = await run('dlq peek', '-g', 'GID_look', '--key', 'k3');
  expect(shown.stdout).toMatch(
    new RegExp(
      [
        '^broker-b queue 0 offset 1',
        `  Origin Topic: {7}${topic}`,
        '  Message Id: {9}[0-9A-F]{32}',
        '  Origin Message Id: {2}[0-9A-F]{32}',
        '  Dead Letter Id: {5}[0-9A-F]{32}',
        '  Tag: {16}B',
        '  Keys: {15}k3',
        '  Reconsume Times: {4}1',
        '  Born: {15}.*',
        '  Died: {15}.*',
        '  shop: {15}s3',
        '  Body: {15}m3',
        '$',
      ].join('\n'),
    ),
  );
  interface Shown {
    letters: { body: string; msgId: string; offsetMsgId: string; originTopic: string; originMessageId: string }[];
  }
  const { letters } = await json<Shown>('dlq peek', '-g', 'GID_look', '--count', '0');
  expect(letters.map(({ body }) => body)).toEqual(['m0', 'm2', 'm4', 'm1', 'm3', 'm5']);
  const [first] = letters;
  for (const id of [first?.msgId, first?.offsetMsgId, first?.originMessageId]) {
    expect((await json<Shown>('dlq peek', '-g', 'GID_look', '--id', id ?? '')).letters).toEqual([first]);
  }
  const bodies = async (...options: string[]) =>
    (await json<Shown>('dlq peek', '-g', 'GID_look', ...options)).letters.map(({ body }) => body);
  expect(await bodies('--count', '2')).toEqual(['m0', 'm2']);
  expect(await bodies('--match', 'm4')).toEqual(['m4']);
  expect(await bodies('--match', '/^(M1|s2|A)$/i')).toEqual(['m0', 'm2', 'm1']);
  expect(await run('dlq peek', '-g', 'GID_look', '--match', '.')).toMatchObject({ stdout: '', exitCode: 4 });

  const file = join(dir, 'letters.jsonl');
  const written = await run('dlq export', '-g', 'GID_look', '--file', file);
  expect(written).toEqual({ stdout: `6 dead letters are in ${file}.\n`, stderr: '', exitCode: 0 });
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({
    topic: letterTopic('GID_look'),
    queueId: 0,
    queueOffset: 0,
    body: 'm0',
    keys: 'k0',
  });
  expect(lines[0].properties).not.toHaveProperty('MAX_OFFSET');
  expect((await run('dlq export', '-g', 'GID_look')).stdout).toBe(readFileSync(file, 'utf8'));
  // Every line is one that store import takes.
  const imported = await runCommand(['store', 'import', '-s', join(dir, 'imported'), '-f', file]);
  expect(imported).toMatchObject({ stdout: expect.stringMatching(/^6 messages of 1 topics are in /), exitCode: 0 });

  expect(await waiting('GID_look')).toEqual([6, 0]);
  const progress = await json<{ rows: { topic: string }[] }>('consumerProgress', '-g', 'GID_look');
  expect(progress.rows.filter((row) => row.topic.startsWith('%DLQ%'))).toEqual([]);
  expect((await run('consumerProgress')).stdout).not.toContain('TOOLS_CONSUMER');
});

it('reads them where the topic is write-only, and leaves its permission', async () => {
  await groupWithLetters('GID_closed');
  const topic = letterTopic('GID_closed');
  await run('updateTopicPerm', '-t', topic, '-c', cluster.clusterName, '-p', '2');
  const perms = async (): Promise<number[]> =>
    (await json<{ queueDatas: { perm: number }[] }>('topicRoute', '-t', topic)).queueDatas.map(({ perm }) => perm);
  await eventually(async () => String(await perms()) === '2,2');
  expect((await run('printMsg', '-t', topic)).exitCode).not.toBe(0);
  const { letters } = await json<{ letters: { body: string; brokerName: string }[] }>('dlq peek', '-g', 'GID_closed');
  expect(letters.map(({ body, brokerName }) => `${brokerName} ${body}`)).toEqual([
    ...['broker-a m0', 'broker-a m2', 'broker-a m4', 'broker-b m1', 'broker-b m3', 'broker-b m5'],
  ]);
  expect(await run('dlq resend', '-g', 'GID_closed', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await waiting('GID_closed')).toEqual([0, 6]);
  expect(await perms()).toEqual([2, 2]);
});

it('sends them to the group alone, each once, with what they were', async () => {
  const topic = await groupWithLetters('GID_retry');
  const dry = await run('dlq resend', '-g', 'GID_retry', '--all', '--dry-run');
  expect(dry.stdout.split('\n')).toHaveLength(9);
  expect(dry.stdout).toMatch(/^[0-9A-F]{32} -> %RETRY%GID_retry {2}keys k0\n/);
  expect(dry.stdout).toMatch(/\n6 dead letters of GID_retry would be sent\. Nothing was sent: --dry-run\.\n$/);
  expect(await waiting('GID_retry')).toEqual([6, 0]);

  const got: MessageExt[] = [];
  const other: MessageExt[] = [];
  const take = (list: MessageExt[]) => (message: MessageExt) => {
    list.push(message);
    return 'CONSUME_SUCCESS' as const;
  };
  await member('GID_other', topic, take(other));
  await member('GID_retry', topic, take(got));
  await until('the other group', () => other.length === 6);
  const done = await run('dlq resend', '-g', 'GID_retry', '--all', '--rate', '1000/s');
  expect(done).toEqual({ stdout: '6 dead letters of GID_retry sent again.\n', stderr: '', exitCode: 0 });
  await until('all again', () => got.length === 6);
  expect(got.map(({ body }) => String(body)).sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
  const [again] = got.filter(({ body }) => String(body) === 'm3');
  const [before] = other.filter(({ body }) => String(body) === 'm3');
  expect(again).toMatchObject({ topic, msgId: before?.msgId, reconsumeTimes: 0 });
  expect(again?.properties).toMatchObject({ KEYS: 'k3', TAGS: 'B', shop: 's3' });
  expect(await waiting('GID_retry')).toEqual([0, 6]);

  // Nothing is left to send, and nothing is sent twice.
  const empty = await run('dlq resend', '-g', 'GID_retry', '--all');
  expect(empty).toMatchObject({ exitCode: 4, stderr: expect.stringMatching(/^there was nothing to send: /) });
  // One of them once more, because it is asked for.
  const one = await run(
    'dlq resend',
    '-g',
    'GID_retry',
    '--id',
    again?.msgId ?? '',
    '--handled',
    '--progress-file',
    join(dir, 'one'),
  );
  expect(one.stdout).toMatch(/^1 dead letter of GID_retry sent again\.\n/);
  await until('one more', () => got.length === 7);
  expect(other).toHaveLength(6);
});

it('sends those that match to where they come from, goes on from its file, and leaves the others waiting', async () => {
  const topic = await groupWithLetters('GID_match');
  const other: string[] = [];
  await member('GID_match_other', topic, ({ body, properties, topic: its }) => {
    other.push(`${body} ${its} ${properties.RETRY_TOPIC ?? '-'}`);
    return 'CONSUME_SUCCESS';
  });
  await until('the first time', () => other.length === 6);
  const file = join(dir, 'match.json');
  const resend = (...options: string[]) =>
    run('dlq resend', '-g', 'GID_match', '--match', '/m[0145]/', '--to', 'origin', '--progress-file', file, ...options);
  // A run that ended behind m0: the file says so.
  const queues = { 'broker-a 0': 1 };
  writeFileSync(file, JSON.stringify({ selection: 'match=/m[0145]/', to: 'origin', queues }));
  const done = await resend();
  expect(done.stdout).toBe(
    `3 dead letters of GID_match sent again.\nProgress is in ${file}: without it they are sent once more.\n`,
  );
  await until('three again', () => other.length === 9);
  expect(other.slice(6).sort()).toEqual([`m1 ${topic} -`, `m4 ${topic} -`, `m5 ${topic} -`]);
  expect(await resend()).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('were sent before') });
  // m1 was the first of its broker: the mark could go on behind it.
  expect(await waiting('GID_match')).toEqual([5, 1]);
  const strange = await run('dlq resend', '-g', 'GID_match', '--key', 'k1', '--progress-file', file);
  expect(strange).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/is not the progress of this run/) });
});

it('ends at a signal behind the letter under way, and goes on behind it', async () => {
  const topic = await groupWithLetters('GID_stop');
  const got: string[] = [];
  await member('GID_stop', topic, ({ body }) => {
    got.push(String(body));
    return 'CONSUME_SUCCESS';
  });
  const abort = new AbortController();
  const outcome = await resendDeadLetters(admin, {
    consumerGroup: 'GID_stop',
    signal: abort.signal,
    onSent: ({ body }) => {
      if (String(body) === 'm4') abort.abort();
    },
  });
  expect(outcome).toEqual({ sent: 3, passed: 0, left: 3 });
  expect(await waiting('GID_stop')).toEqual([3, 3]);
  expect(await resendDeadLetters(admin, { consumerGroup: 'GID_stop' })).toEqual({ sent: 3, passed: 0, left: 0 });
  await until('each once', () => got.length === 6);
  expect(new Set(got).size).toBe(6);
});

it('ends at a letter that cannot be sent: 7, with what to do; the rest waits', async () => {
  const topic = await groupWithLetters('GID_fail');
  const outcome = await resendDeadLetters(admin, {
    consumerGroup: 'GID_fail',
    to: 'origin',
    selection: { match: /m[024]/ },
  });
  expect(outcome).toMatchObject({ sent: 3, passed: 3 });
  expect(await waiting('GID_fail')).toEqual([3, 3]);
  await run('deleteTopic', '-c', cluster.clusterName, '-t', topic);
  const failed = await run('dlq resend', '-g', 'GID_fail', '--all', '--to', 'origin');
  expect(failed).toMatchObject({ exitCode: 4, stdout: '0 dead letters of GID_fail sent again.\n' });
  expect(failed.stderr).toMatch(
    /^nothing was sent, ended at the dead letter [0-9A-F]{32}: the topic T_GID_fail, which/,
  );
  expect(await waiting('GID_fail')).toEqual([3, 3]);
});

it('drops and takes it back', async () => {
  await groupWithLetters('GID_drop');
  const unasked = await run('dlq drop', '-g', 'GID_drop');
  expect(unasked).toEqual({
    stdout: '',
    stderr: 'Nothing was dropped: --yes is needed for 6 dead letters of GID_drop.\n',
    exitCode: 2,
  });
  expect((await run('dlq drop', '-g', 'GID_drop', '--count', '1', '--yes')).stdout).toBe(
    '2 dead letters of GID_drop dropped.\n',
  );
  expect(await waiting('GID_drop')).toEqual([4, 2]);
  expect((await run('dlq drop', '-g', 'GID_drop', '--yes')).stdout).toBe('4 dead letters of GID_drop dropped.\n');
  expect((await run('dlq list')).stdout).toMatch(/\nGID_drop {23}0 {5}6 {2}- {18} {2}-\n/);
  expect(await run('dlq peek', '-g', 'GID_drop')).toMatchObject({ stdout: '', exitCode: 4 });
  expect((await run('dlq export', '-g', 'GID_drop')).stdout).toBe('');
  expect((await run('dlq peek', '-g', 'GID_drop', '--handled')).stdout).toMatch(
    /^broker-a queue 0 offset 0, dealt with\n/,
  );
  const back = await json('dlq drop', '-g', 'GID_drop', '--undo', '--yes');
  expect(back).toEqual({ consumerGroup: 'GID_drop', undone: 6 });
  expect(await waiting('GID_drop')).toEqual([6, 0]);
});

it('says what is wrong with a line, a group, a server', async () => {
  for (const name of ['dlq list', 'dlq peek', 'dlq export', 'dlq drop', 'dlq resend']) {
    const options = name === 'dlq resend' ? ['--all'] : [];
    expect(await run(name, '-g', 'GID_none', ...options)).toMatchObject({
      exitCode: 4,
      stderr: expect.stringMatching(/^the group GID_none has no dead letters: /),
    });
    expect(await runCommand([...name.split(' '), '-n', '127.0.0.1:1', '-g', 'G', ...options])).toMatchObject({
      exitCode: 3,
    });
  }
  expect(await run('dlq resend', '-g', 'G')).toMatchObject({
    exitCode: 2,
    stderr: 'One of --all, --id, --key and --match is required.\n',
  });
  expect(await run('dlq resend', '-g', 'G', '--all', '--handled')).toMatchObject({ exitCode: 2 });
  expect(await run('dlq resend', '-g', 'G', '--all', '--rate', '0')).toMatchObject({ exitCode: 2 });
  expect(await run('dlq resend', '-g', 'G', '--all', '--to', 'x')).toMatchObject({ exitCode: 2 });
  expect(await run('dlq peek', '-g', 'G', '--match', '/(/')).toMatchObject({ exitCode: 2 });
  expect(existsSync(join(process.cwd(), 'dlq-G.json'))).toBe(false);
});
