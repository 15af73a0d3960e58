/**
 * Held by the process that brings the cluster of a data directory up, from before the first server is started until a message
 * has gone through every broker.
 */

import { PocketError } from '../common/errors.ts';
import { unusableDataDir, upLockOf } from './data-dir.ts';
import { type LockOptions, lockHolder, takeLock } from './lock-file.ts';

const POLL_MS = 20;

/**
 * Waits for whoever has it and resolves with what gives it back. Rejects with PocketError TIMEOUT, STOPPED (aborted) or STORE
 * (the data directory cannot be written).
 */
export async function takeUpLock(dataDir: string, { timeoutMs, signal }: LockOptions): Promise<() => void> {
  const path = upLockOf(dataDir);
  try {
    return await takeLock(path, { timeoutMs, signal });
  } catch (error) {
    if (!(error instanceof PocketError)) throw unusableDataDir(dataDir, 'written', error);
    if (error.code !== 'TIMEOUT') throw error;
    const pid = lockHolder(path) ?? '(gone)';
    throw new PocketError('TIMEOUT', `process ${pid} is still starting the cluster in ${dataDir}`, { cause: error });
  }
}

export const isComingUp = (dataDir: string): boolean => lockHolder(upLockOf(dataDir)) !== undefined;

/** Resolves when nobody brings the cluster up any more, at the latest after `timeoutMs`. */
export async function untilNotComingUp(dataDir: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (isComingUp(dataDir) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
