/**
 * Runs one command line in this process and returns what a shell would have seen.
 */

import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { commandClasses } from './command-classes.ts';

export interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stdout and stderr are a terminal; default false. */
  readonly terminal?: boolean;
}

const root = new URL('../..', import.meta.url).pathname;

export async function runCommand(argv: readonly string[], surroundings: Surroundings = {}): Promise<Seen> {
  const { env = {}, terminal = false } = surroundings;
  let stdout = '';
  let stderr = '';
  const io: Io = {
    env,
    stdoutIsTerminal: terminal,
    stderrIsTerminal: terminal,
    columns: 80,
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
  };
  const exitCode = await main({ argv, root, version: '0.0.0-test', io, commands: commandClasses });
  return { stdout, stderr, exitCode };
}
