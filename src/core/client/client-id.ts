/**
 * The name a client has at the brokers: `ip@instanceName`, with `@unitName` behind it where there is one, as
 * ClientConfig.buildMQClientId makes it from RemotingUtil's address; an instance without a name is called `pid#nanos`. Consumers of a group divide their queues in the order of
 * these ids.
 */

import { networkInterfaces } from 'node:os';

/** Brokers tell clients by this id. */
export function createClientId(ip: string, instanceName: string, unitName = ''): string {
  return `${ip}@${instanceName}${unitName === '' ? '' : `@${unitName}`}`;
}

/** The name of an instance that was given none: two of one process need two, hence the time. */
export function uniqueInstanceName(pid = process.pid, nanos = process.hrtime.bigint()): string {
  return `${pid}#${nanos}`;
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
