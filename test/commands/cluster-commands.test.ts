/**
 * Every command of mqadmin against a namesrv and a broker in this process.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { recorded } from '../cli/fixtures/recorded.ts';
import { runCommand, type Seen } from './run-command.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-test-'));
let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir, brokerSettings: { brokerName: 'broker-a' } });
});

afterAll(async () => {
  await cluster?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const run = (name: string, ...options: string[]): Promise<Seen> =>
  runCommand([name, '-n', cluster.namesrvAddr, ...options]);

/** The result as a program reads it. */
async function json<T>(name: string, ...options: string[]): Promise<T> {
  const seen = await run(name, ...options, '--output', 'json');
  expect(seen).toMatchObject({ stderr: '', exitCode: 0 });
  return JSON.parse(seen.stdout);
}

/** A topic of its own for each test, with its route known to the namesrv. */
async function makeTopic(topic: string, queues: number): Promise<void> {
  const made = await run('updateTopic', '-c', 'DefaultCluster', '-t', topic, '-r', `${queues}`, '-w', `${queues}`);
  expect(made).toMatchObject({ stderr: '', exitCode: 0 });
  await expect.poll(async () => (await run('topicRoute', '-t', topic)).exitCode).toBe(0);
}

describe('updateTopic', () => {
  const settings = (topic: string, queues: number, order = false): string =>
    `TopicConfig [topicName=${topic}, readQueueNums=${queues}, writeQueueNums=${queues}, perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, order=${order}]`;

  it('on a cluster and on a broker', async () => {
    const created = `create topic to ${cluster.brokerAddr} success.\n`;
    expect(await run('updateTopic', '-c', 'DefaultCluster', '-t', 'UpdateA')).toEqual({
      stdout: created + settings('UpdateA', 8),
      stderr: '',
      exitCode: 0,
    });
    const onBroker = ['updateTopic', '-b', cluster.brokerAddr, '-tUpdateB', '-r4', '-w=4'];
    expect((await runCommand(onBroker)).stderr).toBe('-w must be a whole number, not "=4".\n');
    // With -b no name server is needed.
    expect(await runCommand([...onBroker.slice(0, -1), '--writeQueueNums=4'])).toMatchObject({
      stdout: created + settings('UpdateB', 4),
      exitCode: 0,
    });
  });

  it('with an order configuration', async () => {
    const seen = await run(
      'updateTopic',
      '-c',
      'DefaultCluster',
      '-t',
      'UpdateOrder',
      '-r',
      '4',
      '-w',
      '4',
      '-o',
      'true',
    );
    expect(seen.stdout).toBe(
      `create topic to ${cluster.brokerAddr} success.\nset cluster orderConf. isOrder=true, orderConf=[broker-a:4]${settings('UpdateOrder', 4, true)}`,
    );
  });

  it('on an unknown cluster: the original sentence, no topic line, exit code 4', async () => {
    expect(await run('updateTopic', '-c', 'NoCluster', '-t', 'X')).toEqual({
      stdout: '[error] Make sure the specified clusterName exists or the name server connected to is correct.',
      stderr: 'the cluster NoCluster does not exist.\nSubCommandException: UpdateTopicSubCommand command failed\n',
      exitCode: 4,
    });
  });

  it('with a name the broker refuses', async () => {
    const seen = await runCommand(['updateTopic', '-b', cluster.brokerAddr, '-t', 'bad topic!'], { terminal: true });
    expect(seen).toEqual({
      stdout: '',
      stderr: 'CODE: 1  DESC: The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$.\n',
      exitCode: 1,
    });
  });

  it('on a broker that does not listen', async () => {
    const seen = await runCommand(['updateTopic', '-b', '127.0.0.1:1', '-t', 'X']);
    expect(seen.stderr).toMatch(/^connect to 127\.0\.0\.1:1 failed: /);
    expect(seen.exitCode).toBe(3);
  });
});

describe('topicList', () => {
  it('names, one a line', async () => {
    await makeTopic('ListedTopic', 1);
    const { stdout, exitCode } = await run('topicList');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['ListedTopic', 'TBW102', 'broker-a', 'DefaultCluster']));
    expect([stdout.endsWith('\n'), exitCode]).toEqual([true, 0]);
    expect((await json<string[]>('topicList')).sort()).toEqual(stdout.trimEnd().split('\n').sort());
  });

  it('with clusters', async () => {
    const { stdout } = await run('TOPICLIST', '-c');
    expect(stdout).toMatch(/^#Cluster Name {9}#Topic {44}#Consumer Group {33}\n/);
    expect(stdout).toMatch(/\nDefaultCluster {8}TBW102 {60} {64}\n/);
    expect(await json('topicList', '-c')).toContainEqual({
      clusterName: 'DefaultCluster',
      topic: 'TBW102',
      consumerGroup: '',
    });
  });
});

