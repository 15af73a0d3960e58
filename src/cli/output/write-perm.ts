/**
 * What wipeWritePerm and addWritePerm print: a line for each name server, those that failed included.
 */

import type { AddressResult } from '../../core/client/admin/per-address.ts';

export function renderWritePerm(
  results: readonly AddressResult<number>[],
  verb: 'wipe' | 'add',
  brokerName: string,
): string {
  return results
    .map(({ addr, value }) => {
      const outcome = value === undefined ? 'Failed' : `OK, ${value}`;
      return `${verb} write perm of broker[${brokerName}] in name server[${addr}] ${outcome}\n`;
    })
    .join('');
}
