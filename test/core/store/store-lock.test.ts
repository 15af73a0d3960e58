import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { bodies, openStore, put, tempDir } from './store-fixture.ts';

/** A process that does nothing until it is killed. */
function idleProcess(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

function startTime(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

describe('the lock of a store', () => {
  it('refuses a second store on one directory, naming the process', async () => {
    const { store, rootDir } = await openStore();
    await expect(openStore({ rootDir })).rejects.toMatchObject({
      code: 'IN_USE',
      message: `the store ${rootDir} is in use by process ${process.pid}; stop that process or use another store directory`,
    });
    expect((await put(store)).status).toBe('PUT_OK');
    await store.stop();
    expect(existsSync(join(rootDir, 'pocketmq.pid'))).toBe(false);
    await expect(openStore({ rootDir })).resolves.toBeDefined();
  });

  it('refuses while another process lives, and takes over when it is gone', async () => {
    const rootDir = tempDir();
    const child = idleProcess();
    const pid = child.pid ?? expect.fail();
    writeFileSync(join(rootDir, 'pocketmq.pid'), `${pid} ${startTime(pid)}\n`);
    await expect(openStore({ rootDir })).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining(`process ${pid};`),
    });
    expect(readFileSync(join(rootDir, 'pocketmq.pid'), 'utf8')).toContain(String(pid));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store } = await openStore({ rootDir });
    await put(store);
    expect(bodies(store)).toEqual(['hello']);
    expect(readFileSync(join(rootDir, 'pocketmq.pid'), 'utf8')).toBe(`${process.pid} ${startTime(process.pid)}\n`);
  });

  it('takes over from a process that its parent has not reaped', async () => {
    const rootDir = tempDir();
    // The shell becomes a program that asks for no exit code; its child ends after that and stays a zombie.
    const script = 'exec 3<&0; cat <&3 >&2 & echo $!; exec sleep 60 3<&-';
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    await vi.waitFor(() => expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n'));
    parent.stdin.end();
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z '));
    writeFileSync(join(rootDir, 'pocketmq.pid'), `${pid} ${startTime(pid)}\n`);
    await expect(openStore({ rootDir })).resolves.toBeDefined();
  });

  it.each([
    ['whose pid another process has now', () => `${process.ppid} 1\n`],
    ['that is empty', () => ''],
    ['of garbage', () => 'not a pid'],
  ])('takes over a file %s', async (_, content) => {
    const rootDir = tempDir();
    writeFileSync(join(rootDir, 'pocketmq.pid'), content());
    await expect(openStore({ rootDir })).resolves.toBeDefined();
  });

  it('refuses a store that a JVM has locked', async () => {
    const { store, rootDir, disk } = await openStore();
    await store.stop();
    const inode = disk.inode(join(rootDir, 'lock'));
    const { readText } = disk;
    disk.readText = (path) =>
      path === '/proc/locks' ? `1: POSIX  ADVISORY  WRITE 4711 fe:01:${inode} 0 0\n` : readText(path);
    await expect(openStore({ rootDir, disk })).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining('process 4711;'),
    });
    expect(existsSync(join(rootDir, 'pocketmq.pid'))).toBe(false);
  });
});
