import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogTail, logNames } from '../../../src/core/cluster/log-tail.ts';

let dataDir: string;
let path: string;
let tail: LogTail;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-logs-'));
  mkdirSync(join(dataDir, 'logs'));
  path = join(dataDir, 'logs', 'namesrv.log');
  tail = new LogTail(path);
});

afterEach(() => {
  tail.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the last lines, then whole lines as they come', () => {
  writeFileSync(path, 'one\ntwo\nthree\n');
  expect(tail.last(2)).toEqual(['two', 'three']);
  expect(tail.more()).toEqual([]);
  appendFileSync(path, 'four\nfi');
  expect(tail.more()).toEqual(['four']);
  appendFileSync(path, 've 五\n');
  expect(tail.more()).toEqual(['five 五']);
});

test('a long log: whole lines of its end', () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} of a long log`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  const last = tail.last(30_000);
  expect(last).toEqual(lines.slice(-last.length));
  expect(last.length).toBeGreaterThan(1000);
});

test('a rotation loses nothing', () => {
  writeFileSync(path, 'one\n');
  tail.last(0);
  appendFileSync(path, 'two\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'three\n');
  expect(tail.more()).toEqual(['two', 'three']);
});

test('a log that comes later is read from its beginning', () => {
  expect(tail.last(10)).toEqual([]);
  writeFileSync(path, 'one\n');
  expect(tail.more()).toEqual(['one']);
});

test('the logs there are', () => {
  for (const name of ['namesrv.log', 'namesrv.log.1', 'broker-a.log']) writeFileSync(join(dataDir, 'logs', name), '');
  expect(logNames(dataDir)).toEqual(['broker-a', 'namesrv']);
  expect(logNames(join(dataDir, 'missing'))).toEqual([]);
});
