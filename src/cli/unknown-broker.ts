/**
 * wipeWritePerm and addWritePerm of a broker name that nobody knows: mqadmin says `OK, 0` and so do we on stdout, but a
 * script must hear of a name mistyped. A registered broker has topics of its own, so 0 is never the count of one.
 */

import type { AddressResult } from '../core/client/admin/per-address.ts';
import { PocketError } from '../core/common/errors.ts';

/** Throws PocketError NOT_FOUND when every name server counted no topic. */
export function failOnUnknownBroker(results: readonly AddressResult<number>[], brokerName: string): void {
  if (results.some(({ value }) => value !== 0)) return;
  throw new PocketError('NOT_FOUND', `no name server knows a broker ${brokerName}; 'mqadmin clusterList' shows them`);
}
