/**
 * The name a client has at the brokers: `ip@pid#nanos`, with `@unitName` behind it where there is one, as
 * ClientConfig.buildMQClientId makes it from RemotingUtil's address. Consumers of a group divide their queues in the order of
 * these ids.
 */

import { networkInterfaces } from 'node:os';

/** Brokers tell clients by this id: two instances of one process need two, hence the time. `nanos` is any growing number. */
export function createClientId(ip: string, pid: number, nanos: string, unitName = ''): string {
  return `${ip}@${pid}#${nanos}${unitName === '' ? '' : `@${unitName}`}`;
}

/** The address others see: the first IPv4 one that is neither loopback nor 192.168.*, else any IPv4, IPv6, 127.0.0.1. */
export function localIp(interfaces = networkInterfaces()): string {
  const outer = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal);
  const v4 = outer.filter((address) => address.family === 'IPv4').map((address) => address.address);
  const v6 = outer.find((address) => address.family === 'IPv6' && !address.address.startsWith('fe80'));
  return v4.find((address) => !address.startsWith('192.168')) ?? v4.at(-1) ?? v6?.address ?? '127.0.0.1';
}
