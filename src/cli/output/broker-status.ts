/**
 * What brokerStatus prints: one line for each counter, with the broker's address in front where a cluster was asked.
 */

import type { RuntimeTexts } from '../../core/client/admin/broker-status.ts';
import type { AddressResult } from '../../core/client/admin/per-address.ts';
import { left } from './columns.ts';

export function renderBrokerStatus(
  results: readonly AddressResult<RuntimeTexts>[],
  target: 'broker' | 'cluster',
): string {
  return results
    .flatMap(({ addr, value = {} }) => {
      const before = target === 'cluster' ? `${left(addr, 24)} ` : '';
      return Object.entries(value).map(([key, text]) => `${before}${left(key, 32)}: ${text}\n`);
    })
    .join('');
}
