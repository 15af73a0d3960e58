/**
 * Is the process behind a noted pid still that process? A pid is used again after its process is gone (at the latest after
 * a reboot), so on Linux the start time of the process is noted with it: field 22 of /proc/PID/stat with the boot id.
 * Elsewhere the pid alone has to do.
 */

import { readFileSync } from 'node:fs';
import { errnoOf } from '../common/errors.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** processStartOf(pid) when it was noted; undefined or empty where it cannot be told. */
  readonly processStart?: string | undefined;
}

/** What tells two processes with one pid apart; undefined when the process is gone or the system does not say. */
export function processStartOf(pid: number): string | undefined {
  const fields = statFieldsOf(pid);
  const ticks = fields?.[START_TICKS_FIELD];
  return ticks === undefined ? undefined : `${bootId()}-${ticks}`;
}

/** A zombie counts as gone: it holds no file, port or lock any more. */
export function isAlive(identity: ProcessIdentity): boolean {
  const { pid, processStart } = identity;
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return false;
  }
  const fields = statFieldsOf(pid);
  if (fields === undefined) return true;
  if (fields[STATE_FIELD] === 'Z') return false;
  return processStart === undefined || processStart === '' || processStart === processStartOf(pid);
}

/** Positions behind the command name, which stands in parentheses and may hold anything. */
const STATE_FIELD = 0;
const START_TICKS_FIELD = 19;

function statFieldsOf(pid: number): string[] | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function bootId(): string {
  return (readProc('/proc/sys/kernel/random/boot_id') ?? '').slice(0, 8);
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
