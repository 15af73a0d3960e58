/**
 * Where the launchers lie and what they find there: linked as npm links them, below folders with any name, without node or
 * with an old one. Needs `npm run build`.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const linked: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).bin;
const LAUNCHERS = ['mqadmin', 'mqbroker', 'mqnamesrv', 'mqshutdown', 'tools.sh'];
const SHELLS = ['dash', 'bash'];

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pocketmq 链接 -> it's "));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function run(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const given = { PATH: process.env.PATH, HOME: dir, ...env };
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: dir, env: given, encoding: 'utf8' });
  return { stdout, stderr, exitCode: status };
}

/** A folder whose commands are all a launcher may find. */
function pathOf(...commands: string[]): string {
  const folder = join(dir, 'few');
  mkdirSync(folder);
  for (const command of commands) {
    const found = run('sh', ['-c', `command -v ${command}`]).stdout.trim();
    symlinkSync(found, join(folder, command));
  }
  return folder;
}

describe('what npm puts on the PATH', () => {
  it('is every launcher', () => {
    expect(Object.keys(linked)).toEqual(expect.arrayContaining(LAUNCHERS));
    for (const target of Object.values(linked)) accessSync(join(root, target), constants.X_OK);
  });

  it.each([...LAUNCHERS, 'pocketmq'])('%s runs through a link from anywhere', (name) => {
    const folder = join(dir, 'prefix -> 前缀', 'bin');
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(root, linked[name] ?? name), join(folder, name));
    // A link to a link, beside it.
    symlinkSync(`./${name}`, join(folder, 'other name'));
    const usage = /^(The most commonly used mqadmin commands are:|usage: (mqbroker|mqnamesrv|mqshutdown|tools\.sh) )/;
    const direct = run(name, ['--help'], { PATH: `${folder}:${process.env.PATH}` });
    expect(direct).toMatchObject({ stdout: expect.stringMatching(usage), exitCode: 0 });
    expect(run(join(folder, 'other name'), ['--help']).stdout).toBe(direct.stdout);
  });

  it.each(SHELLS)('each is a script for %s', (shell) => {
    symlinkSync(root, join(dir, 'root'));
    for (const name of LAUNCHERS) {
      const seen = run(shell, [join(dir, 'root', 'bin', name), '--help']);
      expect([name, seen.exitCode, seen.stdout === '']).toEqual([name, 0, false]);
    }
  });
});

describe('the node they run on', () => {
  it.each(LAUNCHERS)('%s says what to install where there is none', (name) => {
    const PATH = pathOf('dirname', 'readlink', 'sed');
    expect(run('/bin/sh', [join(root, 'bin', name), '--help'], { PATH })).toEqual({
      stdout: '',
      stderr: 'node was not found: install Node.js 20.19 or newer, or name one with NODE=/path/to/node.\n',
      exitCode: 1,
    });
  });

  it('an old one gets one sentence', () => {
    const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });";
    const load = `${old} require(${JSON.stringify(join(root, 'bin', 'run.cjs'))})`;
    const seen = run(process.execPath, ['-e', load]);
    expect(seen).toMatchObject({ stdout: '', exitCode: 1 });
    expect(seen.stderr).toMatch(/^PocketMQ needs Node\.js 20\.19 or newer; .* is v\d.*\.\n$/);
  });
});
