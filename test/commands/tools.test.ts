/** RocketMQ's example programs and benchmarks, as tools.sh runs them (`npm run build`). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { BuiltCommands } from '../support/built-commands.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-tools-'));
const EXAMPLE = 'org.apache.rocketmq.example.';
let cluster: LocalCluster;
let built: BuiltCommands;

beforeAll(async () => {
  built = new BuiltCommands();
  const brokerSettings = {
    ...{ brokerName: 'broker-a', enablePropertyFilter: 'true', messageDelayLevel: '1s 1s 1s' },
    ...{ transactionCheckInterval: '200', transactionTimeOut: '200', traceTopicEnable: 'true' },
  };
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings });
});

afterAll(async () => {
  await built?.end();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const run = (name: string, ...argv: string[]): Promise<Seen> =>
  runCommand(['tools', EXAMPLE + name, ...argv], { env: { NAMESRV_ADDR: cluster.namesrvAddr } });

/** Starts a program that runs until it is ended, waits for what it prints, and ends it. */
async function until(pattern: RegExp, name: string, ...argv: string[]): Promise<string> {
  const child = built.start(['tools', EXAMPLE + name, ...argv], { NAMESRV_ADDR: cluster.namesrvAddr });
  const text = await built.saw(child, pattern);
  child.kill('SIGINT');
  await built.finish(child);
  expect(child.exitCode).toBe(130);
  return text;
}

/** How many messages a topic has. */
async function stored(topic: string): Promise<number> {
  const { stdout } = await runCommand(['topicStatus', '-t', topic, '-n', cluster.namesrvAddr, '--output', 'json']);
  const rows: { maxOffset: number }[] = JSON.parse(stdout);
  return rows.reduce((sum, { maxOffset }) => sum + maxOffset, 0);
}

const RESULT =
  /SendResult \[sendStatus=SEND_OK, msgId=[0-9A-F,]{32,}, offsetMsgId=[0-9A-F,]{32,}, messageQueue=MessageQueue \[topic=\w+, brokerName=broker-a, queueId=(\d)], queueOffset=\d+]/g;

