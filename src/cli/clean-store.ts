/**
 * What cleanExpiredCQ, cleanUnusedTopic and deleteExpiredCommitLog do with their options. mqadmin says `success` or `false`,
 * without a line end: false for a cluster that does not exist, which here is a failure, too (exit code 4).
 */

import type { AddressResult } from '../core/client/admin/per-address.ts';
import type { Cleaning } from '../core/client/admin/store-cleaning.ts';
import { PocketError } from '../core/common/errors.ts';
import { withAdmin } from './admin-session.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

export interface CleaningLine {
  readonly io: Io;
  readonly flags: GlobalFlags & { readonly brokerAddr?: string | undefined; readonly cluster?: string | undefined };
}

/** Rejects with NOT_FOUND where no broker is found. */
export async function runCleaning({ io, flags }: CleaningLine, what: Cleaning): Promise<AddressResult<void>[]> {
  const { brokerAddr, cluster } = flags;
  const clusterName = cluster === '' ? undefined : cluster;
  const { cleanStore } = await import('../core/client/admin/store-cleaning.ts');
  try {
    const session = { flags, io, needsNamesrv: brokerAddr === undefined };
    const results = await withAdmin(session, (admin) => cleanStore(admin, what, { brokerAddr, clusterName }));
    if (results.length === 0) throw new PocketError('NOT_FOUND', 'the name server knows no broker');
    return results;
  } catch (error) {
    const isNone = error instanceof PocketError && error.code === 'NOT_FOUND';
    if (isNone && flags.output === 'text') io.out('false');
    throw error;
  }
}

/** The word for brokers that have all done it; a failure says nothing on stdout. */
export function renderCleaning(results: readonly AddressResult<void>[]): string {
  return results.every(({ error }) => error === undefined) ? 'success' : '';
}
