import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createClientId, localIp, uniqueInstanceName } from '../../../src/core/client/client-id.ts';

function v4(address: string, internal = false): NetworkInterfaceInfo {
  return { address, family: 'IPv4', internal, netmask: '', mac: '', cidr: null };
}

function v6(address: string): NetworkInterfaceInfo {
  return { address, family: 'IPv6', internal: false, netmask: '', mac: '', cidr: null, scopeid: 0 };
}

describe('localIp', () => {
  it('prefers an IPv4 address beyond loopback and 192.168', () => {
    expect(localIp({ lo: [v4('127.0.0.1', true)], a: [v4('192.168.1.2')], b: [v6('2001::1'), v4('10.1.2.3')] })).toBe(
      '10.1.2.3',
    );
  });

  it('takes 192.168 before IPv6, IPv6 before loopback', () => {
    expect(localIp({ a: [v6('2001::1'), v4('192.168.1.2')] })).toBe('192.168.1.2');
    expect(localIp({ a: [v6('fe80::1'), v6('2001::1')] })).toBe('2001::1');
    expect(localIp({ lo: [v4('127.0.0.1', true)] })).toBe('127.0.0.1');
  });
});

describe('createClientId', () => {
  it('has the form of a Java client', () => {
    expect(createClientId('10.1.2.3', uniqueInstanceName(77, 123456n))).toBe('10.1.2.3@77#123456');
    expect(createClientId('10.1.2.3', 'DEFAULT', 'unit')).toBe('10.1.2.3@DEFAULT@unit');
  });
});
