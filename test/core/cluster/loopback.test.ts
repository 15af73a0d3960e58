import { describe, expect, test } from 'vitest';
import { isLoopback, refuseOutsideNamesrv } from '../../../src/core/cluster/loopback.ts';
import { brokerConfigOf } from '../../../src/core/cluster/server-config.ts';

const config = (brokerIP1: string) => brokerConfigOf({ dataDir: '/nonexistent', settings: { brokerIP1 } }).config;

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1', '::1', '[::1]'])('%s is of this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '192.0.2.1', '127.example.org', 'localhost.example.org', '::'])('%s is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});

describe('a broker and its namesrvs', () => {
  test('loopback goes with loopback', async () => {
    await expect(refuseOutsideNamesrv(config('127.0.0.1'), '127.0.0.1:9876;localhost:9876')).resolves.toBeUndefined();
  });

  test('one outside is enough to refuse', async () => {
    await expect(refuseOutsideNamesrv(config('127.0.0.1'), '127.0.0.1:9876;192.0.2.1:9876')).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('the name server 192.0.2.1:9876,'),
    });
  });

  test('an address others can reach goes everywhere', async () => {
    await expect(refuseOutsideNamesrv(config('192.0.2.9'), '192.0.2.1:9876')).resolves.toBeUndefined();
  });
});
