import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { everyAddress, type Interfaces, outsideAddress } from '../../../src/core/cluster/own-address.ts';

const address = (address: string, internal = false): NetworkInterfaceInfo => {
  const common = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
};

const machine: Interfaces = {
  lo: [address('127.0.0.1', true), address('::1', true)],
  docker0: [address('172.17.0.1')],
  eth0: [address('fe80::1'), address('192.0.2.7'), address('192.0.2.8')],
  wlan0: [address('198.51.100.1')],
};

test('others are told the first IPv4 address that is neither loopback nor of a bridge', () => {
  expect(outsideAddress(machine, (name) => name === 'docker0')).toBe('192.0.2.7');
  expect(outsideAddress(machine, () => false)).toBe('172.17.0.1');
  expect(outsideAddress({ lo: machine.lo, gone: undefined }, () => false)).toBeUndefined();
});

test('all addresses are IPv6 ones, too, where there are any', () => {
  expect(everyAddress(machine)).toBe('::');
  expect(everyAddress({ lo: [address('127.0.0.1', true)] })).toBe('0.0.0.0');
});
