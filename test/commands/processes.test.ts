/**
 * The commands about local processes, with real ones: up, down, status, logs, reset, wait-ready, -d, --ready-file, --start.
 * Needs `npm run build`.
 */

import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listProcesses } from '../../src/core/cluster/cluster-ini.ts';
import { pickBrokerPort } from '../../src/core/cluster/free-ports.ts';
import { isAlive } from '../../src/core/cluster/process-identity.ts';
import { BuiltCommands } from '../support/built-commands.ts';
import type { Seen } from './run-command.ts';

let built: BuiltCommands;
let dir: string;
let dataDir: string;

beforeEach(() => {
  built = new BuiltCommands();
  ({ dir, dataDir } = built);
});

afterEach(() => built.end());

const run = (...argv: string[]): Promise<Seen> => built.run(...argv);

interface Up {
  namesrvAddr: string;
  namesrv: { pid: number };
  brokers: { name: string; addr: string; pid: number }[];
  dataDir: string;
}

async function up(...options: string[]): Promise<Up> {
  const seen = await run('up', '--port', '0', '--output', 'json', ...options);
  expect(seen).toMatchObject({ stderr: '', exitCode: 0 });
  expect(seen.stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(seen.stdout);
}

describe('up and down', () => {
  it('two brokers share a data directory; down stops all and their stores stay', { timeout: 30_000 }, async () => {
    const cluster = await up('--brokers', '2');
    expect(cluster.brokers.map(({ name }) => name)).toEqual(['broker-a', 'broker-b']);
    expect(readdirSync(join(dataDir, 'stores'))).toEqual(['broker-a-0', 'broker-b-0']);
    const status = await run('status');
    expect(status.stdout.match(/ yes\n/g)).toHaveLength(3);
    expect(status.stdout).toMatch(/^#Role.*\nnamesrv .*\nbroker {3}broker-a .*\nbroker {3}broker-b .*\n$/);
    expect(await run('wait-ready', '--brokers', '2')).toMatchObject({ stderr: '', exitCode: 0 });
    const again = await up('--brokers', '2');
    expect(again.brokers).toEqual(cluster.brokers);
    expect(await run('up', '--port', '12345')).toMatchObject({
      stderr: `--port has no effect: the name server runs at ${cluster.namesrvAddr} already.\n`,
      exitCode: 0,
    });
    expect(await run('reset', '--yes')).toMatchObject({ stdout: '', exitCode: 1 });
    const down = await run('down');
    expect(down.stdout.match(/ is stopped\.\n/g)).toHaveLength(3);
    for (const { pid } of [cluster.namesrv, ...cluster.brokers]) expect(isAlive({ pid })).toBe(false);
    expect(await run('down')).toEqual({ stdout: '', stderr: `Nothing runs in ${dataDir}.\n`, exitCode: 0 });
    expect(await run('status')).toMatchObject({ stdout: '', exitCode: 4 });
    expect(await run('reset')).toMatchObject({ stdout: '', stderr: expect.stringContaining('--yes'), exitCode: 2 });
    expect(existsSync(join(dataDir, 'stores'))).toBe(true);
    expect(await run('reset', '--yes')).toMatchObject({ stderr: '', exitCode: 0 });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('an ephemeral cluster is a script for eval, and down takes its directory with it', async () => {
    const { stdout } = await run('up', '--port', '0', '--ephemeral');
    expect(stdout).toMatch(/^(# .*\n){3}export NAMESRV_ADDR=127\.0\.0\.1:\d+\nexport POCKETMQ_DATA_DIR='.*'\n$/);
    const made = /POCKETMQ_DATA_DIR='(.*)'/.exec(stdout)?.[1] ?? '';
    expect(existsSync(join(made, 'stores'))).toBe(true);
    expect(await run('down')).toMatchObject({ stderr: '', exitCode: 0 });
    expect(existsSync(made)).toBe(false);
  });

  it('a port that is taken: one sentence, and nothing stays', async () => {
    const holder = built.start(['namesrv', '--port', '0', '--data-dir', join(dir, 'other'), '--output', 'json']);
    const { addr } = JSON.parse(await built.saw(holder, /\n/));
    const seen = await run('up', '--port', addr.replace(/.*:/, ''));
    expect(seen.stdout).toBe('');
    expect(seen.stderr).toMatch(/^the namesrv did not start: port \d+ is in use by process \d+ .*\.\n$/);
    expect(seen.exitCode).toBe(1);
    expect(await run('status')).toMatchObject({ exitCode: 4 });
  });

  it('values that cannot be used', async () => {
    const seen = await run('up', '--brokers', '10');
    expect(seen).toEqual({ stdout: '', stderr: '--brokers is a number from 1 to 9, not 10.\n', exitCode: 2 });
    const never = await run('up', '--timeout', '0');
    expect(never).toEqual({ stdout: '', stderr: '--timeout is a number of seconds from 1, not 0.\n', exitCode: 2 });
  });
});

describe('servers in the background', () => {
  it('-d returns once ready, with the addresses on one line and in the ready file', async () => {
    const file = join(dir, 'ready');
    writeFileSync(file, 'of an earlier run');
    const namesrv = await run('namesrv', '-d', '--port', '0', '--output', 'json', '--ready-file', file);
    expect(namesrv.stdout).toMatch(/^\{.*\}\n$/);
    const { addr, pid } = JSON.parse(namesrv.stdout);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ role: 'namesrv', addr, pid });
    const broker = await run('broker', '-d', '--port', '0', '--name', 'b 1');
    expect(broker.stdout).toMatch(/^The broker\[b 1, 127\.0\.0\.1:\d+\] boot success\. .* and name server is 127/);
    expect((await run('clusterList')).stdout).toContain(' b 1 ');
    expect(await run('broker', '-d', '--port', '0', '--name', 'b 1')).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^the broker did not start: the store .* is in use by process \d+; .*\.\n$/),
      exitCode: 1,
    });
    expect((await run('down')).exitCode).toBe(0);
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(join(dataDir, 'logs')).filter((name) => name.endsWith('.ready'))).toEqual([]);
  });

  it('a broker whose address is changed is found at the new one', async () => {
    const file = join(dir, 'ready');
    await run('namesrv', '-d', '--port', '0');
    const broker = await run('broker', '-d', '--port', '0', '--ready-file', file, '--output', 'json');
    const { addr } = JSON.parse(broker.stdout);
    const port = await pickBrokerPort('127.0.0.1', Math.random);
    expect(await run('updateBrokerConfig', '-b', addr, '-k', 'listenPort', '-v', String(port))).toMatchObject({
      exitCode: 0,
    });
    expect(listProcesses(dataDir).map((entry) => entry.addr)).toContain(`127.0.0.1:${port}`);
    expect((await run('status')).stdout).toMatch(new RegExp(`^broker .* 127\\.0\\.0\\.1:${port} .* yes$`, 'm'));
    expect(JSON.parse(readFileSync(file, 'utf8')).addr).toBe(`127.0.0.1:${port}`);
    expect((await run('down')).stdout.match(/ is stopped\.\n/g)).toHaveLength(2);
    expect(listProcesses(dataDir)).toEqual([]);
  });

  it('-d passes on what a server has to say, and that a name server does not answer', async () => {
    const open = await run('mqnamesrv', '-d', '--port', '0');
    expect(open.stderr).toMatch(/^warning: this name server is open to the network without access control: .*\n$/);
    const closed = listProcesses(dataDir)[0]?.addr ?? '';
    await run('shutdown', 'namesrv');
    const broker = await run('broker', '-d', '--port', '0', '-n', closed);
    expect(broker).toMatchObject({
      stderr: `no answer from the name server ${closed} yet: this broker goes on trying to register with it\n`,
      exitCode: 0,
    });
  });

  it('a broker takes the namesrv of its data directory that starts later, and says which', async () => {
    const broker = built.start(['broker', '--port', '0', '--name', 'early']);
    const said = built.saw(broker, /registers with the name server 127\.0\.0\.1:\d+ of the data directory\.\n/);
    await run('wait-ready', '--timeout', '0');
    expect(await run('namesrv', '-d', '--port', '0')).toMatchObject({ exitCode: 0 });
    expect(await said).toMatch(
      /^The broker\[early, .*\] boot success\. serializeType=JSON\nThe broker\[early\] registers/,
    );
    expect(await run('wait-ready')).toMatchObject({ stdout: expect.stringContaining('early at '), exitCode: 0 });
  });

  it('a broker on loopback does not register with a name server of other machines, unless forced', async () => {
    const refused = await run('broker', '--port', '0', '-n', '192.0.2.77:9876');
    expect(refused).toMatchObject({ stdout: '', exitCode: 1 });
    expect(refused.stderr).toMatch(
      /^this broker tells clients 127\.0\.0\.1, .* the name server 192\.0\.2\.77:9876.*--force\.\n$/,
    );
    const byEnvironment = await built.finish(
      built.start(['broker', '--port', '0'], { NAMESRV_ADDR: '192.0.2.77:9876' }),
    );
    expect(byEnvironment).toMatchObject({ stdout: '', exitCode: 1 });
    expect(existsSync(join(dataDir, 'store'))).toBe(false);
  });

  it('a terminal that closes stops a server as SIGTERM does', async () => {
    const namesrv = built.start(['namesrv', '--port', '0']);
    await built.saw(namesrv, /boot success/);
    namesrv.kill('SIGHUP');
    await once(namesrv, 'exit');
    expect([namesrv.exitCode, (await run('status')).exitCode]).toEqual([0, 4]);
  });
});

