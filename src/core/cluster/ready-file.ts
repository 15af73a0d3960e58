/**
 * What a server says of itself once it serves: one JSON object on one line, written as a whole (`--ready-file`), removed
 * when the server stops. Whoever starts a server waits for the file and finds the addresses in it.
 */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, PocketError } from '../common/errors.ts';
import type { ClusterRole } from './cluster-ini.ts';

export interface ServerReport {
  role: ClusterRole;
  /** brokerName of a broker. */
  name?: string | undefined;
  /** ip:port others reach it at. */
  addr: string;
  /** Namesrvs a broker registers with, `a:9876;b:9876`, and who named them. */
  namesrvAddr?: string | undefined;
  namesrvFrom?: string | undefined;
  pid: number;
  dataDir: string;
  bootLine: string;
  /** Sentences about settings that have no effect, and warnings. */
  notices: readonly string[];
}

/** Throws PocketError STORE when the file cannot be written. */
export function writeReadyFile(path: string, report: ServerReport): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(report)}\n`);
    renameSync(temporary, path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('STORE', `the ready file ${path} cannot be written: ${reason}`, { cause });
  }
}

/** Writes the file anew, unless whoever waited for it has removed it. */
export function updateReadyFile(path: string, report: ServerReport): void {
  if (existsSync(path)) writeReadyFile(path, report);
}

/** undefined: not ready yet. */
export function readReadyFile(path: string): ServerReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Throws PocketError STORE when it is there and cannot be removed. */
export function removeReadyFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    if (errnoOf(cause) === 'ENOTDIR') return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('STORE', `the ready file ${path} cannot be removed: ${reason}`, { cause });
  }
}
