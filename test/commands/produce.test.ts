/**
 * produce, and what sendMessage takes beside mqadmin's options: in this process, and the built program where stdin and
 * signals count (`npm run build`).
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import type { MessageExt } from '../../src/core/message/message.ts';
import { BuiltCommands } from '../support/built-commands.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-produce-'));
let cluster: LocalCluster;
let built: BuiltCommands;

beforeAll(async () => {
  built = new BuiltCommands();
  const brokerSettings = { brokerName: 'broker-a', messageDelayLevel: '1s 7s' };
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings });
});

afterAll(async () => {
  await built?.end();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (...argv: string[]): Promise<Seen> => runCommand([...argv, '-n', cluster.namesrvAddr]);

async function made(topic: string, queues = 1): Promise<string> {
  const nums = [`-r${queues}`, `-w${queues}`];
  expect(await run('updateTopic', '-b', cluster.brokerAddr, '-t', topic, ...nums)).toMatchObject({ exitCode: 0 });
  return topic;
}

function file(name: string, ...lines: string[]): string {
  const path = join(dir, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** What is in the topic, by queue and offset. */
async function stored(topic: string, count: number): Promise<(MessageExt & { body: unknown })[]> {
  const argv = [
    'subscribe',
    topic,
    '-g',
    `G_${topic}`,
    '--from',
    'first',
    '--count',
    String(count),
    '--output',
    'json',
  ];
  const { stdout } = await run(...argv);
  const messages: MessageExt[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return messages.sort((a, b) => a.queueId - b.queueId || a.queueOffset - b.queueOffset);
}

const bodies = async (topic: string, count: number): Promise<unknown[]> =>
  (await stored(topic, count)).map(({ body }) => body);

describe('produce', () => {
  it.each(['--sync', '--async', '--oneway', '--batch=7'])('%s: a message a line, each as it stands', async (mode) => {
    const topic = await made(`Lines${mode.replace(/\W/g, '')}`);
    const lines = Array.from({ length: 50 }, (_, i) => ` line ${i} {{n}}`);
    const { stdout, ...rest } = await run('produce', topic, '-f', file('lines.txt', ...lines, ''), mode);
    expect(rest).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(
      new RegExp(`^50 messages sent to ${topic}: \\d+ bytes in \\d+\\.\\d\\d s\n {2}[\\d,]+ a second\n`),
    );
    expect(/latency: p50 .* ms\n$/.test(stdout)).toBe(mode !== '--oneway');
    expect((await bodies(topic, 50)).sort()).toEqual([...lines].sort());
  });

  it('fills in a template, with keys and properties', async () => {
    const topic = await made('Template');
    const options = ['-p', 'order {{n}} {{random 3}}', '--keys', 'k{{n}}', '--tags', 'A'];
    const properties = ['--property', 'a={{n}}', '--property', 'b=x=y'];
    expect(await run('produce', topic, '--count', '3', '--sync', ...options, ...properties)).toMatchObject({
      exitCode: 0,
    });
    const messages = await stored(topic, 3);
    expect(messages.map(({ body }) => String(body))).toEqual([
      expect.stringMatching(/^order 1 \w{3}$/),
      expect.stringMatching(/^order 2 \w{3}$/),
      expect.stringMatching(/^order 3 \w{3}$/),
    ]);
    expect(messages[1]?.properties).toMatchObject({ KEYS: 'k2', TAGS: 'A', a: '2', b: 'x=y' });
  });

  it('keeps messages of one sharding key in one queue, in their order', async () => {
    const topic = await made('Sharded', 4);
    const lines = Array.from({ length: 40 }, (_, i) => JSON.stringify({ body: `${i}`, shardingKey: `k${i % 5}` }));
    expect(await run('produce', topic, '-f', file('s.jsonl', ...lines), '--sync')).toMatchObject({ exitCode: 0 });
    const byKey = new Map<string, [queues: Set<number>, order: number[]]>();
    for (const { queueId, body, properties } of await stored(topic, 40)) {
      const [queues, order] = byKey.get(properties.__SHARDINGKEY ?? '') ?? [new Set<number>(), []];
      byKey.set(properties.__SHARDINGKEY ?? '', [queues.add(queueId), [...order, Number(body)]]);
    }
    expect(byKey.size).toBe(5);
    for (const [queues, order] of byKey.values()) {
      expect(queues.size).toBe(1);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
  });

  it.each(['--sync', '--async', '--batch=100'])(
    '%s stops at a broken line of a thousand: the lines before it are sent',
    async (mode) => {
      const topic = await made(`Broken${mode.replace(/\W/g, '')}`);
      const lines = Array.from({ length: 1000 }, (_, i) => (i === 699 ? '{"body":' : `{"body":"${i}"}`));
      const { stdout, stderr, exitCode } = await run('produce', topic, '-f', file('broken.jsonl', ...lines), mode);
      expect(stderr).toBe('Line 700 is no message: it is no JSON. 699 messages were sent before it.\n');
      expect(stdout).toMatch(/^699 messages sent[\s\S]* {2}1 line not sent: 700\n$/);
      expect(exitCode).toBe(2);
      expect(new Set(await bodies(topic, 699))).toEqual(new Set(Array.from({ length: 699 }, (_, i) => `${i}`)));
    },
  );

  it('goes on behind broken lines when told to, and names them', async () => {
    const topic = await made('GoOn');
    const lines = Array.from({ length: 300 }, (_, i) => (i % 100 === 50 ? 'no' : `{"body":"${i}"}`));
    const argv = ['produce', topic, '-f', file('on.jsonl', ...lines), '--continue-on-error', '--output', 'json'];
    const { stdout, stderr, exitCode } = await run(...argv);
    expect(JSON.parse(stdout)).toMatchObject({
      topic,
      sent: 297,
      failed: 3,
      failedNumbers: [51, 151, 251],
      mode: 'async',
    });
    expect(stderr).toBe('3 of 300 messages were not sent; line 51 is no message: it is no JSON.\n');
    expect(exitCode).toBe(7);
  });

  it('says which line a broker refused, and how many were sent', async () => {
    const topic = await made('Refused');
    const lines = ['{"body":"a"}', '{"body":"b","topic":"RMQ_SYS_TRANS_HALF_TOPIC"}', '{"body":"c"}'];
    const path = file('refused.jsonl', ...lines);
    const { stderr, exitCode } = await run('produce', topic, '-f', path, '--sync');
    expect(stderr).toMatch(/^Line 2 was not sent: CODE: \d+ .* 1 message was sent before it\.\n$/);
    expect(exitCode).toBeGreaterThan(0);
    expect(await run('produce', topic, '-f', path, '--continue-on-error')).toMatchObject({ exitCode: 7 });
    expect((await bodies(topic, 3)).sort()).toEqual(['a', 'a', 'c']);
  });

  it.each([
    [['X'], /^Give one of --stdin, --file, --body and --size/],
    [['X', '-p', 'a', '--size', '3'], /^Give one of --stdin/],
    [['-p', 'a'], /^produce needs the name of a topic/],
    [['X', '-p', 'a', '--sync', '--batch', '3'], /^Give one of --sync/],
    [['X', '-p', 'a', '--count', '0'], /^--count is a number from 1/],
    [['X', '-p', '{{what}}'], /^There is no \{\{what\}\}/],
    [['X', '-p', 'a', '--property', 'TAGS=x'], /is used by system/],
    [['X', '-p', 'a', '--delay', 'soon'], /^"soon" is no delay level/],
  ])('%j is refused before anything is sent', async (argv, why) => {
    const { stderr, exitCode } = await run('produce', ...argv);
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(2);
  });

  it('keeps to a rate, and delays by the levels of the broker', async () => {
    const topic = await made('Slow');
    const argv = [
      'produce',
      topic,
      '--size',
      '9',
      '--count',
      '4',
      '--rate',
      '20/s',
      '--delay',
      '7s',
      '--output',
      'json',
    ];
    const { stdout, exitCode } = await run(...argv);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sent: 4, bytes: 36 });
    expect(JSON.parse(stdout).seconds).toBeGreaterThan(0.145);
    expect(await run('produce', topic, '-p', 'x', '--delay', '10s')).toMatchObject({
      stderr: '"10s" is no delay level: there are 1 to 2, which are 1s 7s.\n',
      exitCode: 2,
    });
  });

  it('reads stdin, shows no progress in a pipe, and Ctrl-C waits for what is under way', async () => {
    const topic = await made('Stdin');
    const child = spawn(process.execPath, ['bin/run.cjs', 'produce', topic, '--stdin', '-n', cluster.namesrvAddr], {
      cwd: new URL('../..', import.meta.url),
      env: { PATH: process.env.PATH, HOME: dir },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const finished = built.finish(child);
    child.stdin.write('one\ntwo\nthree\nunfinished');
    expect(await bodies(topic, 3)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
    child.kill('SIGINT');
    const { stdout, stderr, exitCode } = await finished;
    expect([stdout, stderr, exitCode]).toEqual([expect.stringMatching(/^3 messages sent to Stdin: /), '', 130]);
  });
});

describe('sendMessage', () => {
  it('takes properties, a sharding key and a delay', async () => {
    const topic = await made('One', 4);
    const options = ['--property', 'a=b', '--property', 'c=d e', '--sharding-key', 'order-1', '--delay', '1s'];
    const { stdout, exitCode } = await run('sendMessage', '-t', topic, '-p', 'x', '-c', 'A', ...options);
    expect(exitCode).toBe(0);
    const [message] = await stored(topic, 1);
    expect(message?.properties).toMatchObject({ a: 'b', c: 'd e', TAGS: 'A', __SHARDINGKEY: 'order-1' });
    // Java: "order-1".hashCode() % 4
    expect(message?.queueId).toBe(2);
    expect(stdout).toMatch(/^#Broker Name {22}#QID /);
    expect((message?.storeTimestamp ?? 0) - (message?.bornTimestamp ?? 0)).toBeGreaterThanOrEqual(900);
  });

  it.each([
    [['--property', 'x'], '--property is name=value, not "x".\n'],
    [['--delay', '19'], '"19" is no delay level: there are 1 to 2, which are 1s 7s.\n'],
  ])('refuses %j', async (options, why) => {
    const { stderr, exitCode } = await run('sendMessage', '-t', 'One', '-p', 'x', ...options);
    expect(stderr).toContain(why);
    expect(exitCode).toBe(2);
  });
});
