/**
 * The built program as a person runs it: bin/run.cjs and bin/mqadmin as processes of their own. Needs `npm run build`.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Seen } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entry = join(root, 'bin', 'run.cjs');

/** A folder as unfriendly as a home directory can be. */
let dir: string;
let running: ChildProcess[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq 测试 '));
  running = [];
});

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(dir, { recursive: true, force: true });
});

function start(argv: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [entry, ...argv], {
    env: { PATH: process.env.PATH, HOME: dir, TMPDIR: dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  return child;
}

/** Collects what a process writes until it ends. */
async function finish(child: ChildProcess): Promise<Seen> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  await once(child, 'close');
  return { stdout, stderr, exitCode: child.exitCode ?? -1 };
}

const run = (...argv: string[]): Promise<Seen> => finish(start(argv));

interface Ready {
  child: ChildProcess;
  addr: string;
  pid: number;
}

/** Starts a server and waits for its announcement. */
async function serve(role: 'namesrv' | 'broker', ...options: string[]): Promise<Ready> {
  const child = start([role, '--port', '0', '--output', 'json', ...options]);
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.endsWith('}\n')) break;
  }
  return { child, ...JSON.parse(text) };
}

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  await once(child, 'exit');
  return child.exitCode;
}

/** Of every process of this machine. */
function commandLines(): string[] {
  if (!existsSync('/proc/self')) return execFileSync('ps', ['-ax', '-o', 'args'], { encoding: 'utf8' }).split('\n');
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8')] : [];
    } catch {
      return [];
    }
  });
}

