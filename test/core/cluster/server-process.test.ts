import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findNamesrvAddr, listProcesses } from '../../../src/core/cluster/cluster-ini.ts';
import { pickBrokerPort } from '../../../src/core/cluster/free-ports.ts';
import { type RunningServer, runBroker, runNamesrv } from '../../../src/core/cluster/server-process.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { getBrokerClusterInfo } from '../../../src/core/protocol/requests/get-broker-cluster-info.ts';
import { call } from '../../../src/core/remoting/call.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';

const logger = silentLogger;
let dataDir: string;
const running: RunningServer[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pocketmq 服务 '));
});

afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function keep(starting: Promise<RunningServer>): Promise<RunningServer> {
  const server = await starting;
  running.push(server);
  return server;
}

const portOf = (addr: string): number => Number(addr.split(':').at(-1));

/** Small files, so that a test does not make a sparse gigabyte. */
const settings = { mappedFileSizeCommitLog: '1048576', mappedFileSizeConsumeQueue: '60000' };

describe('namesrv', () => {
  test('serves, is found in the data directory, and is gone after stop', async () => {
    const server = await keep(runNamesrv({ dataDir, port: 0, logger }));
    expect(server.bootLine).toBe('The Name Server boot success. serializeType=JSON');
    expect(findNamesrvAddr(dataDir)).toBe(server.addr);
    await Promise.all([server.stop(), server.stop()]);
    expect(listProcesses(dataDir)).toEqual([]);
  });

  test('a taken port is named with the process that holds it', async () => {
    const first = await keep(runNamesrv({ dataDir, port: 0, logger }));
    const port = portOf(first.addr);
    const second = runNamesrv({ dataDir: join(dataDir, 'other'), port, logger });
    const by = process.platform === 'linux' ? `by process ${process.pid} (` : '';
    await expect(second).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining(`port ${port} is in use ${by}`.trim()),
      detail: String(port),
    });
    expect(listProcesses(join(dataDir, 'other'))).toEqual([]);
  });
});

describe('broker', () => {
  test('takes the namesrv of the data directory although that one starts later', async () => {
    const port = await pickBrokerPort('127.0.0.1', Math.random);
    const broker = await keep(runBroker({ dataDir, port, settings, logger }));
    expect(broker.bootLine).not.toContain('name server is');
    const ns = await keep(runNamesrv({ dataDir, port: 0, logger }));
    const remoting = new RemotingClient({ clock: systemClock, logger });
    try {
      for (;;) {
        const { body } = await call(remoting, ns.addr, getBrokerClusterInfo, {}, { timeoutMs: 3000 });
        if (body?.toString().includes(broker.addr)) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      await remoting.stop();
    }
  });

  test('goes to the namesrv of the data directory and says so', async () => {
    const ns = await keep(runNamesrv({ dataDir, port: 0, logger }));
    const port = await pickBrokerPort('127.0.0.1', Math.random);
    const broker = await keep(runBroker({ dataDir, port, settings: { ...settings, brokerName: 'broker-a' }, logger }));
    expect(broker.addr).toBe(`127.0.0.1:${port}`);
    expect(broker.bootLine).toBe(
      `The broker[broker-a, 127.0.0.1:${port}] boot success. serializeType=JSON and name server is ${ns.addr}`,
    );
    expect(listProcesses(dataDir).map(({ role, addr, name }) => [role, addr, name])).toEqual([
      ['namesrv', ns.addr, undefined],
      ['broker', broker.addr, 'broker-a'],
    ]);
    await broker.stop();
    expect(listProcesses(dataDir).map((entry) => entry.role)).toEqual(['namesrv']);
    expect(readdirSync(join(dataDir, 'stores', 'broker-a-0'))).toContain('checkpoint');
  });

  test('runs without a namesrv, on a port of its choice', async () => {
    const broker = await keep(runBroker({ dataDir, port: 0, settings: { ...settings, brokerName: 'b' }, logger }));
    expect(portOf(broker.addr)).toBeGreaterThan(0);
    expect(portOf(broker.addr)).toBeLessThan(32_768);
    expect(broker.namesrvAddr).toBeUndefined();
    expect(broker.bootLine).toBe(`The broker[b, ${broker.addr}] boot success. serializeType=JSON`);
  });

  test('a second broker on one store is refused and leaves the first alone', async () => {
    const first = await keep(runBroker({ dataDir, port: 0, settings, logger }));
    await expect(runBroker({ dataDir, port: 0, settings, logger })).rejects.toMatchObject({ code: 'IN_USE' });
    expect(listProcesses(dataDir).map((entry) => entry.addr)).toEqual([first.addr]);
  });

  test.each([-2, 0])('a taken port (%i) is named, and the store is free again', async (offset) => {
    const port = await pickBrokerPort('127.0.0.1', Math.random);
    const holder = await keep(runNamesrv({ dataDir: join(dataDir, 'other'), port: port + offset, logger }));
    await expect(runBroker({ dataDir, port, settings, logger })).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining(`port ${port + offset} is in use`),
    });
    await holder.stop();
    await keep(runBroker({ dataDir, port, settings, logger }));
  });
});
