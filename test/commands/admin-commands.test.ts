/**
 * The configuration and daily admin commands of mqadmin against a namesrv and a broker in this process.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { recorded } from '../cli/fixtures/recorded.ts';
import { runCommand, type Seen } from './run-command.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-admin-'));
/** Nothing listens there. */
const DOWN = '127.0.0.1:1';
let cluster: LocalCluster;
/** Knows nothing of the broker until that is told. */
let second: LocalCluster;

beforeAll(async () => {
  cluster = await startLocalCluster({ dataDir: join(dataDir, 'a'), brokerSettings: { brokerName: 'broker-a' } });
  second = await startLocalCluster({ dataDir: join(dataDir, 'b'), brokerSettings: { brokerName: 'broker-b' } });
});

afterAll(async () => {
  await cluster?.stop();
  await second?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const run = (name: string, ...options: string[]): Promise<Seen> =>
  runCommand([name, '-n', cluster.namesrvAddr, ...options]);
const seen = (stdout: string, stderr = '', exitCode = 0): Seen => ({ stdout, stderr, exitCode });

async function json<T>(name: string, ...options: string[]): Promise<T> {
  const { stdout, ...rest } = await run(name, ...options, '--output', 'json');
  expect(rest).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

async function makeTopic(topic: string, queues = 4): Promise<void> {
  const made = await run(
    'updateTopic',
    '-c',
    'DefaultCluster',
    '-t',
    topic,
    `-r${queues}`,
    `-w${queues}`,
    '--wait-route',
  );
  expect(made).toMatchObject({ stderr: '', exitCode: 0 });
}

/** The recorded stdout with this cluster's addresses. */
const asRecorded = (name: string, number: number): string =>
  recorded(name, number)
    .stdout.replaceAll('127.0.0.1:30911', cluster.brokerAddr)
    .replaceAll('127.0.0.1:29876', cluster.namesrvAddr);

const unknownCluster = 'the cluster NoCluster does not exist.\n';
const failedLine = (javaClass: string): string => `SubCommandException: ${javaClass} command failed\n`;

describe('getBrokerConfig and updateBrokerConfig', () => {
  it('one key, on a broker and on a cluster', async () => {
    const change = ['-k', 'fileReservedTime', '-v'];
    const one = await runCommand(['updateBrokerConfig', '-b', cluster.brokerAddr, ...change, '47']);
    expect(one).toEqual(seen(asRecorded('updateBrokerConfig', 1)));
    expect(await run('updateBrokerConfig', '-c', 'DefaultCluster', ...change, '48')).toEqual(seen(one.stdout));
    const { stdout } = await run('getBrokerConfig', '-b', cluster.brokerAddr);
    expect(stdout).toMatch(new RegExp(`^============${cluster.brokerAddr}============\n`));
    expect(stdout).toContain(`\nfileReservedTime${' '.repeat(34)}=  48\n`);
    // Set when a broker starts, from keys of the filter: the file's own default is 64.
    expect(stdout).toContain(`\nbitMapLengthConsumeQueueExt${' '.repeat(23)}=  112\n`);
    expect(stdout).toMatch(/\n\n$/);
    const listed = await run('getBrokerConfig', '-c', 'DefaultCluster');
    expect(listed.stdout).toMatch(new RegExp(`^============Master: ${cluster.brokerAddr}============\n`));
    expect(await json('getBrokerConfig', '-c', 'DefaultCluster')).toMatchObject([
      { addr: cluster.brokerAddr, role: 'master', config: { fileReservedTime: '48' } },
    ]);
  });

  it.each([['a b  c'], ['C:\\data\\new\\u store'], ['中文 目录'], ['=:#!'], ['"quoted" words']])(
    '%s survives the way there and back',
    async (value) => {
      const set = ['-k', 'dLegerGroup', '-v', value];
      expect((await run('updateBrokerConfig', '-b', cluster.brokerAddr, ...set)).exitCode).toBe(0);
      expect(await json('getBrokerConfig', '-b', cluster.brokerAddr)).toMatchObject([
        { config: { dLegerGroup: value } },
      ]);
      const listing = await run('getBrokerConfig', '-b', cluster.brokerAddr);
      expect(listing.stdout).toContain(`\ndLegerGroup${' '.repeat(39)}=  ${value}\n`);
    },
  );

  it('unknown keys are accepted, as by the original', async () => {
    const { stdout } = await run('updateBrokerConfig', '-b', cluster.brokerAddr, '-k', 'noSuchKey', '-v', '1');
    expect(stdout).toBe(asRecorded('updateBrokerConfig', 3));
  });

  it('a promise of safety that is not kept is refused', async () => {
    const set = ['-k', 'brokerRole', '-v', 'SYNC_MASTER'];
    const { stdout, stderr, exitCode } = await run('updateBrokerConfig', '-b', cluster.brokerAddr, ...set);
    expect(stderr).toMatch(/^CODE: 1 {2}DESC: brokerRole=SYNC_MASTER is not supported by this version of PocketMQ; /);
    expect([stdout, exitCode]).toEqual(['', 1]);
    const [listed] = await json<{ config: Record<string, string> }[]>('getBrokerConfig', '-b', cluster.brokerAddr);
    expect(listed?.config.brokerRole).toBe('ASYNC_MASTER');
  });

  it('neither a broker nor a cluster, an unknown cluster, a broker that is down', async () => {
    expect(await run('updateBrokerConfig', '-k', 'x', '-v', '1')).toEqual(
      seen(recorded('updateBrokerConfig', 5).stdout, 'One of -b and -c is required.\n', 2),
    );
    expect(await run('getBrokerConfig')).toEqual(seen('', 'One of -b and -c is required.\n', 2));
    const unknown = await run('updateBrokerConfig', '-c', 'NoCluster', '-k', 'x', '-v', '1');
    const stderr = unknownCluster + failedLine('UpdateBrokerConfigSubCommand');
    expect(unknown).toEqual(seen(recorded('updateBrokerConfig', 6).stdout, stderr, 4));
    expect((await run('getBrokerConfig', '-c', 'NoCluster')).stdout).toBe(recorded('getBrokerConfig', 3).stdout);
    const down = await run('getBrokerConfig', '-b', DOWN);
    expect(down.stdout).toBe(`============${DOWN}============\n`);
    expect([down.stderr.startsWith(`connect to ${DOWN} failed: `), down.exitCode]).toEqual([true, 3]);
  });
});

describe('getNamesrvConfig and updateNamesrvConfig', () => {
  it('one key', async () => {
    const set = ['-k', 'orderMessageEnable', '-v', 'true'];
    expect(await run('updateNamesrvConfig', ...set)).toEqual(seen(asRecorded('updateNamesrvConfig', 1)));
    const env = { NAMESRV_ADDR: cluster.namesrvAddr };
    const quiet = await runCommand(['updateNamesrvConfig', '-k', 'orderMessageEnable', '-v', 'false'], { env });
    expect(quiet).toEqual(seen(recorded('updateNamesrvConfig', 2).stdout));
    const { stdout } = await run('getNamesrvConfig');
    expect(stdout).toMatch(new RegExp(`^============${cluster.namesrvAddr}============\n`));
    expect(stdout).toMatch(/\norderMessageEnable {32}= {2}false\n/);
    expect(await json('getNamesrvConfig')).toMatchObject([{ config: { orderMessageEnable: 'false' } }]);
  });

  it('protected and unknown keys', async () => {
    const refused = await run('updateNamesrvConfig', '-k', 'configStorePath', '-v', '/x');
    expect(refused.stderr).toContain(
      'CODE: 16  DESC: Can not update config path: set it in the file and start it again.\n',
    );
    expect([refused.stdout, refused.exitCode]).toEqual(['', 5]);
    const unknown = await run('updateNamesrvConfig', '-k', 'noSuchKey', '-v', '1');
    expect(unknown).toEqual(seen(asRecorded('updateNamesrvConfig', 4)));
  });

  it('of several name servers, one of them down', async () => {
    const list = `${DOWN};${second.namesrvAddr}`;
    const set = await runCommand(['updateNamesrvConfig', '-n', list, '-k', 'productEnvName', '-v', '中 文']);
    expect(set.stdout).toBe(`update name server config success![${second.namesrvAddr}]\nproductEnvName : 中 文\n`);
    expect(set.stderr).toMatch(new RegExp(`^connect to ${DOWN} failed: [^\n]+\n$`));
    expect(set.exitCode).toBe(7);
    const got = await runCommand(['getNamesrvConfig', '-n', list]);
    expect(got.stdout.match(/^=====.*$/gm)).toEqual([`============${second.namesrvAddr}============`]);
    expect(got.stdout).toMatch(/\nproductEnvName {36}= {2}中 文\n/);
    expect(got.exitCode).toBe(7);
  });
});

describe('updateKvConfig and deleteKvConfig', () => {
  const value = (): unknown =>
    JSON.parse(readFileSync(join(dataDir, 'a', 'namesrv', 'kvConfig.json'), 'utf8')).configTable.ops.colour;

  it('a key of a namespace', async () => {
    const key = ['-s', 'ops', '-k', 'colour'];
    expect(await run('updateKvConfig', ...key, '-v', '深蓝 C:\\blue')).toEqual(
      seen(recorded('updateKvConfig', 1).stdout),
    );
    expect(value()).toBe('深蓝 C:\\blue');
    expect(await run('deleteKvConfig', ...key)).toEqual(seen(recorded('deleteKvConfig', 1).stdout));
    expect(value()).toBeUndefined();
    expect(await run('deleteKvConfig', ...key)).toEqual(seen(recorded('deleteKvConfig', 2).stdout));
  });

  it('partly done: no sentence of success, exit code 7', async () => {
    const list = `${cluster.namesrvAddr};${DOWN}`;
    const { stdout, stderr, exitCode } = await runCommand(['updateKvConfig', '-n', list, '-sops', '-ka', '-vb']);
    expect([stdout, exitCode]).toEqual(['', 7]);
    expect(stderr).toMatch(new RegExp(`^connect to ${DOWN} failed: [^\n]+\n$`));
    const alone = await runCommand(['deleteKvConfig', '-n', DOWN, '-sops', '-ka']);
    expect([alone.stdout, alone.exitCode]).toEqual(['', 3]);
    expect(alone.stderr).toContain(failedLine('DeleteKvConfigCommand'));
  });
});

describe('wipeWritePerm and addWritePerm', () => {
  const permOf = async (topic: string): Promise<number | undefined> => {
    const route = await json<{ queueDatas: { perm: number }[] }>('topicRoute', '-t', topic);
    return route.queueDatas[0]?.perm;
  };

  it('take and give the write permission in the routes', async () => {
    await makeTopic('WipedTopic');
    const wiped = await run('wipeWritePerm', '-b', 'broker-a');
    const count = /OK, (\d+)\n$/.exec(wiped.stdout)?.[1];
    expect(Number(count)).toBeGreaterThan(5);
    expect(wiped).toEqual(seen(asRecorded('wipeWritePerm', 1).replace('30\n', `${count}\n`)));
    expect(await permOf('WipedTopic')).toBe(4);
    expect(await run('addWritePerm', '-b', 'broker-a')).toEqual(
      seen(asRecorded('addWritePerm', 1).replace('30\n', `${count}\n`)),
    );
    expect(await permOf('WipedTopic')).toBe(6);
    // mqadmin's text; but a name mistyped is no success.
    const unknown = await run('wipeWritePerm', '-b', 'broker-z');
    expect([unknown.stdout, unknown.exitCode]).toEqual([asRecorded('wipeWritePerm', 3), 4]);
    expect(unknown.stderr).toContain("no name server knows a broker broker-z; 'mqadmin clusterList' shows them.\n");
  });

  it('a line for each name server, the failing ones too', async () => {
    const list = `${cluster.namesrvAddr};${DOWN}`;
    const { stdout, stderr, exitCode } = await runCommand(['addWritePerm', '-n', list, '-b', 'broker-z']);
    expect(stdout).toBe(
      `add write perm of broker[broker-z] in name server[${cluster.namesrvAddr}] OK, 0\nadd write perm of broker[broker-z] in name server[${DOWN}] Failed\n`,
    );
    expect(stderr).toMatch(new RegExp(`^connect to ${DOWN} failed: [^\n]+\n$`));
    expect(exitCode).toBe(7);
    const alone = await runCommand(['wipeWritePerm', '-n', DOWN, '-b', 'broker-z']);
    expect(alone.stdout).toBe(recorded('wipeWritePerm', 4).stdout.replace('127.0.0.1:29999', DOWN));
    expect(alone.exitCode).toBe(3);
  });
});

describe('topics', () => {
  it('updateTopicPerm', async () => {
    await makeTopic('OpsTopic', 8);
    const onBroker = ['-b', cluster.brokerAddr, '-t', 'OpsTopic', '-p', '4'];
    expect(await run('updateTopicPerm', ...onBroker)).toEqual(seen(asRecorded('updateTopicPerm', 1)));
    expect(await run('updateTopicPerm', ...onBroker)).toEqual(seen(recorded('updateTopicPerm', 2).stdout));
    const onCluster = await run('updateTopicPerm', '-c', 'DefaultCluster', '-t', 'OpsTopic', '-p', '2');
    expect(onCluster).toEqual(seen(`update topic perm from 4 to 2 in ${cluster.brokerAddr} success.\n`));
    const noMaster = await run('updateTopicPerm', '-b', DOWN, '-t', 'OpsTopic', '-p', '6');
    expect(noMaster).toEqual(seen(recorded('updateTopicPerm', 4).stdout, '', 4));
    expect(await run('updateTopicPerm', '-t', 'OpsTopic', '-p', '6')).toEqual(
      seen(recorded('updateTopicPerm', 5).stdout, 'One of -b and -c is required.\n', 2),
    );
    const unknown = await run('updateTopicPerm', '-b', cluster.brokerAddr, '-t', 'NoSuchTopic', '-p', '6');
    expect([unknown.stdout, unknown.exitCode]).toEqual(['', 4]);
    const noCluster = await run('updateTopicPerm', '-c', 'NoCluster', '-t', 'OpsTopic', '-p', '6');
    expect([noCluster.stdout, noCluster.exitCode]).toEqual([recorded('updateTopicPerm', 8).stdout, 4]);
    const word = await run('updateTopicPerm', '-b', cluster.brokerAddr, '-t', 'OpsTopic', '-p', 'rw');
    expect(word).toEqual(seen('', '-p must be a whole number, not "rw".\n', 2));
  });

  it('topicClusterList', async () => {
    await makeTopic('OrderTopic');
    expect(await run('topicClusterList', '-t', 'OrderTopic')).toEqual(seen(recorded('topicClusterList', 1).stdout));
    expect(await json('topicClusterList', '-t', 'OrderTopic')).toEqual(['DefaultCluster']);
    const unknown = await run('topicClusterList', '-t', 'NoSuchTopic');
    expect([unknown.stdout, unknown.exitCode]).toEqual(['', 4]);
  });

  it('deleteTopic', async () => {
    await makeTopic('OpsUnit');
    const target = ['-c', 'DefaultCluster', '-t', 'OpsUnit'];
    expect(await run('deleteTopic', ...target)).toEqual(seen(recorded('deleteTopic', 1).stdout));
    expect((await run('topicRoute', '-t', 'OpsUnit')).exitCode).toBe(4);
    expect(await run('deleteTopic', ...target)).toEqual(seen(recorded('deleteTopic', 1).stdout));
    const unknown = await run('deleteTopic', '-c', 'NoCluster', '-t', 'OpsUnit');
    expect(unknown.stdout).toBe(recorded('updateTopicPerm', 8).stdout);
    expect(unknown.exitCode).toBe(4);
    const reserved = await run('deleteTopic', '-c', 'DefaultCluster', '-t', 'SCHEDULE_TOPIC_XXXX');
    expect([reserved.stdout, reserved.exitCode]).toEqual(['', 1]);
    expect(reserved.stderr).toContain('CODE: 1  DESC: The topic[SCHEDULE_TOPIC_XXXX] is conflict with system topic.');
  });

  it('updateTopic --wait-route waits for every name server of the list', async () => {
    const make = ['-c', 'DefaultCluster', '-t', 'WaitedTopic', '-r', '3', '-w', '2'];
    expect(await run('updateTopic', ...make, '--wait-route')).toMatchObject({ stderr: '', exitCode: 0 });
    const route = await json<{ queueDatas: object[] }>('topicRoute', '-t', 'WaitedTopic');
    expect(route.queueDatas).toMatchObject([{ readQueueNums: 3, writeQueueNums: 2 }]);
    // The second name server does not know this broker.
    const list = `${cluster.namesrvAddr};${second.namesrvAddr}`;
    const onBroker = ['-b', cluster.brokerAddr, '-t', 'WaitedTopic', '-r', '3', '-w', '2'];
    const late = await runCommand(['updateTopic', '-n', list, ...onBroker, '--wait-route', '--wait-timeout', '1']);
    expect(late.stdout).toMatch(/^create topic to .* success\.\nTopicConfig /);
    expect(late.stderr).toContain(
      `the topic WaitedTopic was made, but the name server ${second.namesrvAddr} did not hand out its route within 1 s.\n`,
    );
    expect(late.exitCode).toBe(6);
    const down = ['-n', `${cluster.namesrvAddr};${DOWN}`, ...onBroker, '--wait-route', '--wait-timeout', '1'];
    expect((await runCommand(['updateTopic', ...down])).stderr).toContain(
      `but the name server ${DOWN} (connect to ${DOWN} failed) did not hand out its route within 1 s.\n`,
    );
    expect((await run('updateTopic', ...make, '--wait-timeout', '1')).exitCode).toBe(2);
  });
});

describe('brokerStatus', () => {
  it('of a broker and of a cluster', async () => {
    const one = await run('brokerStatus', '-b', cluster.brokerAddr);
    expect(one).toMatchObject({ stderr: '', exitCode: 0 });
    const keys = one.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(':')).trimEnd());
    expect(keys).toEqual([...keys].sort());
    expect(one.stdout).toMatch(/^brokerVersionDesc {15}: V4_9_7$/m);
    const all = await run('brokerStatus', '-c', 'DefaultCluster');
    expect(all.stdout).toContain(`\n${cluster.brokerAddr.padEnd(24)} brokerVersion                   : 407\n`);
    expect(await json('brokerStatus', '-b', cluster.brokerAddr)).toMatchObject([{ status: { brokerVersion: '407' } }]);
  });

  it('of nothing, of an unknown cluster, of a broker that is down', async () => {
    expect(await run('brokerStatus')).toEqual(seen('', 'One of -b and -c is required.\n', 2));
    const unknown = await run('brokerStatus', '-c', 'NoCluster');
    expect([unknown.stdout, unknown.exitCode]).toEqual([recorded('brokerStatus', 4).stdout, 4]);
    const down = await run('brokerStatus', '-b', DOWN);
    expect([down.stdout, down.exitCode]).toEqual(['', 3]);
    expect(down.stderr).toContain(failedLine('BrokerStatusSubCommand'));
  });
});