describe('topicRoute and topicStatus', () => {
  it('of a topic', async () => {
    await makeTopic('RouteTopic', 2);
    const { stdout } = await run('topicRoute', '-t', 'RouteTopic');
    expect(stdout).toContain(`\t\t\t"brokerAddrs":{0:"${cluster.brokerAddr}"\n\t\t\t},\n`);
    const list = await run('topicRoute', '-l', '-t', 'RouteTopic');
    expect(list.stdout).toContain(`\nTotal:${' '.repeat(40)}1${' '.repeat(83)}2          2`);
    expect(await json('topicRoute', '-t', 'RouteTopic')).toMatchObject({
      brokerDatas: [{ brokerAddrs: { 0: cluster.brokerAddr }, brokerName: 'broker-a', cluster: 'DefaultCluster' }],
      queueDatas: [{ readQueueNums: 2, writeQueueNums: 2, perm: 6 }],
    });
    const status = await run('topicStatus', '-t', 'RouteTopic');
    expect(await json('topicStatus', '-t', 'RouteTopic')).toEqual(
      [0, 1].map((queueId) => ({
        topic: 'RouteTopic',
        brokerName: 'broker-a',
        queueId,
        minOffset: 0,
        maxOffset: 0,
        lastUpdateTimestamp: 0,
        writable: true,
        readable: true,
      })),
    );
    expect(status.stdout.split('\n').slice(1, 3)).toEqual([
      `broker-a${' '.repeat(26)}0     0                     0${' '.repeat(23)}`,
      `broker-a${' '.repeat(26)}1     0                     0${' '.repeat(23)}`,
    ]);
  });

  it('as a document also the queues of a shrinking topic that are only read', async () => {
    await makeTopic('Shrinking', 2);
    for (const queue of ['0', '1', '1'])
      await run('sendMessage', '-t', 'Shrinking', '-b', 'broker-a', '-i', queue, '-p', 'm');
    await run('updateTopic', '-b', cluster.brokerAddr, '-t', 'Shrinking', '-r', '2', '-w', '1');
    interface Queue {
      queueId: number;
      maxOffset: number;
      lastUpdateTimestamp: number;
      writable: boolean;
      readable: boolean;
    }
    let queues: Queue[] = [];
    do queues = await json<Queue[]>('topicStatus', '-t', 'Shrinking');
    while (queues[1]?.writable !== false);
    expect(queues).toMatchObject([
      { queueId: 0, maxOffset: 1, writable: true, readable: true },
      { queueId: 1, maxOffset: 2, writable: false, readable: true },
    ]);
    expect(queues[1]?.lastUpdateTimestamp).toBeGreaterThan(Date.now() - 60_000);
    expect((await run('topicStatus', '-t', 'Shrinking')).stdout.trimEnd().split('\n')).toHaveLength(2);
  });

  it('and who would get its queues, as recorded', async () => {
    await makeTopic('OrderTopic', 4);
    const allocate = (ipList: string) => run('allocateMQ', '-t', 'OrderTopic', '-i', ipList);
    expect(await allocate('10.0.0.1,10.0.0.2')).toEqual({
      stdout: recorded('allocateMQ', 1).stdout,
      stderr: '',
      exitCode: 0,
    });
    expect(await allocate('a,b,c,')).toEqual({ stdout: recorded('allocateMQ', 2).stdout, stderr: '', exitCode: 0 });
    expect(await allocate('a,,b')).toMatchObject({ stdout: '', exitCode: 2 });
    expect(await json('allocateMQ', '-t', 'OrderTopic', '-i', 'a')).toEqual({
      result: { a: [1, 0, 3, 2].map((queueId) => ({ topic: 'OrderTopic', brokerName: 'broker-a', queueId })) },
    });
  });

  it.each(['topicRoute', 'topicStatus'])('%s of an unknown topic: exit code 4', async (name) => {
    expect(await runCommand([name, '-n', cluster.namesrvAddr, '-t', 'Nothing'], { terminal: true })).toEqual({
      stdout: '',
      stderr:
        "the topic Nothing does not exist: 'mqadmin topicList' shows the topics there are, 'mqadmin updateTopic' makes one.\n",
      exitCode: 4,
    });
  });
});

