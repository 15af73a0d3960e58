import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ClusterRole, findNamesrvAddr, listProcesses } from '../../../src/core/cluster/cluster-ini.ts';
import { type SpawnOptions, spawnProcess, stopProcesses } from '../../../src/core/cluster/daemon.ts';
import { isAlive } from '../../../src/core/cluster/process-identity.ts';

const entry = fileURLToPath(new URL('server-entry.ts', import.meta.url));
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq 集群 '));
});

afterEach(async () => {
  await stopProcesses(dataDir, 'all', { timeoutMs: 0, kill: true });
  rmSync(dataDir, { recursive: true, force: true });
});

const optionsFor = (mode: string, role: ClusterRole = 'namesrv'): SpawnOptions => ({
  role,
  args: [mode, dataDir, '0'],
  dataDir,
  logFile: join(dataDir, 'logs', 'out.log'),
  entry,
  execArgv: ['--import', 'tsx'],
});

test('a started namesrv is found, then stopped and gone', async () => {
  const started = await spawnProcess(optionsFor('serve'));
  expect(started.role).toBe('namesrv');
  expect(findNamesrvAddr(dataDir)).toBe(started.addr);
  expect(await stopProcesses(dataDir, 'broker', { timeoutMs: 10_000 })).toEqual([]);
  expect(isAlive(started)).toBe(true);
  const log = join(dataDir, 'logs', 'out.log');
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('The Name Server boot success.'), 10_000);
  expect(await stopProcesses(dataDir, 'namesrv', { timeoutMs: 10_000 })).toEqual([started]);
  expect(isAlive(started)).toBe(false);
  expect(listProcesses(dataDir)).toEqual([]);
});

test('a process that says why it leaves: that sentence and its exit code', async () => {
  await expect(spawnProcess(optionsFor('refusing'))).rejects.toMatchObject({
    code: 'STOPPED',
    message: 'the namesrv did not start: the port may not be used.',
    exitCode: 5,
  });
});

test('a process that leaves before it is ready: its last words, and not those of an earlier one', async () => {
  mkdirSync(join(dataDir, 'logs'));
  writeFileSync(join(dataDir, 'logs', 'out.log'), 'an older line\n');
  await expect(spawnProcess(optionsFor('wordless'))).rejects.toMatchObject({
    message: 'the namesrv did not start: it ended with exit code 1',
  });
  await expect(spawnProcess(optionsFor('broken'))).rejects.toMatchObject({
    code: 'STOPPED',
    message: 'the namesrv did not start: the last word',
  });
});

test('a process that is never ready is ended', async () => {
  await expect(spawnProcess({ ...optionsFor('silent'), timeoutMs: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('a start that is given up leaves no child', async () => {
  const giveUp = new AbortController();
  const starting = spawnProcess({ ...optionsFor('silent'), signal: giveUp.signal });
  giveUp.abort();
  await expect(starting).rejects.toMatchObject({ code: 'STOPPED' });
});

test('a process that ignores SIGTERM is named; only on request it is killed', async () => {
  const started = await spawnProcess(optionsFor('stubborn', 'broker'));
  await expect(stopProcesses(dataDir, 'all', { timeoutMs: 100 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringContaining(`process ${started.pid} `),
  });
  expect(isAlive(started)).toBe(true);
  expect(await stopProcesses(dataDir, 'all', { timeoutMs: 100, kill: true })).toEqual([started]);
  expect(isAlive(started)).toBe(false);
});

test('nothing runs: nothing is stopped', async () => {
  expect(await stopProcesses(join(dataDir, 'missing'), 'all', { timeoutMs: 100 })).toEqual([]);
});
