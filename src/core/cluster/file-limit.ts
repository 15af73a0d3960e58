/** How many connections a server process may have: half of the files it may open, so that the store always gets one. */

import { readFileSync } from 'node:fs';

const SHARE = 2;

/** undefined where the limit of open files is not known (all but Linux). */
export function connectionsForFileLimit(limits: string | undefined = readLimits()): number | undefined {
  const soft = /^Max open files +(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? undefined : Math.max(1, Math.floor(Number(soft) / SHARE));
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return undefined;
  }
}
