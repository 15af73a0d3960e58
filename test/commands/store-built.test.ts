/** `mqadmin store` as processes: a reader that goes away, and an import that is interrupted or killed. Needs `npm run build`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

const entry = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));
const LINES = 5000;
const lines = Array.from({ length: LINES }, (_, i) => `{"topic":"T","queueId":${i % 4},"body":"message ${i}"}\n`).join(
  '',
);

let dir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq store '));
});

afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

interface Ended {
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs the program with more of a shell's line behind it. */
function start(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const started = spawn(command, args, { cwd: dir, env: { PATH: process.env.PATH, HOME: dir } });
  child = started;
  let stderr = '';
  started.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  started.stdout.resume();
  // Whoever is ended does not read the rest.
  started.stdin.on('error', () => {});
  const ended = once(started, 'close').then(() => ({ stderr, code: started.exitCode }));
  return { child: started, ended };
}

const verified = async (): Promise<{ sound: boolean; crashed: boolean; messages: number; faults: object[] }> =>
  JSON.parse((await runCommand(['store', 'verify', '-s', join(dir, 'store'), '-o', 'json'])).stdout);

it('an export whose reader goes away ends without a word', async () => {
  writeFileSync(join(dir, 'lines'), lines);
  expect(await runCommand(['store', 'import', '-s', join(dir, 'store'), '-f', join(dir, 'lines')])).toMatchObject({
    exitCode: 0,
  });
  const line = `"$0" "$1" store export -s store | head -n 1 > first; cat first`;
  const { child: shell, ended } = start('sh', ['-c', line, process.execPath, entry]);
  let stdout = '';
  shell.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  expect(await ended).toEqual({ stderr: '', code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ body: 'message 0' });
});

it.each(['SIGINT', 'SIGTERM'] as const)('an import from stdin ended by %s says how much is in', async (signal) => {
  const { child: importing, ended } = start(process.execPath, [entry, 'store', 'import', '-s', 'store']);
  importing.stdin?.write(lines);
  await expect.poll(() => existsSync(join(dir, 'store', 'commitlog', '0'.repeat(20))), { timeout: 15_000 }).toBe(true);
  importing.kill(signal);
  const { stderr, code } = await ended;
  expect(code).toBe(7);
  const [, count] = /^(\d+) messages are imported, then: interrupted\.\n$/.exec(stderr) ?? [];
  expect([stderr, await verified()]).toMatchObject([stderr, { sound: true, crashed: false, messages: Number(count) }]);
});

it('an import that is killed leaves a store whose damage is what recovery repairs', async () => {
  const { child: importing, ended } = start(process.execPath, [entry, 'store', 'import', '-s', 'store']);
  importing.stdin?.write(lines);
  await expect.poll(() => existsSync(join(dir, 'store', 'config', 'topics.json')), { timeout: 15_000 }).toBe(true);
  importing.kill('SIGKILL');
  await ended;
  expect(await verified()).toMatchObject({ sound: true, crashed: true, faults: [] });
});
