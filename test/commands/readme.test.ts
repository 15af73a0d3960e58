/**
 * The command lines of README.md's tour, run in a shell from the top to the bottom. Needs `npm run build`.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stopProcesses } from '../../src/core/cluster/daemon.ts';
import { pickPort } from '../../src/core/cluster/free-ports.ts';
import { Shell, usualPorts } from '../support/shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dataDir: string;
let shell: Shell;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-readme-'));
  const env = { ...process.env, NAMESRV_ADDR: undefined, POCKETMQ_DATA_DIR: dataDir };
  shell = new Shell({ cwd: root, env });
});

afterEach(async () => {
  await stopProcesses(dataDir, 'all', { timeoutMs: 10_000, kill: true });
  await shell.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The shell lines below a heading, without blank ones. */
function linesOf(heading: string): string[] {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /```sh\n([\s\S]*?)```/.exec(text.slice(text.indexOf(`\n## ${heading}\n`)))?.[1] ?? '';
  return block.split('\n').filter((line) => line !== '');
}

it('the 60-second tour', { timeout: 60_000 }, async () => {
  const seen = new Map<string, string>();
  const port = usualPorts ? '' : ` --port ${await pickPort('127.0.0.1', Math.random)}`;
  for (const line of linesOf('The 60-second tour')) {
    const { stdout, exitCode } = await shell.run(line.replace(/mqadmin up\b/, `mqadmin up${port}`));
    expect([line, exitCode, shell.stderr]).toEqual([line, 0, '']);
    seen.set(line.replace(/ +#.*/, ''), stdout);
  }
  expect([...seen.keys()]).toHaveLength(10);
  expect(seen.get('mqadmin consumeMessage -t orders')).toContain(' BODY: hello\n');
  expect(JSON.parse(seen.get('mqadmin clusterList --output json') ?? '')).toHaveLength(1);
  expect(seen.get('mqadmin status')).toMatch(/^#Role .*\nnamesrv .* yes\nbroker {3}broker-a .* yes\n$/);
  expect(seen.get('mqadmin down')).toMatch(
    /^The broker broker-a at .* is stopped\.\nThe namesrv at .* is stopped\.\n$/,
  );
});

it("RocketMQ's page is the one the launchers are tested with", () => {
  const tested = readFileSync(new URL('launchers.test.ts', import.meta.url), 'utf8');
  for (const line of linesOf("RocketMQ's own quickstart, word for word")) {
    expect(tested).toContain(line.replace(/mqshutdown \w+$/, 'mqshutdown '));
  }
});
