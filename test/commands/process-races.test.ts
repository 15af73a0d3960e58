/**
 * Several commands at once, interruptions, and servers that cannot start: nothing is left behind and the next start works.
 * Needs `npm run build`.
 */

import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listProcesses } from '../../src/core/cluster/cluster-ini.ts';
import { BuiltCommands } from '../support/built-commands.ts';

let built: BuiltCommands;
let dataDir: string;
let listeners: Server[];

beforeEach(() => {
  built = new BuiltCommands();
  ({ dataDir } = built);
  listeners = [];
});

afterEach(async () => {
  await built.end();
  for (const listener of listeners) listener.close();
});

/** Takes connections and never says a word. */
async function silentNamesrv(): Promise<{ addr: string; connected: Promise<unknown> }> {
  const server = createServer((socket) => void socket.on('error', () => {}));
  listeners.push(server);
  const connected = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { addr: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, connected };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const nothingRuns = (): void => {
  expect(listProcesses(dataDir)).toEqual([]);
  expect(existsSync(join(dataDir, 'up.lock'))).toBe(false);
};

describe('several at once', () => {
  it('up: all get the one cluster', { timeout: 30_000 }, async () => {
    const up = ['up', '--port', '0', '--output', 'json'];
    const seen = await Promise.all([built.run(...up), built.run(...up), built.run(...up)]);
    expect(seen.map(({ stderr, exitCode }) => [stderr, exitCode])).toEqual([
      ['', 0],
      ['', 0],
      ['', 0],
    ]);
    const pids = seen.map(({ stdout }) => JSON.parse(stdout)).map(({ namesrv, brokers }) => [namesrv, brokers]);
    expect(pids[1]).toEqual(pids[0]);
    expect(pids[2]).toEqual(pids[0]);
    expect(listProcesses(dataDir)).toHaveLength(2);
  });

  it('--start: one starts it, all use it', { timeout: 30_000 }, async () => {
    const send = ['sendMessage', '-t', 'TBW102', '-p', 'x', '--start'];
    const seen = await Promise.all([built.run(...send), built.run(...send), built.run(...send)]);
    expect(seen.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(seen.filter(({ stderr }) => stderr.startsWith('A local cluster was started at'))).toHaveLength(1);
    expect(seen.filter(({ stderr }) => stderr === '')).toHaveLength(2);
  });

  it('down waits for an up under way and stops all of it', { timeout: 30_000 }, async () => {
    const up = built.finish(built.start(['up', '--port', '0']));
    await until(() => listProcesses(dataDir).length > 0);
    const down = await built.run('down');
    expect((await up).exitCode).toBe(0);
    expect(down.stdout.match(/ is stopped\.\n/g)).toHaveLength(2);
    nothingRuns();
  });
});

describe('an interruption', () => {
  it('of up leaves nothing, and the next up works', { timeout: 30_000 }, async () => {
    const up = built.start(['up', '--port', '0']);
    const over = built.finish(up);
    await until(() => existsSync(join(dataDir, 'up.lock')));
    up.kill('SIGINT');
    expect(await over).toEqual({ stdout: '', stderr: '', exitCode: 130 });
    nothingRuns();
    expect(await built.run('up', '--port', '0')).toMatchObject({ stderr: '', exitCode: 0 });
  });

  it('of a broker that waits for a name server ends it at once', async () => {
    const namesrv = await silentNamesrv();
    const broker = built.start(['broker', '--port', '0', '-n', namesrv.addr]);
    const over = built.finish(broker);
    await namesrv.connected;
    broker.kill('SIGINT');
    expect(await over).toEqual({ stdout: '', stderr: '', exitCode: 130 });
    nothingRuns();
  });

  it('of -d takes the server with it', async () => {
    const namesrv = await silentNamesrv();
    const broker = built.start(['broker', '-d', '--port', '0', '-n', namesrv.addr]);
    const over = built.finish(broker);
    await namesrv.connected;
    broker.kill('SIGTERM');
    expect(await over).toEqual({ stdout: '', stderr: '', exitCode: 143 });
    nothingRuns();
    expect(readdirSync(join(dataDir, 'logs')).filter((name) => name.endsWith('.ready'))).toEqual([]);
  });
});

describe('a server that cannot start', () => {
  it('says why through -d and up although its log takes nothing', async () => {
    const { addr } = await silentNamesrv();
    const port = addr.replace(/.*:/, '');
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    symlinkSync('/dev/full', join(dataDir, 'logs', 'namesrv-output.log'));
    const why = new RegExp(`^the namesrv did not start: port ${port} is in use by process ${process.pid} .*\\.\n$`);
    for (const argv of [['namesrv', '-d'], ['up']]) {
      const seen = await built.run(...argv, '--port', port);
      expect(seen).toMatchObject({ stdout: '', stderr: expect.stringMatching(why), exitCode: 1 });
    }
    nothingRuns();
  });

  it('is one that cannot write its ready file', async () => {
    writeFileSync(join(built.dir, 'file'), '');
    const seen = await built.run('namesrv', '-d', '--port', '0', '--ready-file', join(built.dir, 'file', 'ready'));
    expect(seen).toMatchObject({ stdout: '', exitCode: 1 });
    expect(seen.stderr).toMatch(/^the namesrv did not start: the ready file .*file\/ready cannot be written: E.*\.\n$/);
    nothingRuns();
  });

  it('leaves no file where nothing can be written', async () => {
    // Nothing can be written below a file; the folder above has room.
    writeFileSync(dataDir, 'in the way');
    for (const argv of [['up'], ['namesrv', '-d'], ['broker'], ['up', '--ephemeral']]) {
      const seen = await built.run(...argv, '--port', '0');
      expect(seen).toMatchObject({ stdout: '', exitCode: 1 });
      expect(seen.stderr).toMatch(/^(the data directory|the store|no temporary data directory) .*: E.*\.\n$/);
    }
    expect(readdirSync(built.dir)).toEqual(['data']);
  });
});
