/**
 * The command lines of the two README pages: the tour of each, run in a shell from the top to the bottom, and the same commands
 * in both. Needs `npm run build`.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stopProcesses } from '../../src/core/cluster/daemon.ts';
import { pickPort } from '../../src/core/cluster/free-ports.ts';
import { Shell, usualPorts } from '../support/shell.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = ['README.md', 'README.zh-CN.md'];
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

const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The code blocks of a page without blank lines. */
function blocksOf(page: string): string[][] {
  return [...textOf(page).matchAll(/^```(?:sh|java)\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    block.split('\n').filter((line) => line !== ''),
  );
}

const withoutComment = (line: string): string => line.replace(/ +#.*/, '');

/** The block in which a line begins so. */
function blockWith(page: string, beginning: string): string[] {
  return blocksOf(page).find((lines) => lines.some((line) => line.startsWith(beginning))) ?? [];
}

it.each(PAGES)('the 60-second tour of %s', { timeout: 60_000 }, async (page) => {
  const seen = new Map<string, string>();
  const port = usualPorts ? '' : ` --port ${await pickPort('127.0.0.1', Math.random)}`;
  for (const line of blockWith(page, 'eval "$(mqadmin up)"')) {
    const { stdout, exitCode } = await shell.run(line.replace(/mqadmin up\b/, `mqadmin up${port}`));
    expect([line, exitCode, shell.stderr]).toEqual([line, 0, '']);
    seen.set(withoutComment(line), stdout);
  }
  expect([...seen.keys()]).toHaveLength(10);
  expect(seen.get('mqadmin consumeMessage -t orders')).toContain(' BODY: hello\n');
  expect(JSON.parse(seen.get('mqadmin clusterList --output json') ?? '')).toHaveLength(1);
  expect(seen.get('mqadmin status')).toMatch(/^#Role .*\nnamesrv .* yes\nbroker {3}broker-a .* yes\n$/);
  expect(seen.get('mqadmin down')).toMatch(
    /^The broker broker-a at .* is stopped\.\nThe namesrv at .* is stopped\.\n$/,
  );
  // Files of the next block belong into a directory that goes.
  await shell.run('cd "$POCKETMQ_DATA_DIR"');
  for (const line of blockWith(page, 'mqadmin store verify')) {
    const { exitCode } = await shell.run(line);
    expect([line, exitCode, shell.stderr]).toEqual([line, 0, '']);
  }
});

it('the commands that mqadmin does not have', { timeout: 60_000 }, async () => {
  const port = usualPorts ? '' : ` --port ${await pickPort('127.0.0.1', Math.random)}`;
  for (const line of [
    'export PATH="$PWD/bin:$PATH"',
    `eval "$(mqadmin up${port})"`,
    'mqadmin updateTopic -c DefaultCluster -t orders -r 4 -w 4',
    'mqadmin sendMessage -t orders -p first',
    'mqadmin subscribe orders -g GROUP --from first --count 1 --ordered',
  ]) {
    expect([line, (await shell.run(line)).exitCode, shell.stderr]).toMatchObject([line, 0, expect.any(String)]);
  }
  const sent = await shell.run('mqadmin sendMessage -t orders -p traced -m true --output json');
  const { msgId } = JSON.parse(sent.stdout);
  const codes = new Map<string, number>();
  for (const line of blockWith('README.md', 'seq 1000 | mqadmin produce').map(withoutComment)) {
    // A shrinking waits for half a minute at least.
    const typed = line.replace('MSGID', msgId).replace(/^mqadmin shrinkTopic .*/, '$& --dry-run');
    codes.set(line, (await shell.run(typed)).exitCode);
  }
  const deadLetters = 'mqadmin dlq resend -g GROUP --all --rate 50/s';
  expect(codes.get(deadLetters)).toBe(4);
  codes.delete(deadLetters);
  expect([...codes].filter(([, code]) => code !== 0)).toEqual([]);
  expect(codes.size).toBe(8);
});

it("RocketMQ's page is the one the launchers are tested with", () => {
  const tested = readFileSync(new URL('launchers.test.ts', import.meta.url), 'utf8');
  const lines = blockWith('README.md', 'nohup sh bin/mqnamesrv');
  expect(lines).toHaveLength(7);
  for (const line of lines) expect(tested).toContain(line.replace(/mqshutdown \w+$/, 'mqshutdown '));
});

it('both pages have the same commands, names in code and tables, and lead to each other', () => {
  const [english = '', chinese = ''] = PAGES;
  const commandsOf = (page: string) => blocksOf(page).map((lines) => lines.map(withoutComment));
  expect(commandsOf(chinese)).toEqual(commandsOf(english));
  const prose = (page: string) => textOf(page).replace(/^```[\s\S]*?^```$/gm, '');
  // A code may go over a line's end.
  const codes = (page: string) => [...prose(page).matchAll(/`[^`]+`/g)].map(([code]) => code.replace(/\s+/g, ' '));
  expect(new Set(codes(chinese))).toEqual(new Set(codes(english)));
  const headings = (page: string) => [...prose(page).matchAll(/^(#+) /gm)].map(([, depth]) => depth);
  expect(headings(chinese)).toEqual(headings(english));
  const firstCells = (page: string) => [...prose(page).matchAll(/^\| (\d|`[^`]+`) \|/gm)].map(([, cell]) => cell);
  expect(firstCells(chinese)).toEqual(firstCells(english));
  for (const [page, other] of [PAGES, [...PAGES].reverse()]) expect(textOf(page ?? '')).toContain(`](${other})`);
});

it('both pages are in the package', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files: string[] = JSON.parse(packed)[0].files.map(({ path }: { path: string }) => path);
  expect(files).toEqual(expect.arrayContaining(PAGES));
});
