/**
 * The commands about consumer groups against a namesrv and a broker in this process, with consumers of ours as members.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PullConsumer } from '../../src/core/client/consumer/pull-consumer.ts';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import type { PushConsumerOptions } from '../../src/core/client/consumer/push-consumer-options.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { recorded } from '../cli/fixtures/recorded.ts';
import { HeldClock } from '../core/client/held-clock.ts';
import { until } from '../core/client/scripted-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-groups-'));
/** How often a consumer commits. */
const PERSIST_MS = 5000;
const DOWN = '127.0.0.1:1';
let cluster: LocalCluster;
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings: { brokerName: 'broker-a' } });
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (name: string, ...options: string[]): Promise<Seen> =>
  runCommand([...name.split(' '), '-n', cluster.namesrvAddr, ...options]);
const seen = (stdout: string, stderr = '', exitCode = 0): Seen => ({ stdout, stderr, exitCode });
const asRecorded = (name: string, number: number): string =>
  recorded(name, number).stdout.replaceAll('127.0.0.1:30911', cluster.brokerAddr);

async function json<T>(name: string, ...options: string[]): Promise<T> {
  const { stdout, ...rest } = await run(name, ...options, '--output', 'json');
  expect(rest).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

async function topicOf(topic: string, messages: number, queues = 2): Promise<string> {
  const made = await run(
    'updateTopic',
    '-c',
    'DefaultCluster',
    '-t',
    topic,
    `-r${queues}`,
    `-w${queues}`,
    '--wait-route',
  );
  expect(made).toMatchObject({ stderr: '', exitCode: 0 });
  const producer = new Producer({ group: `P_${topic}`, namesrvAddrs: [cluster.namesrvAddr] });
  running.push(producer);
  await producer.start();
  for (let i = 0; i < messages; i++) {
    const mq = { topic, brokerName: 'broker-a', queueId: i % queues };
    await producer.send({ topic, body: Buffer.from(`m${i}`) }, { queue: mq });
  }
  return topic;
}

type Consuming = Partial<Omit<PushConsumerOptions, 'ordered'>>;

/** A consumer that commits when the test says so. */
async function consumerOf(group: string, topic: string, options: Consuming = {}) {
  const got: string[] = [];
  const clock = new HeldClock(Date.now());
  const consumer = new PushConsumer({
    group,
    subscriptions: { [topic]: '*' },
    namesrvAddrs: [cluster.namesrvAddr],
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    clock,
    listener: (messages) => {
      for (const { body } of messages) got.push(String(body));
    },
    ...options,
  } as PushConsumerOptions);
  running.push(consumer);
  await consumer.start();
  return { consumer, got, pass: (ms: number) => clock.advance(ms), commit: () => clock.advance(PERSIST_MS) };
}

interface Progress {
  rows: { topic: string; queueId: number; brokerOffset: number; consumerOffset: number; clientIp?: string }[];
  diffTotal: number;
}

/** As until(), for what has to be asked. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

/** Offsets of the queues of a topic. */
async function offsets(group: string, topic: string): Promise<number[]> {
  const { rows } = await json<Progress>('consumerProgress', '-g', group);
  return rows.filter((row) => row.topic === topic).map(({ consumerOffset }) => consumerOffset);
}

describe('updateSubGroup, getConsumerConfig and deleteSubGroup', () => {
  it('as recorded', async () => {
    expect(await run('updateSubGroup', '-c', 'DefaultCluster', '-g', 'GID_ops')).toEqual(
      seen(asRecorded('updateSubGroup', 1)),
    );
    const all = ['-s', 'true', '-m', 'false', '-d', 'true', '-q', '2', '-r', '5', '-i', '0', '-w', '1', '-a', 'false'];
    const made = await runCommand(['updateSubGroup', '-b', cluster.brokerAddr, '-g', 'GID_ops2', ...all]);
    expect(made).toEqual(seen(asRecorded('updateSubGroup', 2)));
    expect(await json('getConsumerConfig', '-g', 'GID_ops2')).toMatchObject([
      { brokerName: 'broker-a', subscriptionGroupConfig: { retryQueueNums: 2, retryMaxTimes: 5 } },
    ]);
    const deleted = await runCommand(['deleteSubGroup', '-b', cluster.brokerAddr, '-g', 'GID_ops2']);
    expect(deleted).toEqual(seen(asRecorded('deleteSubGroup', 1)));
    expect(await run('getConsumerConfig', '-g', 'GID_ops2')).toEqual(
      seen(
        '',
        "the consumer group GID_ops2 does not exist: 'mqadmin consumerProgress' shows the groups there are.\n" +
          'SubCommandException: GetConsumerConfigSubCommand command failed\n',
        4,
      ),
    );
    const both = await run('deleteSubGroup', '-c', 'DefaultCluster', '-g', 'GID_ops', '-r', 'true');
    expect(both).toEqual(seen(asRecorded('deleteSubGroup', 2)));
  });

  it.each(['updateSubGroup', 'deleteSubGroup'])(
    '%s of nothing, of an unknown cluster, of a broker that is down',
    async (name) => {
      const neither = name === 'updateSubGroup' ? 4 : 5;
      const usage = recorded(name, neither).stdout;
      expect(await run(name, '-g', 'GID_ops')).toEqual(seen(usage, 'One of -b and -c is required.\n', 2));
      const unknown = await run(name, '-c', 'NoCluster', '-g', 'G');
      expect([unknown.stdout, unknown.exitCode]).toEqual([
        '[error] Make sure the specified clusterName exists or the name server connected to is correct.',
        4,
      ]);
      expect(await run(name, '-b', DOWN, '-g', 'G')).toMatchObject({ stdout: '', exitCode: 3 });
    },
  );

  it('a group that may not consume stops, and goes on when it may', async () => {
    const topic = await topicOf('Disabled', 2);
    const { got, pass } = await consumerOf('GID_disabled', topic);
    await until('both messages', () => got.length === 2);
    await run('updateSubGroup', '-c', 'DefaultCluster', '-g', 'GID_disabled', '-s', 'false');
    expect((await run('sendMessage', '-t', topic, '-p', 'late')).exitCode).toBe(0);
    const refused = await run('consumeMessage', '-t', topic, '-g', 'GID_disabled');
    expect(refused.stderr).toContain('subscription group no permission, GID_disabled');
    expect(got).toHaveLength(2);
    await run('updateSubGroup', '-c', 'DefaultCluster', '-g', 'GID_disabled');
    // A refused pull is repeated after a second.
    await eventually(async () => {
      pass(1000);
      return got.length === 3;
    });
  });
});

describe('consumerProgress', () => {
  it('one group, who has its queues, and all groups', async () => {
    const topic = await topicOf('Progress', 6);
    const { consumer, got, commit } = await consumerOf('GID_progress', topic);
    await until('all', () => got.length === 6);
    commit();
    await eventually(async () => String(await offsets('GID_progress', topic)) === '3,3');
    const { rows } = await json<Progress>('consumerProgress', '-g', 'GID_progress', '-s', 'true');
    const host = consumer.clientId.split('@')[0];
    expect(rows.filter((row) => row.topic === topic).map(({ clientIp }) => clientIp)).toEqual([host, host]);
    const { stdout } = await run('consumerProgress');
    expect(stdout).toMatch(/^GID_progress {54}1 {7}V4_9_7 {19}PUSH {3}CLUSTERING {6}\d+ {7} ?\d+$/m);
    const all = await json<{ consumerGroup: string; count: number }[]>('consumerProgress');
    expect(all.find(({ consumerGroup }) => consumerGroup === 'GID_progress')).toMatchObject({
      count: 1,
      version: 'V4_9_7',
    });
    await consumer.stop();
    expect(await offsets('GID_progress', topic)).toEqual([3, 3]);
  });

  it('as a document: how old the first message is that is left, and the rates of each topic', async () => {
    const topic = await topicOf('Lagging', 6);
    const { consumer, got } = await consumerOf('GID_lagging', topic);
    await until('all', () => got.length === 6);
    await consumer.stop();
    interface Lag {
      rows: { topic: string; queueId: number; diff: number; lagMillis?: number }[];
      topics: { topic: string; diff: number; lagMillis?: number; inTps?: number; outTps?: number }[];
    }
    const of = async () => {
      const { rows, topics } = await json<Lag>('consumerProgress', '-g', 'GID_lagging');
      return { rows: rows.filter((row) => row.topic === topic), one: topics.find((one) => one.topic === topic) };
    };
    const done = await of();
    expect(done.rows.map(({ diff, lagMillis }) => [diff, lagMillis])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(done.one).toEqual({ topic, diff: 0, lagMillis: 0, inTps: expect.any(Number), outTps: expect.any(Number) });
    // One queue back by its last message, the other by all.
    const { messages } = await json<{ messages: { queueId: number; queueOffset: number; storeTimestamp: number }[] }>(
      'printMsg',
      '-t',
      topic,
    );
    const stored = (queueId: number, offset: number): number =>
      messages.find((one) => one.queueId === queueId && one.queueOffset === offset)?.storeTimestamp ?? Number.NaN;
    const file = join(dir, 'lagging.json');
    const queues = [2, 0].map((offset, queueId) => ({ brokerName: 'broker-a', queueId, offset }));
    writeFileSync(file, JSON.stringify({ topic, queues }));
    const undo = ['--undo-file', `${file}.undo`];
    expect((await run('offset reset', '-g', 'GID_lagging', '-t', topic, '--to', file, ...undo)).exitCode).toBe(0);
    const before = Date.now();
    const { rows, one } = await of();
    const after = Date.now();
    expect(rows.map(({ diff }) => diff)).toEqual([1, 3]);
    for (const [queueId, offset] of [2, 0].entries()) {
      const lag = rows[queueId]?.lagMillis ?? Number.NaN;
      expect(lag).toBeGreaterThanOrEqual(before - stored(queueId, offset));
      expect(lag).toBeLessThanOrEqual(after - stored(queueId, offset));
    }
    expect(one).toMatchObject({ diff: 4, lagMillis: Math.max(...rows.map(({ lagMillis }) => lagMillis ?? 0)) });
  });

  it('a group that has not consumed is a state, one nobody knows is not', async () => {
    await run('updateSubGroup', '-c', 'DefaultCluster', '-g', 'GID_new');
    const heading = recorded('consumerProgress', 1).stdout.split('\n')[0];
    expect(await run('consumerProgress', '-g', 'GID_new')).toEqual(
      seen(
        `${heading}\n\nConsume TPS: 0.00\nDiff Total: 0\n`,
        'No broker has an offset of the group GID_new: it has not consumed anything yet, or its members keep their offsets ' +
          'themselves (broadcasting).\n',
      ),
    );
    expect(await run('consumerProgress', '-g', 'NoSuchGroup')).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^the consumer group NoSuchGroup does not exist: /),
      exitCode: 4,
    });
  });
});

