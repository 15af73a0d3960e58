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
  const { addrs } = admin.namesrv;
  if (addrs.length === 0) throw new PocketError('NO_NAMESRV', 'no name server address is known');
  return eachAddress([...new Set(addrs)], task);
}
