/**
 * Who is only of this machine? A broker tells clients 127.0.0.1 unless it is told otherwise: in the routes of a namesrv that
 * others use, that address sends their producers to themselves. So such a broker does not register with a namesrv that is
 * not of loopback, unless forced: a stray NAMESRV_ADDR must not put a laptop into production.
 */

import { lookup } from 'node:dns/promises';
import type { BrokerConfig } from '../common/config-schema.ts';
import { PocketError } from '../common/errors.ts';

/** By its text alone; a name is asked for with resolvesToLoopback. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare.toLowerCase() === 'localhost' || bare === '::1' || /^127(\.\d+){1,3}$/.test(bare);
}

/** Throws PocketError CONFIG for a broker that advertises loopback and a list of namesrvs (`a:9876;b:9876`) that is not. */
export async function refuseOutsideNamesrv(config: BrokerConfig, namesrvAddr: string): Promise<void> {
  if (!isLoopback(config.brokerIP1)) return;
  for (const addr of namesrvAddr.split(';')) {
    if (await resolvesToLoopback(addr.replace(/:\d+$/, ''))) continue;
    throw new PocketError(
      'CONFIG',
      `this broker tells clients ${config.brokerIP1}, so it does not register with the name server ${addr}, which other machines use; give --bind 0.0.0.0 or brokerIP1 to let them in, -n another name server, or --force`,
    );
  }
}

/** A name that cannot be resolved is not of this machine. */
async function resolvesToLoopback(host: string): Promise<boolean> {
  if (isLoopback(host)) return true;
  if (/^[\d.]+$/.test(host) || host.startsWith('[')) return false;
  try {
    const addresses = await lookup(host, { all: true });
    return addresses.length > 0 && addresses.every(({ address }) => isLoopback(address));
  } catch {
    return false;
  }
}
