/** Alarms given to real programs, and how many deliveries run and wait. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runAlarmCommand } from '../../../../src/core/client/monitor/alarm-command.ts';
import { AlarmDelivery } from '../../../../src/core/client/monitor/alarm-delivery.ts';
import { alarmDocument } from '../../../../src/core/client/monitor/alarm-document.ts';
import type { CommandAction } from '../../../../src/core/client/monitor/monitor-rule.ts';
import { HeldClock } from '../held-clock.ts';
import { until } from '../scripted-cluster.ts';
import { eventOf } from './alarm-fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'pocketmq-alarm-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const shell = (script: string, ...args: string[]): CommandAction => ({
  kind: 'command',
  argv: ['sh', '-c', script, 'sh', ...args],
  timeoutMs: 5000,
});
const document = alarmDocument(eventOf([]));
const env = { PATH: process.env.PATH, HOME: '/nowhere' };

function run(action: CommandAction) {
  const clock = new HeldClock();
  const over = new AbortController();
  const outcome = runAlarmCommand(action, document, { clock, over: over.signal, env });
  outcome.catch(() => {});
  return { clock, over, outcome };
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie whose parent has not looked yet counts as gone.
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

describe('a command', () => {
  it('gets JSON on stdin, and variables beside those of the monitor', async () => {
    const file = join(dir, 'got');
    const { clock, outcome } = run(
      shell('cat > "$1"; echo "|$POCKETMQ_ALARM_CONSUMER_GROUP|$POCKETMQ_ALARM_VALUE|$HOME|$2" >> "$1"', file, 'a b'),
    );
    await outcome;
    const [json, variables] = read(file).split('}|');
    expect(JSON.parse(`${json}}`)).toEqual(document);
    expect(variables).toBe('G|12|/nowhere|a b\n');
    expect(clock.pending).toBe(0);
  });

  it('that does not read its stdin has not failed for that', async () => {
    await run(shell('exec <&-; exit 0')).outcome;
  });

  it.each([
    ['exit 3', 'RESPONSE', 'ended with 3'],
    ['echo no such address >&2; exit 1', 'RESPONSE', 'ended with 1: no such address'],
    ['kill -9 $$', 'RESPONSE', 'ended with SIGKILL'],
  ])('%s', async (script, code, said) => {
    await expect(run(shell(script)).outcome).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
  });

  it('that is not there', async () => {
    const { outcome } = run({ kind: 'command', argv: [join(dir, 'none')], timeoutMs: 1000 });
    await expect(outcome).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['time-out', 'end'])('is killed with its children by the %s', async (why) => {
    const file = join(dir, `pids-${why}`);
    const { clock, over, outcome } = run(shell('sleep 100 & echo "$! $$ ." > "$1"; wait', file));
    await until('the program', () => read(file).endsWith('.\n'));
    const pids = read(file).split(' ').slice(0, 2).map(Number);
    if (why === 'end') over.abort();
    else clock.advance(5000);
    await expect(outcome).rejects.toMatchObject({ code: why === 'end' ? 'STOPPED' : 'TIMEOUT' });
    await until('both gone', () => !pids.some(isAlive));
    expect(clock.pending).toBe(0);
  });
});

describe('deliveries', () => {
  function deliveryOf(maxWaiting?: number) {
    const failures: string[] = [];
    const logged: string[] = [];
    const delivery = new AlarmDelivery({
      clock: new HeldClock(),
      env,
      maxWaiting,
      onLog: ({ finding }) => logged.push(String(finding.consumerGroup)),
      onFailure: (sentence) => failures.push(sentence),
    });
    return { delivery, failures, logged };
  }

  it('four run at a time, so many wait, those beyond are dropped with a word', async () => {
    const started = join(dir, 'started');
    const gate = join(dir, 'gate');
    const action = shell('echo x >> "$1"; until [ -e "$2" ]; do sleep 0.05; done', started, gate);
    const { delivery, failures } = deliveryOf(3);
    for (let i = 0; i < 9; i++) delivery.deliver(eventOf([action], { consumerGroup: `G${i}` }));
    await until('four', () => read(started) === 'x\n'.repeat(4));
    expect(failures).toEqual(['More than 3 alarms wait for their receivers: some are dropped.']);
    await runAlarmCommand(shell('touch "$1"', gate), document, {
      clock: new HeldClock(),
      over: new AbortController().signal,
      env,
    });
    await delivery.idle();
    expect(read(started)).toBe('x\n'.repeat(7));
    expect(failures).toHaveLength(1);
  });

  it('notices of one alarm reach a receiver in their order, others do not wait for them', async () => {
    const file = join(dir, 'order');
    const action = shell('[ $POCKETMQ_ALARM_VALUE = 1 ] && sleep 0.3; echo $POCKETMQ_ALARM_VALUE >> "$1"', file);
    const { delivery } = deliveryOf();
    delivery.deliver(eventOf([action], { value: 1 }));
    delivery.deliver(eventOf([action], { value: 2 }));
    delivery.deliver(eventOf([action], { value: 3, consumerGroup: 'other' }));
    await delivery.idle();
    expect(read(file)).toBe('3\n1\n2\n');
  });

  it('log is told at once, failures in a sentence; stop() drops what waits', async () => {
    const { delivery, failures, logged } = deliveryOf();
    delivery.deliver(eventOf([{ kind: 'log' }, shell('exit 7')]));
    expect(logged).toEqual(['G']);
    await delivery.idle();
    expect(failures).toEqual(['The alarm "late" did not reach its command: sh ended with 7.']);
    for (let i = 0; i < 9; i++) delivery.deliver(eventOf([shell('sleep 100')], { consumerGroup: `G${i}` }));
    await delivery.stop();
    expect(failures).toHaveLength(1);
  });
});