describe('the launchers', () => {
  it('run through links and from anywhere', async () => {
    const link = join(dir, 'mq admin');
    symlinkSync(join(root, 'bin', 'mqadmin'), join(dir, 'first'));
    symlinkSync('first', link);
    const child = spawn(link, ['--version'], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    expect(await finish(child)).toMatchObject({ stdout: expect.stringMatching(/^pocketmq \d/), exitCode: 0 });
  });

  it('print the listing', async () => {
    const { stdout, stderr, exitCode } = await run();
    expect(stdout).toContain('   topicList            Fetch all topic list from name server\n');
    expect([stderr, exitCode]).toEqual(['', 0]);
  });
});

describe('servers in the foreground', () => {
  it('say their boot line, are found by commands and stop at SIGTERM and SIGINT', async () => {
    const namesrv = await serve('namesrv');
    const broker = await serve('broker');
    const seen = await run('clusterList');
    expect(seen).toMatchObject({ stderr: '', exitCode: 0 });
    expect(seen.stdout).toContain(broker.addr);
    expect(await stopped(broker.child, 'SIGTERM')).toBe(0);
    expect(await stopped(namesrv.child, 'SIGINT')).toBe(0);
    const text = await run('topicList');
    expect(text.stderr).toMatch(/^no name server is known: /);
    expect(text.exitCode).toBe(3);
  });

  it('print the lines of mqnamesrv and mqbroker', async () => {
    const file = join(dir, 'namesrv.conf');
    writeFileSync(file, 'listenPort=0\n');
    const child = start(['namesrv', '-c', file]);
    const [line] = await once(child.stdout ?? child, 'data');
    expect(String(line)).toBe(
      `load config properties file OK, ${file}\nThe Name Server boot success. serializeType=JSON\n`,
    );
    expect(await stopped(child, 'SIGTERM')).toBe(0);
  });

  it('keep what they got over a restart', async () => {
    const namesrv = await serve('namesrv');
    const first = await serve('broker');
    expect(await run('sendMessage', '-t', 'TBW102', '-p', 'kept')).toMatchObject({ exitCode: 0 });
    expect(await run('shutdown', 'broker')).toMatchObject({
      stdout: expect.stringMatching(
        new RegExp(`^The broker .* at ${first.addr} \\(process ${first.pid}\\) is stopped\\.\n$`),
      ),
      exitCode: 0,
    });
    expect(first.child.exitCode).toBe(0);
    await serve('broker');
    await expect.poll(async () => (await run('consumeMessage', '-t', 'TBW102')).stdout).toContain(' BODY: kept\n');
    expect(await run('shutdown', 'all')).toMatchObject({ exitCode: 0 });
    expect(namesrv.child.exitCode).toBe(0);
    expect(await run('shutdown', 'all')).toMatchObject({ stdout: '', exitCode: 4 });
  });

  it('name a port in use and leave', async () => {
    const namesrv = await serve('namesrv');
    const port = namesrv.addr.replace(/^.*:/, '');
    const seen = await run('namesrv', '--port', port, '--data-dir', join(dir, 'other'));
    expect(seen.stdout).toBe('');
    expect(seen.stderr).toMatch(new RegExp(`^port ${port} is in use.*\\.\n$`));
    expect(seen.exitCode).toBe(1);
  });

  it('refuse a promise of safety that is not kept', async () => {
    const file = join(dir, 'broker.conf');
    writeFileSync(file, 'brokerRole=SYNC_MASTER\n');
    const seen = await run('broker', '-c', file, '--port', '0');
    expect(seen.stdout).toBe('');
    expect(seen.stderr).toMatch(/^.*SYNC_MASTER.*\.\n$/);
    expect(seen.exitCode).toBe(1);
  });
});

describe('interruption', () => {
  it('of a repeated listing ends it with 130', async () => {
    await serve('namesrv');
    const child = start(['clusterList', '-i', '60']);
    const seen = finish(child);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGINT');
    expect(await seen).toMatchObject({ stderr: '', exitCode: 130 });
  });

  it.each(['namesrv &', 'broker -n', 'updateTopic', 'sendMessage', 'consumeMessage'])(
    'of quickstart at "%s" leaves no process and no directory',
    async (step) => {
      const child = start(['quickstart']);
      const seen = finish(child);
      let text = '';
      child.stdout?.on('data', (chunk) => {
        text += chunk;
        // Ports are given where the usual ones are taken.
        if (child.killed || !text.replace(/ --port \d+/g, '').includes(step)) return;
        child.kill('SIGINT');
      });
      const { exitCode } = await seen;
      expect(commandLines().filter((line) => line.includes(dir))).toEqual([]);
      expect(readdirSync(dir)).toEqual([]);
      expect(exitCode).toBe(130);
    },
  );
});

describe('quickstart', () => {
  it('shows everything in at most 80 columns and leaves nothing behind', async () => {
    const { stdout, stderr, exitCode } = await run('quickstart');
    expect([stderr, exitCode]).toEqual(['', 0]);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^\$ export POCKETMQ_DATA_DIR=/);
    expect(stdout).toMatch(/\n1,000 messages sent, 1,000 received, each exactly once, in \d\.\d s\n/);
    expect(stdout).toMatch(/\nnext: mqadmin quickstart --keep\n$/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('keeps the cluster on request and says how to stop it', async () => {
    const kept = join(dir, 'kept');
    mkdirSync(kept);
    const { stdout } = await run('quickstart', '--keep', '--data-dir', kept);
    const addr = /use it: {3}export NAMESRV_ADDR=(\S+)\n/.exec(stdout)?.[1] ?? '';
    expect(await run('topicStatus', '-n', addr, '-t', 'quickstart')).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain(`  stop it:  mqadmin shutdown all --data-dir '${kept}'\n`);
    expect(await run('quickstart', '--data-dir', kept)).toMatchObject({ stdout: '', exitCode: 1 });
    expect(await run('shutdown', 'all', '--data-dir', kept)).toMatchObject({ exitCode: 0 });
  });

  it('reports to a program as one document', async () => {
    const { stdout } = await run('quickstart', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kept: false, topic: 'quickstart', sent: 1000, received: 1000 });
  });
});