describe('connections', () => {
  it('of consumers and producers', async () => {
    const topic = await topicOf('Connected', 1);
    const { consumer } = await consumerOf('GID_connected', topic);
    const consumers = await run('consumerConnection', '-g', 'GID_connected');
    expect(consumers.stdout).toContain(`\n${consumer.clientId} `);
    expect(consumers.stdout).toMatch(/\nConnected {12}\*\n/);
    expect(consumers.stdout).toMatch(/\nConsumeFromWhere: CONSUME_FROM_FIRST_OFFSET\n$/);
    const atOne = await runCommand(['consumerConnection', '-g', 'GID_connected', '-b', cluster.brokerAddr]);
    expect(atOne.stdout).toBe(consumers.stdout);
    const producers = await run('producerConnection', '-g', 'P_Connected', '-t', topic);
    expect(producers.stdout).toMatch(/^0001 {2}\S+ +127\.0\.0\.1:\d+ +OTHER {4}V4_9_7\n$/);
    const all = await runCommand(['producer', '-b', cluster.brokerAddr]);
    expect(all.stdout).toMatch(
      /^producer group \(P_Connected\) instance : clientId=\S+,remoteIP=\/127\.0\.0\.1:\d+, /m,
    );
    expect((await run('producerConnection', '-g', 'None', '-t', topic)).exitCode).toBe(4);
    expect((await run('consumerConnection', '-g', 'None')).exitCode).toBe(4);
    expect((await run('consumerConnection', '-g', 'None', '-b', cluster.brokerAddr)).exitCode).toBe(4);
  });
});

