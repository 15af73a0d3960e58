import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ClusterProcess,
  findNamesrvAddr,
  listProcesses,
  registerProcess,
  unregisterProcess,
} from '../../../src/core/cluster/cluster-ini.ts';
import { isAlive, processStartOf } from '../../../src/core/cluster/process-identity.ts';

let dataDir: string;
let iniPath: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-ini-'));
  iniPath = join(dataDir, 'cluster.ini');
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const own = (values: Partial<ClusterProcess> = {}): ClusterProcess => ({
  role: 'namesrv',
  pid: process.pid,
  addr: '127.0.0.1:9876',
  name: undefined,
  path: undefined,
  startedAt: 1_700_000_000_000,
  ...values,
});

/** The pid of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('what is entered is listed, whatever its name', async () => {
  const broker = own({
    role: 'broker',
    addr: '127.0.0.1:10911',
    name: 'true ;经纪人=[a]',
    path: join(dataDir, 'sto re'),
  });
  await registerProcess(dataDir, own());
  await registerProcess(dataDir, broker);
  expect(listProcesses(dataDir)).toEqual([own(), broker]);
  expect(findNamesrvAddr(dataDir)).toBe('127.0.0.1:9876');
  expect(readdirSync(dataDir)).toEqual(['cluster.ini']);
});

test('an IPv6 address and a name are addresses, too', async () => {
  await registerProcess(dataDir, own({ addr: '[::1]:9876' }));
  await registerProcess(dataDir, own({ role: 'broker', addr: 'my-host.example:10911' }));
  expect(listProcesses(dataDir).map(({ addr }) => addr)).toEqual(['[::1]:9876', 'my-host.example:10911']);
  expect(findNamesrvAddr(dataDir)).toBe('[::1]:9876');
});

test('several namesrvs make a list', async () => {
  await registerProcess(dataDir, own());
  await registerProcess(dataDir, own({ addr: '127.0.0.1:9877' }));
  expect(findNamesrvAddr(dataDir)).toBe('127.0.0.1:9876;127.0.0.1:9877');
});

test('nobody there: an empty list, no address', () => {
  expect(listProcesses(join(dataDir, 'missing'))).toEqual([]);
  expect(findNamesrvAddr(dataDir)).toBeUndefined();
});

test('leaving removes one address or all of a process', async () => {
  await registerProcess(dataDir, own());
  await registerProcess(dataDir, own({ role: 'broker', addr: '127.0.0.1:10911' }));
  await unregisterProcess(dataDir, process.pid, '127.0.0.1:9876');
  expect(listProcesses(dataDir).map((entry) => entry.role)).toEqual(['broker']);
  await unregisterProcess(dataDir, process.pid);
  expect(listProcesses(dataDir)).toEqual([]);
});

test('an entry of a dead process is not listed, and goes with the next write', async () => {
  const pid = await deadPid();
  await registerProcess(dataDir, own({ pid }));
  expect(readFileSync(iniPath, 'utf8')).toContain(`pid=${pid}`);
  expect(listProcesses(dataDir)).toEqual([]);
  await registerProcess(dataDir, own());
  expect(readFileSync(iniPath, 'utf8')).not.toContain(`pid=${pid}`);
});

test.runIf(process.platform === 'linux')('an entry whose pid is another process by now is dead', async () => {
  await registerProcess(dataDir, own());
  const text = readFileSync(iniPath, 'utf8');
  const start = processStartOf(process.pid) ?? '';
  expect(text).toContain(start);
  writeFileSync(iniPath, text.replace(start, `${start}0`));
  expect(listProcesses(dataDir)).toEqual([]);
  expect(isAlive({ pid: process.pid })).toBe(true);
  expect(isAlive({ pid: process.pid, processStart: start })).toBe(true);
});

test('two live processes cannot own one path', async () => {
  const parent = { pid: process.ppid, role: 'broker', addr: '127.0.0.1:1', path: '/a/store' } as const;
  await registerProcess(dataDir, own(parent));
  const rival = own({ role: 'broker', addr: '127.0.0.1:10911', path: '/a/store' });
  await expect(registerProcess(dataDir, rival)).rejects.toMatchObject({
    code: 'IN_USE',
    message: expect.stringContaining(`process ${process.ppid} (127.0.0.1:1)`),
  });
  expect(listProcesses(dataDir)).toHaveLength(1);
  await registerProcess(dataDir, { ...rival, path: '/another/store' });
  expect(listProcesses(dataDir)).toHaveLength(2);
});

test('nonsense in the file is passed over', async () => {
  writeFileSync(iniPath, 'loose=1\n[odd]\nrole=controller\npid=1\naddress=x\n[half\n[broker]\nrole=broker\npid=abc\n');
  expect(listProcesses(dataDir)).toEqual([]);
  await registerProcess(dataDir, own());
  expect(listProcesses(dataDir)).toHaveLength(1);
});

test('a lock left by a dead process is taken over', async () => {
  writeFileSync(`${iniPath}.lock`, `${await deadPid()} 1`);
  await registerProcess(dataDir, own());
  expect(listProcesses(dataDir)).toHaveLength(1);
  expect(readdirSync(dataDir)).toEqual(['cluster.ini']);
});

test('many registrations at once, in several processes, lose nothing', async () => {
  const moduleUrl = new URL('../../../src/core/cluster/cluster-ini.ts', import.meta.url).href;
  // Each child enters its addresses for this process, which outlives it.
  const script = `
    const { registerProcess } = await import(${JSON.stringify(moduleUrl)});
    await Promise.all([0, 1, 2, 3, 4].map((n) => registerProcess(${JSON.stringify(dataDir)},
      { role: 'broker', pid: ${process.pid}, addr: process.pid + ':' + n, startedAt: 0 })));`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(new Set(listProcesses(dataDir).map((entry) => entry.addr)).size).toBe(20);
  expect(readdirSync(dataDir)).toEqual(['cluster.ini']);
});