describe('waiting and looking', () => {
  it('wait-ready says what was missing', async () => {
    const seen = await run('wait-ready', '--timeout', '0');
    expect(seen.stderr).toMatch(/^the cluster was not ready within 0 s \(no name server runs\); .*\.\n$/);
    expect([seen.stdout, seen.exitCode]).toEqual(['', 6]);
  });

  it('logs shows the last lines and follows', async () => {
    expect(await run('logs')).toMatchObject({ stdout: '', exitCode: 4 });
    await run('namesrv', '-d', '--port', '0');
    const output = await run('logs', 'namesrv-output');
    expect(output).toEqual({
      stdout: 'The Name Server boot success. serializeType=JSON\n',
      stderr: '',
      exitCode: 0,
    });
    const following = built.start(['logs', '-f', '--lines', '0']);
    const said = built.saw(following, /broker-later-output: The broker\[later, /);
    await run('broker', '-d', '--port', '0', '--name', 'later');
    await said;
    following.kill('SIGINT');
    await once(following, 'exit');
    expect(following.exitCode).toBe(130);
  });

  it.each(['--start', 'POCKETMQ_AUTOSTART'])('%s starts the local cluster first', async (how) => {
    const env: Record<string, string> = how === '--start' ? {} : { POCKETMQ_AUTOSTART: '1' };
    const option = how === '--start' ? ['--start'] : [];
    const seen = await built.finish(built.start(['sendMessage', '-t', 'TBW102', '-p', 'x', ...option], env));
    expect(seen.stderr).toMatch(/^A local cluster was started at 127\.0\.0\.1:\d+; 'mqadmin down' stops it\.\n$/);
    expect(seen).toMatchObject({ stdout: expect.stringContaining('SEND_OK'), exitCode: 0 });
    const second = await built.finish(built.start(['topicList', ...option], env));
    expect(second).toMatchObject({ stderr: '', exitCode: 0 });
  });
});
