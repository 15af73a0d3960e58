/**
 * What `mqbroker -p`, `-m` and `mqnamesrv -p` list, key by key and in order, beside the real BrokerStartup and NamesrvStartup;
 * and the sentence about a slave with a master's id.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProgram } from './support/java-cluster.ts';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Finished, removeFolder, temporaryFolder } from './support/process.ts';

const LOGBACK = `<configuration><appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder>
<pattern>%m%n</pattern></encoder></appender><root level="INFO"><appender-ref ref="out"/></root></configuration>\n`;
const MAIN = {
  mqbroker: 'org.apache.rocketmq.broker.BrokerStartup',
  mqnamesrv: 'org.apache.rocketmq.namesrv.NamesrvStartup',
} as const;

let peer: Peer;
let folder: string;

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  folder = temporaryFolder('settings');
  mkdirSync(join(folder, 'conf'));
  for (const part of ['broker', 'namesrv']) writeFileSync(join(folder, 'conf', `logback_${part}.xml`), LOGBACK);
});

afterAll(() => removeFolder(folder));

/** With the Java servers' home directory as our data directory, the paths are the same ones. */
const ours = (launcher: keyof typeof MAIN, args: readonly string[], env: Record<string, string>): Promise<Finished> =>
  pocketmq([launcher, ...args], { ...env, ROCKETMQ_HOME: folder, POCKETMQ_DATA_DIR: folder });

async function theirs(launcher: keyof typeof MAIN, args: readonly string[], env: Record<string, string>) {
  const jvm = [`-Drocketmq.home.dir=${folder}`, `-Duser.home=${folder}`];
  return (await startProgram(peer, MAIN[launcher], args, { jvm, env })).wait(60_000);
}

function configFile(...lines: string[]): string {
  const path = join(folder, 'server.conf');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** `key=value` of each line, without what the loggers put before it. */
const items = ({ stdout }: Finished): string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^.* - /, ''));

const broker = [
  'brokerClusterName = My Cluster',
  'brokerName=b',
  'listenPort=20911',
  'haListenPort=7',
  'x=1',
  'storePathRootDir=/tmp/a b',
];

describe('the lists of settings', () => {
  it.each<[keyof typeof MAIN, string[], string[], Record<string, string>]>([
    ['mqbroker', ['-p'], [], {}],
    ['mqbroker', ['-m'], [], { NAMESRV_ADDR: '192.0.2.1:9876' }],
    ['mqbroker', ['-p'], [...broker, 'enableBatchPush=true', 'fileReservedTime=48'], {}],
    ['mqbroker', ['-m', '-n', '192.0.2.2:9876'], [...broker, 'namesrvAddr=192.0.2.1:9876', 'brokerId=7'], {}],
    [
      'mqbroker',
      ['-m', '-p'],
      ['brokerRole=SLAVE', 'brokerId=1', 'flushDiskType=SYNC_FLUSH', 'brokerIP1=192.0.2.9'],
      {},
    ],
    ['mqnamesrv', ['-p'], [], {}],
    ['mqnamesrv', ['-p'], ['listenPort=12345', 'kvConfigPath=/tmp/a b', 'noSuchKey=1', 'orderMessageEnable=true'], {}],
  ])('%s %j with %j', async (launcher, args, lines, env) => {
    const argv = lines.length === 0 ? args : [...args, '-c', configFile(...lines)];
    const [real, own] = [await theirs(launcher, argv, env), await ours(launcher, argv, env)];
    expect([own.code, own.stderr]).toEqual([real.code, '']);
    expect(items(own)).toEqual(items(real));
  });
});

it("a slave with a master's id", async () => {
  const argv = ['-c', configFile('brokerRole=SLAVE')];
  const [real, own] = [await theirs('mqbroker', argv, {}), await ours('mqbroker', argv, {})];
  expect(own).toEqual({ stdout: real.stdout, stderr: '', code: real.code });
  expect(real.code).toBe(253);
});
