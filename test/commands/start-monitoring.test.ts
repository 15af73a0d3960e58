/**
 * startMonitoring on a namesrv and a broker in this process: once, for long, and as mqadmin does; the built program where
 * signals count (`npm run build`).
 */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin } from '../../src/core/client/admin/admin.ts';
import { PushConsumer } from '../../src/core/client/consumer/push-consumer.ts';
import type { AlarmDocument } from '../../src/core/client/monitor/alarm-document.ts';
import { Monitor } from '../../src/core/client/monitor/monitor.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import { HeldClock } from '../core/client/held-clock.ts';
import { ruleOf } from '../core/client/monitor/alarm-fixture.ts';
import { deadAddr, until } from '../core/client/scripted-cluster.ts';
import { BuiltCommands } from '../support/built-commands.ts';
import { runCommand, type Seen } from './run-command.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-monitoring-'));
let cluster: LocalCluster;
let producer: Producer;
let built: BuiltCommands;

beforeAll(async () => {
  built = new BuiltCommands();
  cluster = await startLocalCluster({ dataDir: join(dir, 'data'), brokerSettings: { brokerName: 'broker-a' } });
  producer = new Producer({ group: 'P', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
});
afterAll(async () => {
  await producer?.stop();
  await built?.end();
  await cluster?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function rulesFile(text: string): string {
  const file = join(dir, 'rules.yaml');
  writeFileSync(file, text);
  return file;
}
const monitor = (rules: string, ...options: string[]): Promise<Seen> =>
  runCommand(['startMonitoring', '--once', '-n', cluster.namesrvAddr, '--rules', rulesFile(rules), ...options]);

/** A group that has consumed one of `messages` of its topic and is gone. */
async function groupBehind(group: string, topic: string, messages: number): Promise<void> {
  await runCommand(['updateTopic', '-n', cluster.namesrvAddr, '-b', cluster.brokerAddr, '-t', topic, '-r1', '-w1']);
  await producer.send({ topic, body: 'm' });
  await runCommand(['subscribe', topic, '-n', cluster.namesrvAddr, '-g', group, '--from', 'first', '--count', '1']);
  for (let i = 1; i < messages; i++) await producer.send({ topic, body: `m${i}` });
}

const documents = ({ stdout }: Seen): AlarmDocument[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('startMonitoring --rules --once', () => {
  it('says what it finds and ends with 1, with 0 when there is nothing', async () => {
    await groupBehind('GBehind', 'Behind', 4);
    const behind = await monitor(
      "rules: [{name: late, group: 'GBe*', topic: Behind, messagesBehind: 2, noMember: true, for: 1h}]",
    );
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`;
    expect(behind).toMatchObject({ exitCode: 1, stderr: '' });
    expect(behind.stdout).toMatch(
      new RegExp(
        `^${time} firing "late": GBehind is 3 messages behind in Behind\n` +
          `${time} firing "late": no member of GBehind is connected\n$`,
      ),
    );
    const nothing = await monitor("rules: [{name: late, group: 'GBe*', messagesBehind: 3, secondsBehind: 1h}]");
    expect(nothing).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  });

  it('gives JSON lines and YAML documents', async () => {
    const rules = "rules: [{name: late, group: 'GBe*', messagesBehind: 2}]";
    const alarm = {
      state: 'firing',
      rule: 'late',
      condition: 'messagesBehind',
      consumerGroup: 'GBehind',
      topic: 'Behind',
      value: 3,
      limit: 2,
    };
    expect(documents(await monitor(rules, '--output', 'json'))).toMatchObject([alarm]);
    expect((await monitor(rules, '--output', 'yaml')).stdout).toContain('---\nstate: firing\nrule: late\n');
  });

  it('seconds count from the next message, not from the last one consumed', async () => {
    await groupBehind('GQuiet', 'Quiet', 1);
    const rules = 'rules: [{name: slow, group: GQuiet, topic: Quiet, secondsBehind: 1}]';
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await producer.send({ topic: 'Quiet', body: 'fresh' });
    expect((await monitor(rules)).exitCode).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const [alarm] = documents(await monitor(rules, '--output', 'json'));
    expect(alarm).toMatchObject({ condition: 'secondsBehind', topic: 'Quiet', value: 2, limit: 1 });
  });

  it('a group that a rule names has no member, whether it exists or not; one that has a member has one', async () => {
    const rules = 'rules: [{name: nobody, group: GUnknown, noMember: true, messagesBehind: 0}]';
    expect((await monitor(rules)).stdout).toContain('no member of GUnknown is connected');
    const consumer = new PushConsumer({
      group: 'GUnknown',
      namesrvAddr: cluster.namesrvAddr,
      subscriptions: { Behind: '*' },
      listener: () => {},
    });
    await consumer.start();
    try {
      for (let exitCode = 1; exitCode !== 0; ) exitCode = (await monitor(rules)).exitCode;
    } finally {
      await consumer.stop();
    }
  });

  it('dead letters of the last hour', async () => {
    const consumer = new PushConsumer({
      group: 'GDead',
      namesrvAddr: cluster.namesrvAddr,
      subscriptions: { Dead: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      maxReconsumeTimes: 0,
      listener: () => 'RECONSUME_LATER',
    });
    const rules = 'rules: [{name: dead, group: GDead, deadLettersPerHour: 0}]';
    expect((await monitor(rules)).exitCode).toBe(0);
    await producer.send({ topic: 'Dead', body: 'x' });
    await consumer.start();
    try {
      let seen = await monitor(rules);
      while (seen.exitCode === 0) seen = await monitor(rules);
      expect(seen.stdout).toContain('GDead has 1 dead letter of the last hour');
    } finally {
      await consumer.stop();
    }
  });

  it('posts to a webhook and runs a command before it ends', async () => {
    const bodies: string[] = [];
    const server: Server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const file = join(dir, 'alarm.json');
    try {
      const seen = await runCommand(
        [
          'startMonitoring',
          '--once',
          '-n',
          cluster.namesrvAddr,
          '--rules',
          rulesFile(
            `actions: [{webhook: 'http://127.0.0.1:${(server.address() as AddressInfo).port}'}, ` +
              `{command: [sh, -c, 'cat > "$1"; exit 2', sh, '${file}']}]\n` +
              'rules: [{name: late, group: GBehind, messagesBehind: 2}]',
          ),
        ],
        { env: { PATH: process.env.PATH ?? '' } },
      );
      expect(seen).toEqual({
        stdout: '',
        stderr: 'The alarm "late" did not reach its command: sh ended with 2.\n',
        exitCode: 1,
      });
      expect(bodies).toEqual([readFileSync(file, 'utf8')]);
      expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ state: 'firing', consumerGroup: 'GBehind', value: 3 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('a cluster that is down ends with 3, or is the alarm where a rule asks for it', async () => {
    const nowhere = await deadAddr();
    const run = (rules: string): Promise<Seen> =>
      runCommand(['startMonitoring', '--once', '-n', nowhere, '--rules', rulesFile(rules)]);
    expect(await run('rules: [{name: late, messagesBehind: 2}]')).toEqual({
      stdout: '',
      stderr: `The cluster cannot be asked: connect to [${nowhere}] failed.\n`,
      exitCode: 3,
    });
    const away = await run('rules: [{name: away, clusterUnreachable: true}]');
    expect(away).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('firing "away": the cluster cannot') });
  });

  it.each([
    [['--once'], '--once goes with --rules FILE.'],
    [['--rules', 'x', '--log-file', 'y'], '--log-file goes without --rules.'],
    [['--rules', '/no/such/file'], 'The rules cannot be read: ENOENT'],
  ])('does not take %j', async (options, said) => {
    const seen = await runCommand(['startMonitoring', '-n', cluster.namesrvAddr, ...options]);
    expect(seen.exitCode).toBe(2);
    expect(seen.stderr).toContain(said);
  });
});

describe('a monitor that goes on', () => {
  it('tells a dead cluster once, keeps its alarms meanwhile, and tells when it answers again', async () => {
    const data = join(dir, 'restarted');
    let own = await startLocalCluster({ dataDir: data, brokerSettings: { brokerName: 'broker-a' } });
    const port = Number(own.namesrvAddr.split(':')[1]);
    const clock = new HeldClock(Date.now());
    const admin = new Admin({ namesrvAddrs: [own.namesrvAddr], clock, logger: silentLogger, timeoutMs: 2000 });
    const told: string[] = [];
    const rules = [
      ruleOf({ name: 'nobody', group: 'GGone', limits: new Map([['noMember', 0]]) }),
      ruleOf({ name: 'away', limits: new Map([['clusterUnreachable', 0]]) }),
    ];
    const watching = new Monitor({
      admin,
      rules,
      intervalMs: 1000,
      onAlarm: ({ state, finding }) => told.push(`${state} ${finding.rule.name}`),
      onTrouble: (sentence) => told.push(sentence.replace(/:.*/, '')),
    });
    try {
      await watching.round();
      expect(told.splice(0)).toEqual(['firing nobody']);
      await own.stop();
      await watching.round();
      await watching.round();
      expect(told.splice(0)).toEqual(['The cluster cannot be asked', 'firing away']);
      own = await startLocalCluster({ dataDir: data, port, brokerSettings: { brokerName: 'broker-a' } });
      while (told.length === 0) await watching.round();
      expect(told).toEqual(['Everything can be asked again.', 'recovered away']);
      await watching.round();
      expect(told).toHaveLength(2);
    } finally {
      await admin.stop();
      await watching.stop();
      await own.stop();
    }
  });

  it('the built one begins at once, ends by Ctrl-C at once, and takes its programs with it', async () => {
    const pids = join(dir, 'pids');
    const file = rulesFile(
      `actions: [log, {command: [sh, -c, 'sleep 100 & echo "$! $$ ." > "$1"; wait', sh, '${pids}']}]\n` +
        'rules: [{name: late, group: GBehind, messagesBehind: 2}]',
    );
    const child = built.start(['startMonitoring', '--rules', file, '-n', cluster.namesrvAddr]);
    await built.saw(child, /firing "late"/);
    await until('the program', () => read(pids).endsWith('.\n'));
    const began = performance.now();
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(130);
    expect(performance.now() - began).toBeLessThan(5000);
    const alive = read(pids).split(' ').slice(0, 2).map(Number);
    await until('both gone', () => !alive.some((pid) => read(`/proc/${pid}/stat`).match(/\) [^Z] /)));
  });
});

describe('startMonitoring as mqadmin', () => {
  it('prints nothing, writes rounds into its log, and goes on where no cluster is', async () => {
    const consumer = new PushConsumer({
      group: 'GBehind',
      namesrvAddr: cluster.namesrvAddr,
      // A broker leaves out what members do not subscribe to.
      subscriptions: { Behind: '*' },
      listener: () => new Promise(() => {}),
      awaitTerminationMillisWhenShutdown: 0,
    });
    await consumer.start();
    const asked = ['consumerConnection', '-g', 'GBehind', '-n', cluster.namesrvAddr];
    while ((await runCommand(asked)).exitCode !== 0);
    const log = join(built.dir, 'logs', 'rocketmqlogs', 'rocketmq_client.log');
    const child = built.start(['startMonitoring', '-n', cluster.namesrvAddr]);
    const seen = built.finish(child);
    try {
      await until('a round', () => read(log).includes('timemills'), 20_000);
    } finally {
      child.kill('SIGINT');
      expect(await seen).toEqual({ stdout: '', stderr: '', exitCode: 130 });
      await consumer.stop();
    }
    expect(read(log)).toMatch(/ \[MONITOR\] =+beginRound\n(.*\n)*.* \[MONITOR\] =+endRound\n/);
    expect(read(log)).toMatch(
      / \[MONITOR\] reportUndoneMsgs: UndoneMsgs \[consumerGroup=GBehind, topic=Behind, undoneMsgsTotal=3, undoneMsgsSingleMQ=3, undoneMsgsDelayTimeMills=\d+\]\n/,
    );
    const nowhere = await deadAddr();
    const lost = built.start(['startMonitoring', '-n', nowhere]);
    const told = built.finish(lost);
    await until('the warning', () => read(log).includes('WARN The cluster cannot be asked'), 20_000);
    lost.kill('SIGTERM');
    expect(await told).toEqual({
      stdout: '',
      stderr: `The cluster cannot be asked: connect to [${nowhere}] failed.\n`,
      exitCode: 143,
    });
  });

  it('tells a group that was sent to another offset', async () => {
    const { deleteMsgsLine } = await import('../../src/cli/output/monitor-lines.ts');
    const text =
      '{"consumerGroup":"G","messageQueue":{"brokerName":"broker-a","queueId":1,"topic":"T"},"offsetNew":0,"offsetRequest":9}';
    expect(deleteMsgsLine({ text, eventTimestamp: 5 })).toBe(
      '[MONITOR] reportDeleteMsgsEvent: DeleteMsgsEvent [offsetMovedEvent=OffsetMovedEvent [consumerGroup=G, messageQueue=MessageQueue [topic=T, brokerName=broker-a, queueId=1], offsetRequest=9, offsetNew=0], eventTimestamp=5]',
    );
    expect(deleteMsgsLine({ text: 'none', eventTimestamp: 5 })).toBeUndefined();
  });
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
