/**
 * Every key of a namesrv that acts after a restart, over a restart (those of a broker: config-changes.test.ts).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pickPort } from '../../../src/core/cluster/free-ports.ts';
import { namesrvConfigOf } from '../../../src/core/cluster/server-config.ts';
import { type RunningServer, runNamesrv } from '../../../src/core/cluster/server-process.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { namesrvConfigSchema } from '../../../src/core/common/config-schema.ts';
import { formatConfigLines, parseProperties } from '../../../src/core/common/java-properties.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { getKvConfig } from '../../../src/core/protocol/requests/get-kv-config.ts';
import { putKvConfig } from '../../../src/core/protocol/requests/put-kv-config.ts';
import { updateNamesrvConfig } from '../../../src/core/protocol/requests/update-namesrv-config.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest } from '../../../src/core/remoting/remoting-command.ts';

let dir: string;
let dataDir: string;
let running: { stop(): Promise<void> }[];
let client: RemotingClient;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pocketmq 配置 '));
  dataDir = join(dir, 'data');
  running = [];
  client = new RemotingClient({ clock: systemClock, logger: silentLogger });
});

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  await client.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('keys of a namesrv that act after a restart', () => {
  type Key = keyof typeof namesrvConfigSchema;
  const putKv = async (addr: string): Promise<void> => {
    const entry = { namespace: 'NS', key: 'k', value: 'v' };
    expect((await client.invoke(addr, createRequest(putKvConfig, entry), 5000)).code).toBe(0);
  };
  const run = async (options: Partial<Parameters<typeof runNamesrv>[0]> = {}): Promise<RunningServer> => {
    const server = await runNamesrv({ dataDir, logger: silentLogger, ...options });
    running.push(server);
    return server;
  };

  const checks: Partial<Record<Key, () => Promise<void>>> = {
    async listenPort() {
      const first = await run({ port: 0 });
      const wanted = await pickPort('127.0.0.1', Math.random);
      const body = Buffer.from(formatConfigLines({ listenPort: wanted }));
      expect((await client.invoke(first.addr, createRequest(updateNamesrvConfig, {}, body), 5000)).code).toBe(0);
      // Still the first one.
      await putKv(first.addr);
      await running.pop()?.stop();
      expect((await run()).addr).toBe(`127.0.0.1:${wanted}`);
    },
    async kvConfigPath() {
      const path = join(dir, 'elsewhere', 'kv.json');
      const configFile = join(dir, 'namesrv.conf');
      writeFileSync(configFile, formatConfigLines({ kvConfigPath: path }));
      await putKv((await run({ port: 0, configFile })).addr);
      await running.pop()?.stop();
      expect(JSON.parse(readFileSync(path, 'utf8')).configTable).toEqual({ NS: { k: 'v' } });
      const again = await run({ port: 0, configFile });
      const asked = createRequest(getKvConfig, { namespace: 'NS', key: 'k' });
      expect((await client.invoke(again.addr, asked, 5000)).extFields).toEqual({ value: 'v' });
    },
    async configStorePath() {
      const configFile = join(dir, 'namesrv.conf');
      writeFileSync(configFile, 'configStorePath=/elsewhere\nproductEnvName=before\n');
      const first = await run({ port: 0, configFile });
      const body = Buffer.from('productEnvName=after');
      expect((await client.invoke(first.addr, createRequest(updateNamesrvConfig, {}, body), 5000)).code).toBe(0);
      await running.pop()?.stop();
      // The -c file is where changes go, whatever it says of itself.
      expect(parseProperties(readFileSync(configFile, 'utf8')).get('productEnvName')?.value).toBe('after');
      const { config } = namesrvConfigOf({ dataDir, configFile });
      expect([config.configStorePath, config.productEnvName]).toEqual([configFile, 'after']);
    },
  };

  it('have a test each', () => {
    const restart = Object.entries<{ acts?: string }>(namesrvConfigSchema).filter(([, { acts }]) => acts === 'restart');
    expect(Object.keys(checks).sort()).toEqual(restart.map(([key]) => key).sort());
  });

  it.each(Object.entries(checks))('%s', (_key, check) => check());
});
