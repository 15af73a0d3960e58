import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../../src/core/cluster/log-file.ts';
import { type Clock, systemClock } from '../../../src/core/common/clock.ts';

const clock: Clock = { ...systemClock, now: () => new Date(2026, 10, 3, 5, 9, 7, 45).getTime() };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-log-'));
  path = join(folder, 'logs', 'broker.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('lines with time and level, gathered for a turn of the event loop', async () => {
  const log = new LogFile({ path, clock });
  log.info('one');
  log.warn('two');
  log.debug('not wanted');
  expect(() => statSync(path)).toThrow();
  await new Promise((resolve) => setImmediate(resolve));
  expect(readFileSync(path, 'utf8')).toBe('2026-11-03 05:09:07,045 INFO one\n2026-11-03 05:09:07,045 WARN two\n');
  log.close();
});

test('an error goes out at once, with its stack and its causes', () => {
  const log = new LogFile({ path, clock });
  log.error('it broke', new Error('above', { cause: new Error('below') }));
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(/ERROR it broke\nError: above\n {4}at /);
  expect(text).toContain('Caused by: Error: below');
  log.close();
});

test('an earlier log is continued', () => {
  for (const word of ['first', 'second']) {
    const log = new LogFile({ path, clock });
    log.info(word);
    log.close();
  }
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
});

test('rotation keeps so many files of such a size', () => {
  const log = new LogFile({ path, clock, maxBytes: 200, keep: 2 });
  for (let i = 0; i < 50; i++) {
    log.info(`line ${i}`);
    log.flush();
  }
  log.close();
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(['broker.log', 'broker.log.1', 'broker.log.2']);
  for (const name of readdirSync(join(folder, 'logs'))) {
    expect(statSync(join(folder, 'logs', name)).size).toBeLessThanOrEqual(200);
  }
  expect(readFileSync(path, 'utf8')).toContain('line 49');
  expect(readFileSync(`${path}.1`, 'utf8')).not.toContain('line 49');
});

test('a log that cannot be written disturbs nobody and says so later', () => {
  writeFileSync(join(folder, 'logs'), 'a file where the folder should be');
  const log = new LogFile({ path, clock });
  log.info('lost');
  log.flush();
  rmSync(join(folder, 'logs'));
  mkdirSync(join(folder, 'logs'));
  log.info('kept');
  log.close();
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('WARN 1 writes of this log failed');
  expect(text).toContain('INFO kept');
  expect(text).not.toContain('lost');
});

test('nothing is written after close', async () => {
  const log = new LogFile({ path, clock });
  log.info('kept');
  log.close();
  log.info('too late');
  log.error('too late');
  await new Promise((resolve) => setImmediate(resolve));
  expect(readFileSync(path, 'utf8')).toBe('2026-11-03 05:09:07,045 INFO kept\n');
});
