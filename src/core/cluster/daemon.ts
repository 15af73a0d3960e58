/**
 * Servers of the local cluster as processes: start one in the background and wait until it is ready, stop what runs in a
 * data directory and wait until it is gone. A process is ready when it stands in cluster.ini, which it enters itself once
 * it serves. One that cannot start says why through a pipe that is its file descriptor FAILURE_FD (start-failure.ts); its
 * output goes to a log that may be shared, and that a full disk does not take.
 *
 * Stopping is SIGTERM: the process flushes its store and leaves. SIGKILL only on request: it costs a recovery.
 */

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { errnoOf, PocketError } from '../common/errors.ts';
import { type ClusterProcess, type ClusterRole, listProcesses } from './cluster-ini.ts';
import { unusableDataDir } from './data-dir.ts';
import { isAlive, processStartOf } from './process-identity.ts';
import { FAILURE_FD, FAILURE_FD_VARIABLE, parseStartFailure } from './start-failure.ts';

export interface SpawnOptions {
  role: ClusterRole;
  /** The command that runs the server; default: the one named as the role. */
  command?: string;
  /** Arguments behind the command's name. */
  args: readonly string[];
  dataDir: string;
  /** Receives stdout and stderr of the process. */
  logFile: string;
  /** The script that runs a command: bin/run.cjs, or bin/dev.js from the sources. */
  entry: string;
  /** Options of node itself, for example a memory limit. */
  execArgv?: readonly string[];
  /** Default 30000. */
  timeoutMs?: number;
  /** What must hold besides, for example that the process has written a file. */
  until?: () => boolean;
  /** Ends a start under way: the process is stopped and spawnProcess rejects with STOPPED. */
  signal?: AbortSignal;
}

export interface StopOptions {
  /** How long a process may take to flush and go; for all of them together. */
  timeoutMs: number;
  /** SIGKILL what is still there after that time, instead of failing. */
  kill?: boolean;
}

const DEFAULT_START_TIMEOUT_MS = 30_000;
const POLL_MS = 5;
const KILL_WAIT_MS = 5000;
const MOST_WORDS_BYTES = 64 * 1024;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Starts a namesrv or broker that outlives this process; resolves once it serves. Rejects with PocketError STOPPED, its own
 * sentence (else its last words) and exit code when it leaves before, with TIMEOUT when it takes too long (it is then killed),
 * with STORE when its log cannot be written.
 */
export async function spawnProcess(options: SpawnOptions): Promise<ClusterProcess> {
  const { role, dataDir, logFile } = options;
  const { child, logSize } = launch(options);
  const pid = child.pid;
  const words = failureWords(child);
  const gone = exitOf(child);
  if (pid === undefined) throw await gone;
  const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_START_TIMEOUT_MS);
  for (;;) {
    const ready = listProcesses(dataDir).find((entry) => entry.pid === pid && entry.role === role);
    if (ready !== undefined && options.until?.() !== false) {
      words.destroy();
      child.unref();
      return ready;
    }
    const cause = await Promise.race([gone, sleep(POLL_MS)]);
    if (cause !== undefined) {
      const said = parseStartFailure(words.text());
      const why = said?.sentence ?? (lastLine(logFile, logSize) || cause.message);
      const exitCode = said?.exitCode ?? child.exitCode ?? undefined;
      throw new PocketError('STOPPED', `the ${role} did not start: ${why}`, { cause, exitCode });
    }
    if (options.signal?.aborted === true) {
      child.kill('SIGTERM');
      await gone;
      throw new PocketError('STOPPED', `the start of the ${role} was given up`);
    }
    if (performance.now() > deadline) {
      child.kill('SIGKILL');
      await gone;
      throw new PocketError('TIMEOUT', `the ${role} was not ready in time; its output is in ${logFile}`);
    }
  }
}

/**
 * Stops the live processes of a data directory and waits until they are gone, brokers before namesrvs (a broker says
 * goodbye to its namesrv). Returns those that were stopped; this process itself is never among them.
 * Rejects with PocketError TIMEOUT that names the pid of a process that did not go.
 */
