/** Host names where a record needs an address: names are resolved once, IPv4 before IPv6, as Java's InetSocketAddress does. */

import { lookup } from 'node:dns/promises';
import { PocketError } from '../common/errors.ts';
import { encodeHostAddress, encodeIp } from '../message/host-address.ts';

/** `ip:port`, `[ip]:port` or `name:port` to 8 or 20 bytes. Rejects with PocketError CONFIG for a name that has no address. */
export async function resolveHostAddress(addr: string): Promise<Buffer> {
  if (!isHostName(hostOf(addr))) return encodeHostAddress(addr);
  const host = hostOf(addr);
  try {
    const found = await lookup(host, { all: true });
    const { address, family } = found.find((one) => one.family === 4) ?? found[0] ?? { address: '', family: 4 };
    return encodeHostAddress(addr.replace(host, family === 6 ? `[${address}]` : address));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('CONFIG', `the name ${host} has no address: ${reason}`, { cause });
  }
}

/** A name that may be resolved, by its form. */
export const isHostName = (host: string): boolean =>
  encodeIp(host) === undefined && /^[A-Za-z0-9_]([\w.-]*\w)?\.?$/.test(host);

const hostOf = (addr: string): string => addr.slice(0, Math.max(addr.lastIndexOf(':'), 0));
