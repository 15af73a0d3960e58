/**
 * subscribe: a member of a group in this process, and the built program where signals and pipes count (`npm run build`).
 */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { BuiltCommands } from '../support/built-commands.ts';
import { runCommand, type Seen } from './run-command.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-subscribe-'));
let cluster: LocalCluster;
let producer: Producer;
let built: BuiltCommands;

beforeAll(async () => {
  built = new BuiltCommands();
  cluster = await startLocalCluster({ dataDir, brokerSettings: { brokerName: 'broker-a' } });
  producer = new Producer({ group: 'P', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
});

afterAll(async () => {
  await producer?.stop();
  await built?.end();
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const run = (...options: string[]): Promise<Seen> => runCommand(['subscribe', '-n', cluster.namesrvAddr, ...options]);

/** A topic of one queue with these bodies, the first tagged A, the next B, and so on. */
async function fill(topic: string, ...bodies: string[]): Promise<void> {
  await runCommand(['updateTopic', '-n', cluster.namesrvAddr, '-b', cluster.brokerAddr, '-t', topic, '-r1', '-w1']);
  for (const [i, body] of bodies.entries()) {
    await producer.send({ topic, body, keys: `k${i}`, tags: i % 2 === 0 ? 'A' : 'B' });
  }
}

const bodies = ({ stdout }: { stdout: string }): string[] =>
  [...stdout.matchAll(/\t([^\t]*)\n/g)].map(([, body]) => body ?? '');

describe('subscribe', () => {
  it('prints a line for each message, and goes on behind them the next time', async () => {
    await fill('Lines', 'one', 'two\nlines \u001b[31m', 'three');
    const first = await run('Lines', '-g', 'G', '--count', '2');
    expect(first).toMatchObject({ stderr: '', exitCode: 0 });
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`;
    expect(first.stdout).toMatch(
      new RegExp(`^${time}\tbroker-a:0:0\tA\tk0\tone\n${time}\tbroker-a:0:1\tB\tk1\ttwo\\\\nlines \\\\u001b\\[31m\n$`),
    );
    expect(bodies(await run('Lines', '-g', 'G', '--count', '1'))).toEqual(['three']);
  });

  it('prints JSON lines and YAML documents', async () => {
    await fill('Forms', 'm0', 'm1');
    const json = await run('Forms', '-g', 'GJson', '--count', '2', '--output', 'json');
    const messages = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(messages).toMatchObject([
      { topic: 'Forms', brokerName: 'broker-a', queueId: 0, queueOffset: 0, body: 'm0', properties: { KEYS: 'k0' } },
      { topic: 'Forms', queueOffset: 1, body: 'm1', properties: { TAGS: 'B' } },
    ]);
    const yaml = await run('Forms', '-g', 'GYaml', '--count', '2', '--output', 'yaml');
    expect(yaml.stdout.match(/^---\ntopic: Forms$/gm)).toHaveLength(2);
  });

  it('gets the tags asked for, and with broadcasting everything', async () => {
    await fill('Tags', 'a0', 'b0', 'a1', 'b1');
    expect(bodies(await run('Tags', '-g', 'GTags', '--tags', 'B || C', '--count', '2'))).toEqual(['b0', 'b1']);
    const home = process.env.HOME;
    process.env.HOME = dataDir;
    try {
      for (const got of [['a0', 'b0', 'a1'], ['b1']]) {
        const seen = await run(
          'Tags',
          '-g',
          'GAll',
          '--model',
          'broadcasting',
          '--from',
          'first',
          '--count',
          `${got.length}`,
        );
        expect(bodies(seen)).toEqual(got);
      }
    } finally {
      process.env.HOME = home;
    }
  });

  it('begins where it is told, and takes the queues in order when asked', async () => {
    await fill('From', 'm0', 'm1', 'm2');
    expect(bodies(await run('From', '-g', 'GFrom', '--ordered', '--from', 'first', '--count', '2'))).toEqual([
      'm0',
      'm1',
    ]);
    // The queue is not locked any more.
    expect(bodies(await run('From', '-g', 'GFrom', '--ordered', '--count', '1'))).toEqual(['m2']);
  });

  it.each([
    [['-g', 'G'], 'needs the name of a topic'],
    [['T'], '-g'],
    [['T', '-g', 'G', '--tags', 'A', '--sql', 'a = 1'], '--tags or --sql'],
    [['T', '-g', 'G', '--count', '0'], '--count'],
    [['T', '-g', 'G', '--from', 'yesterday'], '--from'],
    [['T', '-g', 'G', '--model', 'both'], '--model'],
  ])('does not take %j', async (options, said) => {
    const seen = await run(...options);
    expect(seen.exitCode).toBe(2);
    expect(seen.stderr + seen.stdout).toContain(said);
  });

  it('ends when the topic does not exist, or the brokers cannot filter so', async () => {
    expect(await run('Nowhere', '-g', 'G')).toMatchObject({ stdout: '', exitCode: 4 });
    await fill('Sql', 'm');
    const refused = await run('Sql', '-g', 'GSql', '--sql', 'a > 1');
    expect(refused).toMatchObject({ stdout: '', exitCode: 1 });
    expect(refused.stderr).toContain('SQL92');
  });
});

describe('subscribe --sql', () => {
  it('gets what matches, where the brokers filter so', async () => {
    const settings = { brokerName: 'broker-a', enablePropertyFilter: 'true' };
    const filtering = await startLocalCluster({ dataDir: join(dataDir, 'sql'), brokerSettings: settings });
    const sender = new Producer({ group: 'P', namesrvAddr: filtering.namesrvAddr });
    try {
      await sender.start();
      for (const weight of [1, 5, 2, 7]) {
        await sender.send({ topic: 'Weights', body: `w${weight}`, properties: { weight: `${weight}` } });
      }
      const options = ['-g', 'GSql', '--from', 'first', '--sql', 'weight > 3', '--count', '2'];
      const seen = await runCommand(['subscribe', '-n', filtering.namesrvAddr, 'Weights', ...options]);
      expect(seen).toMatchObject({ stderr: '', exitCode: 0 });
      expect(bodies(seen).sort()).toEqual(['w5', 'w7']);
    } finally {
      await sender.stop();
      await filtering.stop();
    }
  });
});

describe('the built subscribe', () => {
  it('goes on until Ctrl-C, and has committed and left then', async () => {
    await fill('Live', 'm0');
    const child = built.start(['subscribe', 'Live', '-g', 'GLive', '-n', cluster.namesrvAddr]);
    await built.saw(child, /m0\n/);
    const later = built.saw(child, /m1\n/);
    await producer.send({ topic: 'Live', body: 'm1' });
    await later;
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(130);
    await producer.send({ topic: 'Live', body: 'm2' });
    expect(bodies(await run('Live', '-g', 'GLive', '--count', '1'))).toEqual(['m2']);
  });

  it.each([[[]], [['--ordered']]])('into head ends quietly, and loses nothing %j', async (options) => {
    const topic = `Head${options.length}`;
    await fill(topic, 'm0', 'm1', 'm2', 'm3');
    const child = built.start(['subscribe', topic, '-g', 'GHead', '-n', cluster.namesrvAddr, ...options]);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    await built.saw(child, /m3\n/);
    child.stdout?.destroy();
    await producer.send({ topic, body: 'm4' });
    await once(child, 'exit');
    expect({ stderr, exitCode: child.exitCode }).toEqual({ stderr: '', exitCode: 141 });
    expect(bodies(await run(topic, '-g', 'GHead', '--count', '1', ...options))).toEqual(['m4']);
  });
});
