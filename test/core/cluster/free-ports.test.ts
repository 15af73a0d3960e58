import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isPortFree, pickBrokerPort, pickPort } from '../../../src/core/cluster/free-ports.ts';
import { whoListens } from '../../../src/core/cluster/who-listens.ts';

const HOST = '127.0.0.1';
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, HOST, () => {
      servers.push(server);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

test('a picked port can be listened on and is below 32768', async () => {
  const port = await pickPort(HOST, Math.random);
  expect(port).toBeLessThan(32_768);
  expect(await listen(port)).toBe(port);
  expect(await isPortFree(HOST, port)).toBe(false);
});

test.each([-2, 0, 1])('a broker port whose neighbour %i is taken is passed over', async (offset) => {
  const base = await pickBrokerPort(HOST, Math.random);
  await listen(base + offset);
  // First the number that leads to the taken base again, then others.
  const randoms = [(base - 12_000 + 0.5) / (32_700 - 12_000)];
  const other = await pickBrokerPort(HOST, () => randoms.shift() ?? Math.random());
  expect(randoms).toEqual([]);
  expect(other).not.toBe(base);
  for (const neighbour of [-2, 0, 1]) expect(await listen(other + neighbour)).toBe(other + neighbour);
});

test.runIf(process.platform === 'linux')('the process that listens is told', async () => {
  const port = await listen(0);
  const holder = whoListens(port);
  expect(holder?.pid).toBe(process.pid);
  expect(holder?.command).not.toBe('');
});

test('nobody listens: nobody is told', async () => {
  const port = await pickPort(HOST, Math.random);
  expect(whoListens(port)).toBeUndefined();
});
