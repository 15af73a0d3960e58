/**
 * A lock between processes: a file that names its holder, `PID START` (process-identity.ts). It is made by linking a file
 * that already says so, so there is never a lock without a holder; one whose holder died is taken over.
 */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, PocketError } from '../common/errors.ts';
import { isAlive, type ProcessIdentity, processStartOf } from './process-identity.ts';

export interface LockOptions {
  /** Rejects with PocketError TIMEOUT then. */
  timeoutMs: number;
  /** Rejects with PocketError STOPPED when aborted. */
  signal?: AbortSignal | undefined;
}

const RETRY_MS = 5;

let count = 0;

/**
 * Takes the lock, waiting for its holder, and resolves with what gives it back. Folders that are missing are made. Rejects
 * with the system's error where the file cannot be written.
 */
export async function takeLock(path: string, { timeoutMs, signal }: LockOptions): Promise<() => void> {
  const own = `${path}.${process.pid}.${++count}`;
  const deadline = performance.now() + timeoutMs;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(own, `${process.pid} ${processStartOf(process.pid) ?? ''}`);
    for (;;) {
      if (tryLink(own, path)) return () => remove(path);
      takeOverIfDead(path, own);
      if (signal?.aborted === true) throw new PocketError('STOPPED', `the wait for ${path} was given up`);
      if (performance.now() > deadline) {
        throw new PocketError('TIMEOUT', `${path} is held by process ${holderOf(path)?.pid ?? '(unknown)'}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  } finally {
    remove(own);
  }
}

/** The pid of the live process that holds the lock. */
export function lockHolder(path: string): number | undefined {
  const holder = holderOf(path);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    const [pid = '', processStart] = readFileSync(path, 'utf8').split(' ');
    return { pid: Number(pid), processStart };
  } catch {
    return undefined;
  }
}

/** Moves a dead holder's lock away. When it was a living one's after all (somebody was faster), it is put back. */
function takeOverIfDead(path: string, own: string): void {
  const holder = holderOf(path);
  if (holder === undefined || isAlive(holder)) return;
  const moved = `${own}.dead`;
  try {
    renameSync(path, moved);
    const found = holderOf(moved);
    if (found !== undefined && isAlive(found)) linkSync(moved, path);
  } catch {
    // Somebody else took it over: the next attempt sees who.
  } finally {
    remove(moved);
  }
}

/** What cannot be removed could not be written either, and that has been said. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
