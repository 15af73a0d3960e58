/**
 * Several servers were asked and some failed: one sentence on stderr for each that did, then exit code 7 when another one
 * succeeded, else the code of the first failure.
 */

import type { AddressResult } from '../core/client/admin/per-address.ts';
import { ExitCode, exitCodeOf } from './exit-codes.ts';
import { StdoutFault } from './faults.ts';
import type { Io } from './io.ts';
import { sentenceOf, stackOf } from './sentences.ts';

/** Throws when a result has an error; a single failure of a single server as it is. */
export function failOnErrors(io: Io, results: readonly AddressResult<unknown>[], debug = false): void {
  const failures = results.filter(({ error }) => error !== undefined);
  const [first] = failures;
  if (first === undefined) return;
  if (results.length === 1) throw first.error;
  for (const { addr, error } of failures) {
    const text = debug ? stackOf(error) : sentenceOf(error);
    io.err(text.includes(addr) ? `${text}\n` : `${addr}: ${text}\n`);
  }
  // Everything has been said.
  throw new StdoutFault('', failures.length < results.length ? ExitCode.PARTLY : exitCodeOf(first.error));
}

/** Results as json and yaml show them: the address, what `of` makes of the value, the failure's text. */
export function resultsDocument<R>(
  results: readonly AddressResult<R>[],
  of: (value: R) => object = () => ({}),
): unknown {
  return results.map(({ addr, value, error }) => ({
    addr,
    ...(value === undefined ? {} : of(value)),
    error: error?.message,
  }));
}
