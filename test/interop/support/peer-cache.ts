/**
 * The cache of real peers, and making what is in it. An entry is complete or absent: it is made in a folder beside its
 * place and renamed into it, by one process at a time.
 *
 * The cache is $POCKETMQ_PEERS_DIR, else `pocketmq-peers` below the user's cache directory.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { childEnv, pollUntil } from './process.ts';

const DOWNLOAD_LIMIT_MS = 15 * 60_000;

/** Root of the cache; made on demand by whoever writes to it. */
export function peersDir(): string {
  const given = process.env.POCKETMQ_PEERS_DIR;
  if (given) return given;
  const xdg = process.env.XDG_CACHE_HOME;
  if (xdg) return join(xdg, 'pocketmq-peers');
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'pocketmq-peers');
  if (process.platform === 'win32') {
    return join(process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'pocketmq-peers');
  }
  return join(home, '.cache', 'pocketmq-peers');
}

/**
 * Returns `target`, a folder below the cache; where it is absent, `make` gets an empty folder and returns the one inside
 * that is to become it.
 */
export async function cached(target: string, make: (work: string) => Promise<string>): Promise<string> {
  if (await exists(target)) return target;
  const home = dirname(target);
  await mkdir(home, { recursive: true });
  await withLock(`${target}.lock`, async () => {
    if (await exists(target)) return;
    const work = await mkdtemp(join(home, 'making-'));
    try {
      await rename(await make(work), target);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return target;
}

export interface RunResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a tool to its end; rejects when it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string | undefined,
  env: NodeJS.ProcessEnv = childEnv(),
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_LIMIT_MS);
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < 64_000) output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** One process at a time works under a lock file; the lock of a process that is gone is taken over. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  await pollUntil(`the lock ${path}`, () => takeLock(path), { timeoutMs: DOWNLOAD_LIMIT_MS, everyMs: 100 });
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  if (holder > 0 && !alive(holder)) await rm(path, { force: true });
  return false;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
