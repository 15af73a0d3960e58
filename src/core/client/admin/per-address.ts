/**
 * One request to each of several processes: what each answered or why it did not, in the order of the addresses. Nobody's
 * failure ends the others' part.
 */

import { PocketError } from '../../common/errors.ts';
import type { Admin } from './admin.ts';
import { settleBounded } from './bounded.ts';

/** Exactly one of `value` and `error` is there. */
export interface AddressResult<R> {
  readonly addr: string;
  readonly value?: R;
  readonly error?: PocketError;
}

/** Runs `task` for every address. Rejects only with errors that are no PocketErrors. */
export async function eachAddress<R>(
  addrs: readonly string[],
  task: (addr: string) => Promise<R>,
): Promise<AddressResult<R>[]> {
  const outcomes = await settleBounded(addrs, task);
  return addrs.map((addr, index) => {
    const outcome = outcomes[index];
    if (outcome?.status === 'fulfilled') return { addr, value: outcome.value };
    if (outcome?.reason instanceof PocketError) return { addr, error: outcome.reason };
    throw outcome?.reason;
  });
}

/** Runs `task` for every namesrv. Rejects with NO_NAMESRV when none is known. */
export async function eachNamesrv<R>(admin: Admin, task: (addr: string) => Promise<R>): Promise<AddressResult<R>[]> {
  admin.namesrv.requireAddrs();
  return eachAddress([...new Set(admin.namesrv.addrs)], task);
}

/** What one server answered. */
export interface AddressValue<R> {
  /** `ip:port`. */
  readonly addr: string;
  /** Its answer. */
  readonly value: R;
}

/** What every address answered. Throws the failure when all failed, PARTLY naming them when some did. */
export function allValues<R>(results: readonly AddressResult<R>[]): AddressValue<R>[] {
  const failures = results.filter(({ error }) => error !== undefined);
  const [first] = failures;
  if (first === undefined) return results.map(({ addr, value }) => ({ addr, value: value as R }));
  if (failures.length === results.length) throw first.error;
  const reasons = failures.map(({ addr, error }) => `${addr} (${error?.message})`).join(', ');
  const text = `${failures.length} of ${results.length} servers did not do it: ${reasons}`;
  throw new PocketError('PARTLY', text, { cause: first.error, detail: failures.map(({ addr }) => addr).join(';') });
}
