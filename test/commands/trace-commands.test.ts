/**
 * What clients tell of messages, and queryMsgTraceById on it, against a namesrv and a broker in this process.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-trace-'));
let cluster: LocalCluster;
let stubborn: string;
let plain: string;

const run = (...argv: string[]): Promise<Seen> => runCommand([...argv, '-n', cluster.namesrvAddr]);

beforeAll(async () => {
  cluster = await startLocalCluster({
    dataDir: join(dir, 'data'),
    brokerSettings: { brokerName: 'broker-a', traceTopicEnable: true, messageDelayLevel: '1s 1s 1s 1s' },
  });
  for (const topic of ['Traced', 'Untraced']) {
    expect(
      await run('updateTopic', '-c', 'DefaultCluster', '-t', topic, '-r', '1', '-w', '1', '--wait-route'),
    ).toMatchObject({ exitCode: 0 });
  }
  const { namesrvAddr } = cluster;
  const producer = new Producer({ group: 'GID_p', namesrvAddr, enableMsgTrace: true });
  await producer.start();
  ({ msgId: stubborn } = await producer.send({ topic: 'Traced', body: 'x', tags: 'A', keys: 'order-1' }));
  await producer.stop();
  const untraced = new Producer({ group: 'GID_p', namesrvAddr });
  await untraced.start();
  ({ msgId: plain } = await untraced.send({ topic: 'Untraced', body: 'y' }));
  await untraced.stop();
  await consume('Traced', true, 2);
  await consume('Untraced', false, 3);
});
afterAll(async () => {
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Fails at the first delivery of the message, and with 3 deliveries also at the second: it is then a dead letter. */
async function consume(topic: string, enableMsgTrace: boolean, deliveries: number): Promise<void> {
  let over = (): void => {};
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  const consumer = new PushConsumer({
    group: `GID_${topic}`,
    namesrvAddr: cluster.namesrvAddr,
    subscriptions: { [topic]: '*' },
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    maxReconsumeTimes: 1,
    enableMsgTrace,
    listener: ([message]) => {
      const fails = deliveries === 3 || message?.reconsumeTimes === 0;
      if (message?.reconsumeTimes === 1) setImmediate(over);
      return fails ? 'RECONSUME_LATER' : 'CONSUME_SUCCESS';
    },
  });
  await consumer.start();
  await done;
  await consumer.stop();
}

const times = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(,\d{3})?/g, 'TIME')
    .replaceAll(/\d+ms {2}/g, 'COST ')
    .replaceAll(/\d+ ms/g, 'COST');