describe('example programs', () => {
  it.each([
    ['simple.Producer', 128, '\n'],
    ['ordermessage.Producer', 100, '\n'],
    ['filter.TagFilterProducer', 60, '\n'],
    ['filter.SqlFilterProducer', 10, '\n'],
    ['schedule.ScheduledMessageProducer', 100, ''],
    ['batch.SimpleBatchProducer', 1, ''],
  ])('%s prints %i results, each with %j behind it', async (name, count, behind) => {
    const { stdout, stderr, exitCode } = await run(name);
    const results = [...stdout.matchAll(RESULT)];
    expect([results.length, stderr, exitCode]).toEqual([count, '', 0]);
    expect(stdout.replace(RESULT, '')).toBe(behind.repeat(count));
    if (name === 'ordermessage.Producer') {
      expect(results.map(([, queueId]) => queueId)).toEqual(results.map((_, i) => String((i % 10) % 4)));
    }
  });

  it('simple.AsyncProducer prints an answer for each of its messages', async () => {
    const { stdout, exitCode } = await run('simple.AsyncProducer');
    const numbers = [...stdout.matchAll(/^(\d+) +OK [0-9A-F]{32,56} $/gm)].map(([, n]) => Number(n));
    expect(numbers.sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect([stdout.split('\n')[0]?.length, exitCode]).toEqual([10 + ' OK '.length + 32 + 1, 0]);
  });

  it('simple.OnewayProducer prints nothing, and its messages are there', async () => {
    expect(await run('simple.OnewayProducer')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect(await stored('TopicTest')).toBe(228);
  });

  it.each([
    [
      'simple.PushConsumer',
      /^Consumer Started\.\n(?:ConsumeMessageThread_CID_JODIE_1_\d+ Receive New Messages: \[MessageExt \[.*\]\] \n){228}/,
    ],
    [
      'ordermessage.Consumer',
      /^Consumer Started\.\n(?:ConsumeMessageThread_please_rename_unique_group_name_3_\d+ Receive .* \n){20}/,
    ],
    [
      'broadcast.PushConsumer',
      /^Broadcast Consumer Started\.\n(?:ConsumeMessageThread_please_rename_unique_group_name_1_\d+ Receive .* \n){228}/,
    ],
    ['simple.LitePullConsumerSubscribe', /^\[MessageExt \[.*\]\]\n(?:\[.*\]\n)+\[\]\n/],
  ])('%s prints what it gets until it is ended', async (name, pattern) => {
    await until(pattern, name);
  });

  it('the consumers of the filter examples get what they asked for', async () => {
    // A new group begins at the front of a young topic.
    const tagged = await until(/(?:.*Receive New Messages.*\n){40}/, 'filter.TagFilterConsumer');
    expect(tagged.match(/TAGS=Tag\w/g)?.filter((tag) => tag !== 'TAGS=TagA' && tag !== 'TAGS=TagC')).toEqual([]);
    const chosen = await until(/(?:.*Receive New Messages.*\n){3}/, 'filter.SqlFilterConsumer');
    expect([...chosen.matchAll(/[ {]a=(\d)/g)].map(([, a]) => a).sort()).toEqual(['0', '1', '3']);
  });

  it('schedule.ScheduledMessageConsumer prints how long messages waited', async () => {
    await until(
      /^(?:Receive message\[msgId=[0-9A-F]+ -?\d+ {2}ms later\]\n){100}/,
      'schedule.ScheduledMessageConsumer',
    );
  });

  it('transaction.TransactionProducer tells the broker of its ten messages what it asks, until it is ended', async () => {
    const child = built.start(['tools', `${EXAMPLE}transaction.TransactionProducer`], {
      NAMESRV_ADDR: cluster.namesrvAddr,
    });
    const text = await built.saw(child, /(?:SendResult .*\n){10}/);
    expect(text.replace(RESULT, '')).toBe('\n'.repeat(10));
    // Of each three one is committed, and the first of them when it is asked about.
    await vi.waitUntil(async () => (await stored('TopicTest1234')) >= 3, { timeout: 20_000, interval: 50 });
    child.kill('SIGINT');
    await built.finish(child);
    expect(child.exitCode).toBe(130);
    expect(await stored('TopicTest1234')).toBe(3);
  });

  it('tracemessage.TraceProducer and TracePushConsumer print what the others do, and are traced', async () => {
    const { stdout, exitCode } = await run('tracemessage.TraceProducer');
    expect([[...stdout.matchAll(RESULT)].length, stdout.replace(RESULT, ''), exitCode]).toEqual([
      128,
      '\n'.repeat(128),
      0,
    ]);
    const consumed =
      /^Consumer Started\.\n(?:ConsumeMessageThread_ProducerGroupName_\d+ Receive New Messages: \[MessageExt .*\] \n){356}/;
    await until(consumed, 'tracemessage.TracePushConsumer');
    const [, id = ''] = /msgId=(\w+)/.exec(stdout) ?? [];
    const trace = await runCommand(['queryMsgTraceById', '-i', id, '-n', cluster.namesrvAddr]);
    expect(trace.stdout.match(/^(Pub|Sub) +ProducerGroupName /gm)?.map((row) => row.slice(0, 3))).toEqual([
      'Pub',
      'Sub',
    ]);
  });

  it.each([
    [
      'org.apache.rocketmq.example.Nope',
      /^Could not find main class org\.apache\.rocketmq\.example\.Nope: .* has quickstart\.Producer, /,
    ],
    [
      'org.apache.rocketmq.example.benchmark.Nope',
      / has benchmark\.Producer, benchmark\.Consumer, benchmark\.BatchProducer, benchmark\.TransactionProducer\.\n$/,
    ],
    ['toString', /^Could not find main class toString/],
  ])('%s is not there', async (name, why) => {
    const { stderr, exitCode } = await runCommand(['tools', name]);
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(1);
  });
});

describe('benchmarks', () => {
  it('the producer sends so many messages and tells how it went', async () => {
    const { stdout, exitCode } = await run(
      'benchmark.Producer',
      '-w',
      '2',
      '-q',
      '301',
      '-s',
      '64',
      '-l',
      '3',
      '-k',
      'true',
    );
    expect(stdout).toMatch(
      /^topic: BenchmarkTest threadCount: 2 messageSize: 64 keyEnable: true propertySize: 0 tagCount: 3 traceEnable: false aclEnable: false messageQuantity: 301\ndelayEnable: false delayLevel: 1\nasyncEnable: false\n\[Complete\] Send Total: 301 (?:Send TPS: \d+ Max RT\(ms\): \d+ Average RT\(ms\): +[\d.]+ )?Send Failed: 0 Response Failed: 0\n$/,
    );
    expect(exitCode).toBe(0);
    const async = await run('benchmark.Producer', '-y', 'true', '-q', '1000', '-w', '9');
    expect(async.stdout).toMatch(
      /threadCount: 1 [\s\S]*asyncEnable: true\n\[Complete\] Send Total: 1000 .*Send Failed: 0 /,
    );
  });

  it.each([
    [['-s', '36'], /^-s is at least 37: /],
    [['-cu', '2'], /^-cu is a number from 0 to 1, not "2"\.\n$/],
  ])('the transaction producer refuses %j', async (argv, why) => {
    const { stderr, exitCode } = await run('benchmark.TransactionProducer', ...argv);
    expect(stderr).toMatch(why);
    expect(exitCode).toBe(2);
  });

  it('the batch producer, the transaction producer and the consumer tell every ten seconds', {
    timeout: 60_000,
  }, async () => {
    writeFileSync(join(dir, 'expression'), 'tag0 || tag1');
    const rates = ['-sr', '0.2', '-su', '0.5', '-cu', '0.2', '-cr', '0.2'];
    const [sent, transacted, received] = await Promise.all([
      until(/\nCurrent Time: .*\n/, 'benchmark.BatchProducer', '-n', cluster.namesrvAddr, '-w1', '-b', '2', '-l', '2'),
      until(
        /^Current Time: .*\n/,
        'benchmark.TransactionProducer',
        '-t',
        'TopicTest1234',
        '-w',
        '2',
        '-i',
        '5',
        ...rates,
      ),
      until(/\nCurrent Time: .*\n/, 'benchmark.Consumer', '-w', '2', '-f', 'TAG', '-e', join(dir, 'expression')),
    ]);
    expect(sent).toMatch(
      /^topic: BenchmarkTest threadCount: 1 messageSize: 128 batchSize: 2 keyEnable: false propertySize: 0 tagCount: 2 traceEnable: false aclEnable: false\nCurrent Time: \d{13} Send TPS: \d+ Send MPS: \d+ Max RT\(ms\): \d+ Average RT\(ms\): +\d+\.\d{3} Average Message RT\(ms\): +\d+\.\d{3} Send Failed: 0 Send Message Failed: 0\n$/,
    );
    expect(transacted).toMatch(
      /^Current Time: \d{13} Send TPS: +\d+ Max RT\(ms\): +\d+ AVG RT\(ms\):\d+\.\d Send Failed: 0 check: [1-9]\d* unexpectedCheck: \d+ duplicatedCheck: 0 \n$/,
    );
    expect(received).toMatch(
      /^topic: BenchmarkTest, threadCount 2, group: benchmark_consumer, suffix: false, filterType: TAG, expression: \S+, msgTraceEnable: false, aclEnable: false\nExpression: tag0 \|\| tag1\nConsumer Started\.\nCurrent Time: \d{13} TPS: [1-9]\d* FAIL: 0 AVG\(B2C\) RT\(ms\): +\d+\.\d{3} AVG\(S2C\) RT\(ms\): +\d+\.\d{3} MAX\(B2C\) RT\(ms\): \d+ MAX\(S2C\) RT\(ms\): \d+\n$/,
    );
  });
});
