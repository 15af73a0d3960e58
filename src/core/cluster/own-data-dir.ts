/**
 * The data directory of a cluster inside a program: one that was named and stays, or a temporary one that goes with the
 * cluster. One cluster of a process at a time; against other processes the lock of each store helps. A process that ends
 * without stopping its cluster still deletes what was temporary, unless a signal kills it.
 */

import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PocketError } from '../common/errors.ts';

export interface OwnDataDir {
  /** Absolute. */
  readonly dataDir: string;
  /** Lets others use it, or deletes it. */
  release(): void;
}

const taken = new Set<string>();
const temporary = new Set<string>();

/**
 * Takes the directory, or makes one. Throws PocketError STORE when nothing can be written there, IN_USE when another cluster of
 * this process has it.
 */
export function takeDataDir(given: string | undefined): OwnDataDir {
  if (given === undefined) {
    const dataDir = makeTemporary();
    return { dataDir, release: () => removeTemporary(dataDir) };
  }
  const dataDir = makeGiven(given);
  const key = realpathSync(dataDir);
  if (taken.has(key) || temporary.has(key)) {
    const text = `another cluster of this process uses the data directory ${dataDir}; stop it first, or use another directory`;
    throw new PocketError('IN_USE', text, { detail: dataDir });
  }
  taken.add(key);
  return { dataDir, release: () => taken.delete(key) };
}

function makeGiven(dir: string): string {
  const dataDir = resolve(dir);
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusable(`the data directory ${dataDir} cannot be written`, cause);
  }
  return dataDir;
}

function makeTemporary(): string {
  let dir: string;
  try {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'pocketmq-')));
  } catch (cause) {
    throw unusable('no temporary data directory could be made', cause);
  }
  if (temporary.size === 0) process.once('exit', removeAll);
  temporary.add(dir);
  return dir;
}

function removeTemporary(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  temporary.delete(dir);
  if (temporary.size === 0) process.off('exit', removeAll);
}

function removeAll(): void {
  for (const dir of temporary) rmSync(dir, { recursive: true, force: true });
}

function unusable(what: string, cause: unknown): PocketError {
  return new PocketError('STORE', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
