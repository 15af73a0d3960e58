/**
 * The addresses of this machine: the one others are told, and the one that stands for all of them. As RocketMQ's launchers do,
 * bridges are passed over (docker0 leads to nobody else), and all addresses means IPv6 ones, too.
 */

import { existsSync } from 'node:fs';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { join } from 'node:path';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** First IPv4 address at which other machines can reach this one. */
export function outsideAddress(
  interfaces: Interfaces = networkInterfaces(),
  isBridge: (name: string) => boolean = isLinuxBridge,
): string | undefined {
  return Object.entries(interfaces)
    .filter(([name]) => !isBridge(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** What to listen on for all addresses: `::`, which takes IPv4 connections as well, or 0.0.0.0 where there is no IPv6. */
export function everyAddress(interfaces: Interfaces = networkInterfaces()): string {
  const hasIpv6 = Object.values(interfaces).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
  return hasIpv6 ? '::' : '0.0.0.0';
}

export const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

const isLinuxBridge = (name: string): boolean => existsSync(join('/sys/class/net', name, 'bridge'));