describe('consumerStatus', () => {
  it('one client, with its listener calls', async () => {
    const topic = await topicOf('Status', 1, 1);
    let go = (): void => {};
    const hung = new Promise<void>((resolve) => {
      go = resolve;
    });
    let called = 0;
    const listener = (): Promise<void> => {
      called++;
      return hung;
    };
    const { consumer } = await consumerOf('GID_status', topic, { listener });
    await until('the call', () => called === 1);
    const { stdout } = await run('consumerStatus', '-g', 'GID_status', '-i', consumer.clientId, '-s');
    go();
    expect(stdout).toMatch(/^#Consumer Properties#\n/);
    expect(stdout).toMatch(/\nconsumerGroup {27}: GID_status\n/);
    expect(stdout).toMatch(/\nPROP_CONSUME_TYPE {23}: CONSUME_PASSIVELY\n/);
    expect(stdout).toMatch(/\n002 Topic: Status {35}ClassFilter: false {4}SubExpression: \*\n/);
    expect(stdout).toMatch(
      /ProcessQueueInfo \[commitOffset=0, cachedMsgMinOffset=0, cachedMsgMaxOffset=0, cachedMsgCount=1, /,
    );
    expect(stdout).toMatch(/\nmain {36}for \d+ ms: 1 message\(s\) from Status broker-a 0 offset 0 [0-9A-F]{32}\n/);
    expect((await run('consumerStatus', '-g', 'GID_status', '-i', 'none')).exitCode).toBe(4);
  });

  it('a group: a file for each member below the working folder', async () => {
    const topic = await topicOf('Files', 2, 2);
    const members = [await consumerOf('GID_files', topic), await consumerOf('GID_files', topic)];
    const before = process.cwd();
    process.chdir(dir);
    try {
      const { stdout, ...rest } = await run('consumerStatus', '-g', 'GID_files');
      expect(rest).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toMatch(/\n\n\nSame subscription in the same group of consumer\n\nRebalance OK\n$/);
      const files = [...stdout.matchAll(/\d{13}\/\S+/g)].map(([file]) => file);
      expect(files.map((file) => file.split('/')[1]).sort()).toEqual(
        members.map(({ consumer }) => consumer.clientId).sort(),
      );
      for (const file of files) expect(readFileSync(file, 'utf8')).toMatch(/^#Consumer Properties#\n/);
      const written = new Set(files.map((file) => file.split('/')[0] ?? ''));
      expect(written.size).toBe(1);
      const document = await json<{ members: { runningInfo: object }[]; sameSubscription: boolean }>(
        'consumerStatus',
        '-g',
        'GID_files',
      );
      expect(document.sameSubscription).toBe(true);
      expect(document.members.map(({ runningInfo }) => runningInfo)).toHaveLength(2);
    } finally {
      process.chdir(before);
    }
    expect(existsSync(join(dir, 'data'))).toBe(true);
  });

  it('a pull consumer tells of itself, too', async () => {
    const topic = await topicOf('Pulled', 1, 1);
    const consumer = new PullConsumer({ group: 'GID_pull', namesrvAddrs: [cluster.namesrvAddr] });
    running.push(consumer);
    await consumer.start();
    const [mq] = await consumer.fetchSubscribeMessageQueues(topic);
    if (mq === undefined) throw new Error('no queue');
    await consumer.pull(mq, '*', 0, 1);
    consumer.updateConsumeOffset(mq, 1);
    await eventually(async () => (await run('consumerConnection', '-g', 'GID_pull')).exitCode === 0);
    const { stdout } = await run('consumerStatus', '-g', 'GID_pull', '-i', consumer.clientId);
    expect(stdout).toMatch(/\nPROP_CONSUME_TYPE {23}: CONSUME_ACTIVELY\n/);
    expect(await json('getConsumerStatus', '-g', 'GID_pull', '-t', topic)).toEqual([
      { clientId: consumer.clientId, queues: [{ ...mq, offset: 1 }] },
    ]);
  });
});

describe('a message consumed now', () => {
  it('by queryMsgById and queryMsgByUniqueKey', async () => {
    const topic = await topicOf('Directly', 1, 1);
    const got: string[] = [];
    const { consumer } = await consumerOf('GID_directly', topic, {
      listener: (messages) => {
        const text = messages.map(({ body }) => String(body)).join();
        got.push(text);
        if (got.length === 3) throw new Error('no more');
        return got.length === 2 ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
      },
    });
    await until('the message', () => got.length === 1);
    const at = ['-t', topic, '-b', 'broker-a', '-i', '0', '-o', '0'];
    const { message } = await json<{ message: { offsetMsgId: string; msgId: string } }>('queryMsgByOffset', ...at);
    const target = ['-g', 'GID_directly', '-d', consumer.clientId];
    const later = await run('queryMsgById', '-i', message.offsetMsgId, ...target);
    const result = (text: string, remark = 'null'): RegExp =>
      new RegExp(
        `^ConsumeMessageDirectlyResult \\[order=false, autoCommit=true, consumeResult=${text}, remark=${remark}, spentTimeMills=\\d+\\]$`,
      );
    expect(later.stdout).toMatch(result('CR_LATER'));
    const thrown = await run('queryMsgByUniqueKey', '-t', topic, '-i', message.msgId, ...target);
    expect(thrown.stdout).toMatch(result('CR_THROW_EXCEPTION', 'Error: no more'));
    const good = await run('queryMsgByUniqueKey', '-t', topic, '-i', message.msgId, ...target);
    expect(good.stdout).toMatch(result('CR_SUCCESS'));
    expect(got).toEqual(['m0', 'm0', 'm0', 'm0']);
    await consumer.stop();
    expect(await offsets('GID_directly', topic)).toEqual([1]);
  });
});

describe('other offsets', () => {
  it('a member goes back and forth', async () => {
    const topic = await topicOf('Back', 4, 2);
    const { consumer, got, commit } = await consumerOf('GID_back', topic);
    await until('all', () => got.length === 4);
    commit();
    await eventually(async () => String(await offsets('GID_back', topic)) === '2,2');
    const reset = ['resetOffsetByTime', '-g', 'GID_back', '-t', topic] as const;
    const back = await run(...reset, '-s', '1000');
    expect(back.stdout).toMatch(
      /^rollback consumer offset by specified group\[GID_back\], topic\[Back\], force\[true\], /,
    );
    expect(
      back.stdout
        .split('\n')
        .slice(2)
        .map((row) => row.trim().split(/ +/).slice(1)),
    ).toContainEqual(['0', '0']);
    await until('all again', () => got.length === 8);
    const status = await run('getConsumerStatus', '-g', 'GID_back', '-t', topic);
    expect(status.stdout).toContain(consumer.clientId);
    expect(await json('skipAccumulatedMessage', '-g', 'GID_back', '-t', topic)).toMatchObject({
      kind: 'online',
      queues: expect.arrayContaining([expect.objectContaining({ offset: 2 })]),
    });
  }, 40_000);

  it('an ordered member goes back when its call has ended, and has its queues locked', async () => {
    const topic = await topicOf('Ordered', 2, 1);
    const got: string[] = [];
    const holds: (() => void)[] = [];
    const consumer = new PushConsumer({
      ...{ group: 'GID_ordered', subscriptions: { [topic]: '*' }, namesrvAddrs: [cluster.namesrvAddr] },
      ordered: true,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      listener: (messages) => {
        got.push(String(messages[0]?.body));
        return new Promise((resolve) => holds.push(() => resolve('SUCCESS')));
      },
    });
    running.push(consumer);
    await consumer.start();
    await until('the first', () => got.length === 1);
    holds.shift()?.();
    await until('the second', () => got.length === 2);
    const { stdout } = await run('consumerStatus', '-g', 'GID_ordered', '-i', consumer.clientId);
    expect(stdout).toMatch(/\nPROP_CONSUMEORDERLY {21}: true\n/);
    expect(stdout).toMatch(
      /commitOffset=1, cachedMsgMinOffset=1, cachedMsgMaxOffset=1, cachedMsgCount=1, .* locked=true, /,
    );
    const mq = { topic, brokerName: 'broker-a', queueId: 0 };
    const committed = new PullConsumer({ group: 'GID_ordered', namesrvAddrs: [cluster.namesrvAddr] });
    running.push(committed);
    await committed.start();
    committed.updateConsumeOffset(mq, 1);
    await committed.stop();
    expect((await run('resetOffsetByTime', '-g', 'GID_ordered', '-t', topic, '-s', '1000')).exitCode).toBe(0);
    // Nothing comes while the call has not ended.
    await run('consumerStatus', '-g', 'GID_ordered', '-i', consumer.clientId);
    expect(got).toEqual(['m0', 'm1']);
    holds.shift()?.();
    await until('the first again', () => got.length === 3);
    expect(got[2]).toBe('m0');
    // What the call that ended had consumed does not count any more.
    const [known] = await json<{ queues: { offset: number }[] }[]>(
      'getConsumerStatus',
      '-g',
      'GID_ordered',
      '-t',
      topic,
    );
    expect(known?.queues.filter(({ offset }) => offset > 0)).toEqual([]);
    for (const go of holds) go();
  });

  it('nobody is online: written at the broker', async () => {
    const topic = await topicOf('Offline', 4, 2);
    const { consumer, got } = await consumerOf('GID_offline', topic);
    await until('all', () => got.length === 4);
    await consumer.stop();
    const back = await run('resetOffsetByTime', '-g', 'GID_offline', '-t', topic, '-s', '1000');
    expect(back.stdout).toMatch(/^rollback consumer offset by specified consumerGroup\[GID_offline\], /);
    expect(await offsets('GID_offline', topic)).toEqual([0, 0]);
    await run('skipAccumulatedMessage', '-g', 'GID_offline', '-t', topic, '-f', 'false');
    expect(await offsets('GID_offline', topic)).toEqual([0, 0]);
    await run('resetOffsetByTimeOld', '-g', 'GID_offline', '-t', topic, '-s', '2100-01-01#00:00:00:000');
    expect(await offsets('GID_offline', topic)).toEqual([1, 1]);
    const clone = ['-s', 'GID_offline', '-d', 'GID_clone', '-t', topic];
    expect((await run('cloneGroupOffset', ...clone)).stdout).toBe(
      'clone group offset success. srcGroup[GID_offline], destGroup=[GID_clone], topic[Offline]',
    );
    // The target has no retry topic, and is found all the same.
    expect(await offsets('GID_clone', topic)).toEqual([1, 1]);
    const behind = await json<{ rows: { consumerGroup: string; diff: number }[] }>(
      'brokerConsumeStats',
      '-b',
      cluster.brokerAddr,
      '-l',
      '1',
    );
    expect(behind.rows.filter(({ consumerGroup }) => consumerGroup === 'GID_offline').map(({ diff }) => diff)).toEqual([
      1, 1,
    ]);
    expect((await run('resetOffsetByTime', '-g', 'None', '-t', topic, '-s', 'now')).exitCode).toBe(4);
    expect((await run('resetOffsetByTime', '-g', 'GID_offline', '-t', 'None', '-s', 'now')).exitCode).toBe(4);
    expect((await run('resetOffsetByTime', '-g', 'GID_offline', '-t', topic, '-s', 'yesterday')).exitCode).toBe(2);
  });
});

describe('statsAll', () => {
  it('counts what came in and went out', async () => {
    const topic = await topicOf('Counted', 3, 1);
    const { got } = await consumerOf('GID_counted', topic);
    await until('all', () => got.length === 3);
    const [stats] = await json<{ groups: object[] }[]>('statsAll', '-t', topic);
    expect(stats).toMatchObject({
      ...{ topic, inMsg24Hour: 3 },
      groups: [{ consumerGroup: 'GID_counted', outMsg24Hour: 3 }],
    });
    const { stdout } = await run('statsAll', '-a', '-t', topic);
    expect(stdout.split('\n')[1]).toMatch(/^Counted {57} {2}GID_counted {53} +[0-3] +0\.\d\d +0\.\d\d {14}3 {14}3$/);
    expect((await run('statsAll', '-t', 'NoSuchTopic')).stdout).toBe(recorded('statsAll', 4).stdout);
  });
});