export async function stopProcesses(
  dataDir: string,
  role: ClusterRole | 'all',
  options: StopOptions,
): Promise<ClusterProcess[]> {
  const deadline = performance.now() + options.timeoutMs;
  const live = listProcesses(dataDir).filter((entry) => entry.pid !== process.pid);
  const stopped: ClusterProcess[] = [];
  for (const wave of ['broker', 'namesrv'] as const) {
    if (role !== 'all' && role !== wave) continue;
    const leaving = live
      .filter((entry) => entry.role === wave)
      .map((entry) => ({ entry, identity: identityOf(entry) }));
    for (const { entry } of leaving) signal(entry, 'SIGTERM');
    for (const { entry, identity } of leaving) {
      await waitUntilGone(entry, identity, deadline, options.kill === true);
      stopped.push(entry);
    }
  }
  return stopped;
}

/** Stops one process, as stopProcesses does. */
export async function stopProcess(entry: ClusterProcess, options: StopOptions): Promise<void> {
  const identity = identityOf(entry);
  if (!isAlive(identity)) return;
  signal(entry, 'SIGTERM');
  await waitUntilGone(entry, identity, performance.now() + options.timeoutMs, options.kill === true);
}

/** Sends SIGTERM to the live processes of a role and returns them, without waiting until they are gone. */
export function terminateProcesses(dataDir: string, role: ClusterRole): ClusterProcess[] {
  const live = listProcesses(dataDir).filter((entry) => entry.role === role && entry.pid !== process.pid);
  for (const entry of live) signal(entry, 'SIGTERM');
  return live;
}

interface Identity {
  pid: number;
  processStart: string | undefined;
}

function identityOf(entry: ClusterProcess): Identity {
  return { pid: entry.pid, processStart: processStartOf(entry.pid) };
}

async function waitUntilGone(
  entry: ClusterProcess,
  identity: Identity,
  deadline: number,
  kill: boolean,
): Promise<void> {
  let limit = deadline;
  let killed = false;
  while (isAlive(identity)) {
    if (performance.now() > limit) {
      if (!kill || killed) {
        throw new PocketError(
          'TIMEOUT',
          `the ${entry.role} of process ${entry.pid} (${entry.addr}) is still there after SIGTERM; look into its log or end it with kill -9 ${entry.pid}`,
        );
      }
      killed = true;
      limit = performance.now() + KILL_WAIT_MS;
      signal(entry, 'SIGKILL');
    }
    await sleep(POLL_MS);
  }
}

function signal(entry: ClusterProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(entry.pid, name);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PocketError('STORE', `the ${entry.role} of process ${entry.pid} cannot be stopped: ${reason}`, {
      cause: error,
    });
  }
}

function launch(options: SpawnOptions): { child: ChildProcess; logSize: number } {
  const { logFile, execArgv = [], entry, command = options.role, args, dataDir } = options;
  const output = openLog(logFile, dataDir);
  try {
    // Signals this process ignores reach the child as themselves: it has a session of its own.
    const env = { ...process.env, POCKETMQ_IGNORED_SIGNALS: '', [FAILURE_FD_VARIABLE]: String(FAILURE_FD) };
    const stdio: StdioOptions = ['ignore', output, output, 'pipe'];
    const child = spawn(process.execPath, [...execArgv, entry, command, ...args], { detached: true, env, stdio });
    return { child, logSize: fstatSync(output).size };
  } finally {
    closeSync(output);
  }
}

function openLog(path: string, dataDir: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a');
  } catch (error) {
    throw unusableDataDir(dataDir, 'written', error);
  }
}

/** What comes through the child's FAILURE_FD. */
function failureWords(child: ChildProcess): { text(): string; destroy(): void } {
  const pipe = child.stdio[FAILURE_FD] as Readable | null | undefined;
  let text = '';
  pipe?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return { text: () => text, destroy: () => pipe?.destroy() };
}

/** Resolves, never rejects, with the reason why the child is gone; everything it said has been read then. */
function exitOf(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signalName) => resolve(new Error(`it ended with ${signalName ?? `exit code ${code}`}`)));
  });
}

/** The last line that was written into a log behind `from`. */
function lastLine(logFile: string, from: number): string {
  const bytes = Buffer.alloc(MOST_WORDS_BYTES);
  try {
    const fd = openSync(logFile, 'r');
    try {
      const length = readSync(fd, bytes, 0, bytes.length, from);
      return bytes.toString('utf8', 0, length).trimEnd().split('\n').at(-1)?.trim() ?? '';
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}
