/**
 * What the operating system knows of a process: CPU seconds used, memory (PSS), and the machine's load average.
 *
 * Linux only (/proc). CPU comes from utime + stime of /proc/PID/stat in ticks of 10 ms, all threads included;
 * PSS is used and not RSS, because it divides pages shared between processes instead of counting them twice.
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

/** USER_HZ: the unit of /proc/PID/stat, fixed at 100 on every Linux the JDK and Node run on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds (user + system) the process has used since its start. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field, the name in brackets, may hold blanks; fields are counted behind its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime] = [Number(fields[11]), Number(fields[12])];
  return (utime + stime) / TICKS_PER_SECOND;
}

/** Memory in KiB, shared pages divided among those who share them. */
export function pssKiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const match = /^Pss:\s+(\d+) kB$/m.exec(rollup);
  if (match?.[1] === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss line`);
  return Number(match[1]);
}

export function loadAverage(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