describe('queryMsgTraceById', () => {
  it('prints the send and each consumption as mqadmin does', async () => {
    const { stdout, stderr, exitCode } = await run('queryMsgTraceById', '-i', stubborn);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const host = '127.0.0.1'.padEnd(20);
    expect(times(stdout).replaceAll(/COST +/g, 'COST ')).toBe(
      [
        '#Type      #ProducerGroup       #ClientHost          #SendTime            #CostTimes #Status   ',
        `Pub        GID_p                ${host} TIME  COST success   `,
        '',
        '#Type      #ConsumerGroup       #ClientHost          #ConsumerTime        #CostTimes #Status   ',
        `Sub        GID_Traced           ${host} TIME  COST failed    `,
        `Sub        GID_Traced           ${host} TIME  COST success   `,
        '',
        '',
      ].join('\n'),
    );
  });

  it('gives the records as json, each with its client', async () => {
    const records = JSON.parse((await run('queryMsgTraceById', '-i', stubborn, '--output', 'json')).stdout);
    expect(records).toMatchObject([
      {
        traceType: 'Pub',
        groupName: 'GID_p',
        topic: 'Traced',
        tags: 'A',
        keys: 'order-1',
        regionId: 'DefaultRegion',
        storeHost: cluster.brokerAddr,
        bodyLength: 1,
        msgType: 'Normal_Msg',
        clientHost: '127.0.0.1',
      },
      { traceType: 'SubBefore', groupName: 'GID_Traced', beans: [{ msgId: stubborn, retryTimes: 0, keys: 'order-1' }] },
      { traceType: 'SubAfter', contextCode: 'FAILED', success: false },
      { traceType: 'SubBefore', beans: [{ retryTimes: 1 }] },
      { traceType: 'SubAfter', contextCode: 'SUCCESS', success: true },
    ]);
  });

  it('tells the life of a message in order of time', async () => {
    const { stdout, exitCode } = await run('queryMsgTraceById', '-i', stubborn, '--timeline');
    expect(exitCode).toBe(0);
    expect(times(stdout)).toBe(
      [
        stubborn,
        'Traced, tag A, keys order-1',
        '',
        'TIME  sent         GID_p on 127.0.0.1, success, COST',
        'TIME  stored       broker-a, queue 0, offset 0',
        'TIME  delivered    GID_Traced on 127.0.0.1, failed, COST',
        'TIME  to retry     GID_Traced, retry 1',
        'TIME  delivered    GID_Traced on 127.0.0.1, retry 1, success, COST',
        '',
        'GID_Traced is beyond it.',
        '',
      ].join('\n'),
    );
  });

  it('tells what the brokers know where no client has told anything, and says so', async () => {
    const { stdout, exitCode } = await run('queryMsgTraceById', '-i', plain, '--timeline', '--topic', 'Untraced');
    expect(exitCode).toBe(0);
    expect(times(stdout)).toBe(
      [
        plain,
        'Untraced',
        '',
        'TIME  stored       broker-a, queue 0, offset 0',
        'TIME  to retry     GID_Untraced, retry 1',
        'TIME  dead letter  GID_Untraced, given back 2 times',
        '',
        'GID_Untraced is beyond it.',
        '',
        'No client has told RMQ_SYS_TRACE_TOPIC of it: sends and deliveries are not known,',
        'only what the brokers have stored.',
        '',
      ].join('\n'),
    );
  });

  it('fails for an id that nobody has told of, for an unknown trace topic, and for a message without its topic', async () => {
    const noMessage = 'CODE: 208  DESC: query message by key finished, but no message.';
    const unknown = await run('queryMsgTraceById', '-i', plain);
    expect(unknown).toMatchObject({ stdout: '', exitCode: 4 });
    expect(unknown.stderr).toContain('QueryMsgTraceByIdSubCommand command failed');
    expect(unknown.stderr).toContain(noMessage);
    const noTopic = await run('QueryMsgTraceById', '-i', stubborn, '-t', 'NoSuchTopic');
    expect(noTopic).toMatchObject({
      stdout: '',
      exitCode: 4,
      stderr: expect.stringContaining('the topic NoSuchTopic does not exist'),
    });
    const timeline = await run('queryMsgTraceById', '-i', plain, '--timeline');
    expect(timeline).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('give its topic with --topic') });
    expect(await run('queryMsgTraceById', '-i', plain, '--topic', 'Untraced')).toMatchObject({ exitCode: 2 });
  });
});

describe('commands that tell the trace topic', () => {
  it('sendMessage -m true does, without it nothing is told', async () => {
    const send = ['sendMessage', '-t', 'Traced', '-p', 'hello', '-k', 'traced-key', '--output', 'json'];
    const { msgId } = JSON.parse((await run(...send, '-m', 'true')).stdout);
    const { msgId: silent } = JSON.parse((await run(...send)).stdout);
    const records = JSON.parse((await run('queryMsgTraceById', '-i', msgId, '--output', 'json')).stdout);
    expect(records).toMatchObject([{ traceType: 'Pub', keys: 'traced-key', bodyLength: 5 }]);
    expect(await run('queryMsgTraceById', '-i', silent)).toMatchObject({ exitCode: 4 });
  });

  it('subscribe --trace does', async () => {
    const { msgId } = JSON.parse(
      (await run('sendMessage', '-t', 'Untraced', '-p', 'hello', '--output', 'json')).stdout,
    );
    const subscribe = ['subscribe', 'Untraced', '-g', 'GID_sub', '--from', 'first', '--count', '2', '--trace'];
    expect(await run(...subscribe)).toMatchObject({ exitCode: 0 });
    const { stdout } = await run('queryMsgTraceById', '-i', msgId);
    expect(stdout).toMatch(/^Sub +GID_sub +127\.0\.0\.1 .* success +$/m);
  });

  it('a broker with traceOn=false gets no traces of sends', async () => {
    expect(await run('updateBrokerConfig', '-b', cluster.brokerAddr, '-k', 'traceOn', '-v', 'false')).toMatchObject({
      exitCode: 0,
    });
    const send = ['sendMessage', '-t', 'Traced', '-p', 'hello', '-m', 'true', '--output', 'json'];
    const { msgId } = JSON.parse((await run(...send)).stdout);
    expect(await run('queryMsgTraceById', '-i', msgId)).toMatchObject({ exitCode: 4 });
  });
});
