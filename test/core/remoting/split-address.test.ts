import { expect, it } from 'vitest';
import { splitAddress } from '../../../src/core/remoting/remoting-client.ts';

it.each([
  ['127.0.0.1:9876', '127.0.0.1', 9876],
  [' name:1 ', 'name', 1],
  ['[::1]:10911', '::1', 10_911],
  // As a Java broker with brokerIP1=::1 registers.
  ['::1:10911', '::1', 10_911],
  ['fe80::1%eth0:10911', 'fe80::1%eth0', 10_911],
  ['2001:db8:0:0:0:0:0:7:65535', '2001:db8:0:0:0:0:0:7', 65_535],
])('%s', (addr, host, port) => {
  expect(splitAddress(addr)).toEqual({ host, port });
});

it.each(['', '9876', ':9876', 'name', 'name:', 'name:0', 'name:65536', '::1', 'a:b:1', '127.0.0.1:9876:9877'])(
  '%j is refused',
  (addr) => {
    expect(() => splitAddress(addr)).toThrow(`"${addr}" is no address of the form host:port`);
  },
);
