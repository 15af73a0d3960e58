/** Ephemeral data directories, and emptying one. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registerProcess } from '../../../src/core/cluster/cluster-ini.ts';
import { ephemeralDirs, isEphemeral, makeEphemeral, removeEphemeral } from '../../../src/core/cluster/ephemeral.ts';
import { readReadyFile, removeReadyFile, writeReadyFile } from '../../../src/core/cluster/ready-file.ts';
import { resetDataDir } from '../../../src/core/cluster/reset-data-dir.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq 目录 '));
});

afterEach(() => {
  for (const dir of ephemeralDirs(dataDir)) removeEphemeral(dir);
  rmSync(dataDir, { recursive: true, force: true });
});

test('an ephemeral directory is found from the one it was made for, and goes without a trace', () => {
  const [one, two] = [makeEphemeral(dataDir), makeEphemeral(dataDir)];
  expect(ephemeralDirs(dataDir)).toEqual([one, two]);
  removeEphemeral(one);
  expect(ephemeralDirs(dataDir)).toEqual([two]);
  removeEphemeral(two);
  expect([existsSync(one), existsSync(two), readdirSync(dataDir)]).toEqual([false, false, []]);
});

test('only an ephemeral directory is removed', () => {
  expect(isEphemeral(dataDir)).toBe(false);
  removeEphemeral(dataDir);
  expect(existsSync(dataDir)).toBe(true);
});

test('a reset deletes what PocketMQ made and nothing else', () => {
  for (const name of ['stores', 'logs', 'mine']) mkdirSync(join(dataDir, name));
  writeFileSync(join(dataDir, 'stores', 'file'), '');
  expect(resetDataDir(dataDir)).toEqual([join(dataDir, 'stores'), join(dataDir, 'logs')]);
  expect(readdirSync(dataDir)).toEqual(['mine']);
});

test('a reset is refused while a process runs', async () => {
  mkdirSync(join(dataDir, 'stores'));
  await registerProcess(dataDir, { role: 'broker', pid: process.pid, addr: '127.0.0.1:1', startedAt: 0 });
  expect(() => resetDataDir(dataDir)).toThrowError(expect.objectContaining({ code: 'IN_USE' }));
  expect(existsSync(join(dataDir, 'stores'))).toBe(true);
});

test('a ready file is there as a whole or not at all', () => {
  const path = join(dataDir, 'new folder', 'ready');
  const report = { role: 'namesrv', addr: '127.0.0.1:1', pid: 1, dataDir, bootLine: 'up', notices: [] } as const;
  expect(readReadyFile(path)).toBeUndefined();
  writeReadyFile(path, report);
  expect(readReadyFile(path)).toEqual(report);
  expect(readdirSync(join(dataDir, 'new folder'))).toEqual(['ready']);
  removeReadyFile(path);
  removeReadyFile(path);
  expect(readReadyFile(path)).toBeUndefined();
});
