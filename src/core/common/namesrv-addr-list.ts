/**
 * The list of namesrvs as configurations and command lines have it: `a:9876;b:9876`.
 */

import { PocketError } from './errors.ts';

const NAMESRV_ADDRESS = /^(\[[0-9a-fA-F:.%]+\]|[^:;\s]+):\d{1,5}$/;

/**
 * The list without blanks and empty parts; undefined when nothing is left. Throws PocketError ILLEGAL_ARGUMENT for a part
 * that is no address.
 */
export function checkedNamesrvAddr(list: string | undefined): string | undefined {
  const addrs = (list ?? '')
    .split(';')
    .map((addr) => addr.trim())
    .filter((addr) => addr !== '');
  if (!addrs.every((addr) => NAMESRV_ADDRESS.test(addr))) {
    throw new PocketError(
      'ILLEGAL_ARGUMENT',
      `The Name Server Address[${list}] illegal, please set it as follows, "127.0.0.1:9876;192.168.0.1:9876"`,
    );
  }
  return addrs.length === 0 ? undefined : addrs.join(';');
}
