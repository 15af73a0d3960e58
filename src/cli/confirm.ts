/**
 * The question before what cannot be taken back. Nobody is asked where nobody can answer: a script says --yes.
 */

import { createInterface } from 'node:readline/promises';
import { ValueFault } from './faults.ts';
import type { Io } from './io.ts';

export interface Question {
  /** Without the `[y/N]`. */
  readonly what: string;
  /** The fault where there is no terminal. */
  readonly unasked: string;
}

/** Whether y or yes was answered. Throws ValueFault where stdin or stderr is no terminal. */
export async function isAgreed(io: Io, { what, unasked }: Question): Promise<boolean> {
  if (!process.stdin.isTTY || !io.stderrIsTerminal) throw new ValueFault(unasked);
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await question.question(`${what} [y/N] `)).trim());
  } finally {
    question.close();
  }
}
