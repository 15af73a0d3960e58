import { describe, expect, it } from 'vitest';
import { decodeHostAddress, encodeHostAddress } from '../../../src/core/message/host-address.ts';

describe('host addresses', () => {
  it.each([
    ['127.0.0.1:50000', '7f0000010000c350', '127.0.0.1:50000'],
    ['[::1]:10911', '0000000000000000000000000000000100002a9f', '[0:0:0:0:0:0:0:1]:10911'],
    ['::1:10911', '0000000000000000000000000000000100002a9f', '[0:0:0:0:0:0:0:1]:10911'],
    ['[fe80::1:2%eth0]:1', 'fe80000000000000000000000001000200000001', '[fe80:0:0:0:0:0:1:2]:1'],
    ['[::ffff:10.1.2.3]:80', '0a01020300000050', '10.1.2.3:80'],
    ['[::]:0', '0000000000000000000000000000000000000000', '[0:0:0:0:0:0:0:0]:0'],
    ['[1:2:3:4:5:6:7:8]:9', '0001000200030004000500060007000800000009', '[1:2:3:4:5:6:7:8]:9'],
  ])('%s', (text, hex, decoded) => {
    const bytes = encodeHostAddress(text);
    expect(bytes.toString('hex')).toBe(hex);
    expect(decodeHostAddress(bytes, 0, bytes.length)).toBe(decoded);
  });

  it.each([
    '',
    'localhost:1',
    '1.2.3.4',
    '1.2.3.4:',
    '1.2.3.4:70000',
    '1.2.3.256:1',
    '[1::2::3]:1',
    '[1:2]:3',
    '[::g]:1',
  ])('refuses %j', (text) => {
    expect(() => encodeHostAddress(text)).toThrow(expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }));
  });
});
