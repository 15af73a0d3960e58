/**
 * The ways to make a topic and to change it: by cluster and by broker, read and write queues apart, permissions, the order
 * configuration, automatic creation, and the steps of RocketMQ's runbook for fewer queues, typed by hand.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-modes-'));
let cluster: LocalCluster;
beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings: { brokerName: 'broker-a' } });
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (...argv: string[]): Promise<Seen> => runCommand([...argv, '-n', cluster.namesrvAddr]);
const done = async (...argv: string[]): Promise<string> => {
  const seen = await run(...argv);
  expect(seen).toMatchObject({ exitCode: 0 });
  return seen.stdout;
};
const queueData = async (topic: string): Promise<object> =>
  JSON.parse(await done('topicRoute', '-t', topic, '--output', 'json')).queueDatas[0];

describe('topics', () => {
  it('are made by cluster and by broker, with read and write queues apart and with permissions', async () => {
    await done('updateTopic', '-c', 'DefaultCluster', '-t', 'ByCluster', '-r', '6', '-w', '3', '-p', '4');
    expect(await queueData('ByCluster')).toMatchObject({ readQueueNums: 6, writeQueueNums: 3, perm: 4 });
    await done('updateTopic', '-b', cluster.brokerAddr, '-t', 'ByBroker');
    expect(await queueData('ByBroker')).toMatchObject({ readQueueNums: 8, writeQueueNums: 8, perm: 6 });
    await done('updateTopicPerm', '-b', cluster.brokerAddr, '-t', 'ByBroker', '-p', '2');
    expect(await queueData('ByBroker')).toMatchObject({ perm: 2 });
  });

  it('are made by the first message, with the queues a client asks for', async () => {
    await done('sendMessage', '-t', 'ByItself', '-p', 'x');
    await expect.poll(() => queueData('ByItself')).toMatchObject({ readQueueNums: 4, writeQueueNums: 4, perm: 6 });
    await done('updateBrokerConfig', '-b', cluster.brokerAddr, '-k', 'autoCreateTopicEnable', '-v', 'false');
    expect(await run('sendMessage', '-t', 'NotByItself', '-p', 'x')).toMatchObject({ exitCode: 4 });
    await done('updateBrokerConfig', '-b', cluster.brokerAddr, '-k', 'autoCreateTopicEnable', '-v', 'true');
  });
});

describe('updateOrderConf', () => {
  const conf = (...more: string[]): Promise<Seen> => run('updateOrderConf', '-t', 'OpsOrder', ...more);

  it('writes, shows and removes what mqadmin does, in its words', async () => {
    // As recorded with 4.9.7: no line end, and a blank behind what was got.
    const steps: [string[], string][] = [
      [
        ['-m', 'put', '-v', 'broker-a:4;broker-b:4'],
        'update orderConf success. topic=[OpsOrder], orderConf=[broker-a:4;broker-b:4]',
      ],
      [['-m', 'get'], 'get orderConf success. topic=[OpsOrder], orderConf=[broker-a:4;broker-b:4] '],
      [['-m', 'delete'], 'delete orderConf success. topic=[OpsOrder]'],
    ];
    for (const [args, stdout] of steps) expect(await conf(...args)).toEqual({ stdout, stderr: '', exitCode: 0 });
    expect(await conf('-m', 'get')).toMatchObject({
      stdout: '',
      exitCode: 4,
      stderr: expect.stringContaining('CODE: 22'),
    });
    expect(await conf('-m', 'put')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('please set orderConf'),
    });
    expect(await conf('-m', 'list')).toMatchObject({ exitCode: 2 });
  });

  it('shows what updateTopic -o true has written, and routes hand it out where the name server does', async () => {
    await done('updateTopic', '-c', 'DefaultCluster', '-t', 'InOrder', '-r', '4', '-w', '4', '-o', 'true');
    expect(await done('updateOrderConf', '-t', 'InOrder', '-m', 'get')).toContain('orderConf=[broker-a:4]');
    await done('updateNamesrvConfig', '-k', 'orderMessageEnable', '-v', 'true');
    expect(await done('topicRoute', '-t', 'InOrder')).toContain('"orderTopicConf":"broker-a:4"');
  });
});

describe('the runbook for fewer queues, by hand', () => {
  it('write queues first, drain, read queues last', async () => {
    const update = (read: string, write: string): Promise<string> =>
      done('updateTopic', '-c', 'DefaultCluster', '-t', 'RbShrink', '-r', read, '-w', write);
    await update('16', '16');
    for (let queue = 0; queue < 16; queue++) {
      await done('sendMessage', '-t', 'RbShrink', '-p', 'x', '-b', 'broker-a', '-i', String(queue));
    }
    await update('16', '8');
    expect(await done('topicRoute', '-t', 'RbShrink', '-l')).toMatch(/ 16 +8 +6 *\n/);
    await done('subscribe', 'RbShrink', '-g', 'GID_rb_shrink', '--from', 'first', '--count', '16');
    const progress = await done('consumerProgress', '-g', 'GID_rb_shrink');
    expect([...progress.matchAll(/^RbShrink +broker-a +(\d+) +1 +1 +0 /gm)].map((match) => match[1])).toHaveLength(16);
    await update('8', '8');
    expect((await done('topicStatus', '-t', 'RbShrink')).trimEnd().split('\n')).toHaveLength(9);
  });
});