describe('sendMessage and consumeMessage', () => {
  interface Consumed {
    messages: { body: string; properties: Record<string, string>; queueId: number }[];
    queues: { kind: string; offset: number }[];
  }

  it('a message goes in and comes out', async () => {
    await makeTopic('MessageTopic', 2);
    const options = [
      '-t',
      'MessageTopic',
      '-p',
      '"hello 中"',
      '-c',
      'TagA',
      '-k',
      'k1 k2',
      '-b',
      'broker-a',
      '-i',
      '1',
    ];
    const sent = await run('sendMessage', ...options);
    expect(sent.stdout).toMatch(
      /^#Broker Name {22}#QID {2}#Send Result {12}#MsgId\nbroker-a {26}1 {5}SEND_OK {17}[0-9A-F]{32}\n$/,
    );
    const msgId = sent.stdout.trimEnd().slice(-32);
    const { stdout } = await run('consumeMessage', '-t', 'MessageTopic');
    expect(stdout).toContain(`Consume ok\nMSGID: ${msgId} MessageExt [brokerName=broker-a, queueId=1, storeSize=`);
    expect(stdout).toContain('body=[104, 101, 108, 108, 111, 32, -28, -72, -83], transactionId=');
    expect(stdout).toContain('] BODY: hello 中\n');
    expect(stdout).toContain(
      'MessageQueue [topic=MessageTopic, brokerName=broker-a, queueId=1] print msg finished. status=NO_NEW_MSG, offset=1\n',
    );
    const { messages, queues } = await json<Consumed>('consumeMessage', '-t', 'MessageTopic');
    expect(messages).toMatchObject([
      { body: 'hello 中', queueId: 1, properties: { TAGS: 'TagA', KEYS: 'k1 k2', UNIQ_KEY: msgId } },
    ]);
    expect(queues.map(({ kind, offset }) => [kind, offset]).sort()).toEqual([
      ['end', 0],
      ['end', 1],
    ]);
  });

  it('from an offset, at most so many', async () => {
    await makeTopic('OffsetTopic', 1);
    for (const body of ['a', 'b', 'c', 'd']) {
      expect((await run('sendMessage', '-t', 'OffsetTopic', '-p', body)).exitCode).toBe(0);
    }
    const one = ['-t', 'OffsetTopic', '-b', 'broker-a', '-i', '0'];
    const { stdout } = await run('consumeMessage', ...one, '-o', '1', '-c', '2');
    expect(stdout).toMatch(/^The oldler 2 message will be provided\nConsume ok\n/);
    expect([...stdout.matchAll(/ BODY: (.)\n/g)].map((match) => match[1])).toEqual(['b', 'c']);
    expect((await run('consumeMessage', ...one, '-o', '99')).stdout).toBe(
      'MessageQueue [topic=OffsetTopic, brokerName=broker-a, queueId=0] no matched msg, offset=99\n',
    );
  });

  it('to a broker that does not exist', async () => {
    await makeTopic('NoBrokerTopic', 1);
    const seen = await run('sendMessage', '-t', 'NoBrokerTopic', '-p', 'x', '-b', 'broker-z', '-i', '0');
    expect(seen.stdout).toBe('');
    expect(seen.stderr).toMatch(/broker-z.*\nSubCommandException: SendMessageCommand command failed\n$/s);
    expect(seen.exitCode).toBe(4);
  });

  it('of an unknown topic', async () => {
    const seen = await run('consumeMessage', '-t', 'Nothing');
    expect(seen).toMatchObject({ stdout: '', exitCode: 4 });
  });
});

describe('clusterList', () => {
  it('with load and with totals', async () => {
    const { stdout, exitCode } = await run('clusterList');
    const [heading, row, end] = stdout.split('\n');
    expect(heading).toMatch(/^#Cluster Name {5}#Broker Name .* #SPACE$/);
    expect(row).toMatch(
      new RegExp(
        `^DefaultCluster {4}broker-a {16}0 {5}${cluster.brokerAddr} +V4_9_7 .*\\(\\d+,\\d+ms\\) .* [01]\\.\\d{4}$`,
      ),
    );
    expect([end, exitCode]).toEqual(['', 0]);
    expect((await run('clusterList', '-m')).stdout).toMatch(/\nDefaultCluster {4}broker-a +\d+ +\d+ +\d+ +\d+\n$/);
    expect(await json('clusterList')).toMatchObject([
      {
        clusterName: 'DefaultCluster',
        brokerName: 'broker-a',
        brokerId: 0,
        brokerAddr: cluster.brokerAddr,
        pageCacheLockTimeMills: 0,
      },
    ]);
  });

  it('as yaml', async () => {
    const seen = await run('clusterList', '-o', 'yaml');
    expect(seen.stdout).toMatch(/^- clusterName: DefaultCluster\n {2}brokerName: broker-a\n/);
  });
});
