/**
 * What a server that cannot start tells the process that waits for it: one JSON object through a pipe. The waiting process
 * names the pipe in an environment variable.
 */

import { writeSync } from 'node:fs';

/** File descriptor of the pipe in the started process. */
export const FAILURE_FD = 3;
export const FAILURE_FD_VARIABLE = 'POCKETMQ_FAILURE_FD';

export interface StartFailure {
  sentence: string;
  exitCode: number;
}

/** Does nothing where nobody waits, or no longer. */
export function tellStartFailure(env: Readonly<Record<string, string | undefined>>, failure: StartFailure): void {
  if (env[FAILURE_FD_VARIABLE] !== String(FAILURE_FD)) return;
  try {
    writeSync(FAILURE_FD, JSON.stringify(failure));
  } catch {
    // It was started long ago, and whoever waited has gone.
  }
}

/** undefined: the process did not say it this way. */
export function parseStartFailure(text: string): StartFailure | undefined {
  try {
    const { sentence, exitCode } = JSON.parse(text);
    return typeof sentence === 'string' && Number.isInteger(exitCode) ? { sentence, exitCode } : undefined;
  } catch {
    return undefined;
  }
}
