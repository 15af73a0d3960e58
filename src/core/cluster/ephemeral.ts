/**
 * Data directories that go with their cluster. Such a directory lies among the temporary files and holds a file `ephemeral`
 * that names the data directory it was made for; that one's file `ephemeral-dirs` lists its ephemeral ones, a line each, so
 * that `down` finds them.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PocketError } from '../common/errors.ts';

const markOf = (dir: string): string => join(dir, 'ephemeral');
const listOf = (dataDir: string): string => join(dataDir, 'ephemeral-dirs');

/** Makes one for the given data directory. Throws PocketError STORE when a directory cannot be written. */
export function makeEphemeral(dataDir: string): string {
  let dir: string | undefined;
  try {
    dir = mkdtempSync(join(tmpdir(), 'pocketmq-'));
    writeFileSync(markOf(dir), dataDir);
    mkdirSync(dataDir, { recursive: true });
    writeList(dataDir, [...ephemeralDirs(dataDir), dir]);
    return dir;
  } catch (cause) {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('STORE', `no temporary data directory could be made: ${reason}`, { cause });
  }
}

export const isEphemeral = (dir: string): boolean => read(markOf(dir)) !== undefined;

/** Those of a data directory that are still there. */
export function ephemeralDirs(dataDir: string): string[] {
  const lines = read(listOf(dataDir))?.split('\n') ?? [];
  return lines.filter((dir) => dir !== '' && isEphemeral(dir));
}

/** Deletes an ephemeral directory with all that is in it; any other directory is left alone. */
export function removeEphemeral(dir: string): void {
  const dataDir = read(markOf(dir));
  if (dataDir === undefined) return;
  rmSync(dir, { recursive: true, force: true });
  writeList(dataDir, ephemeralDirs(dataDir));
}

function writeList(dataDir: string, dirs: readonly string[]): void {
  if (dirs.length === 0) rmSync(listOf(dataDir), { force: true });
  else writeFileSync(listOf(dataDir), dirs.map((dir) => `${dir}\n`).join(''));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
