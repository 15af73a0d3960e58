import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PullConsumer } from '../../../src/core/client/consumer/pull-consumer.ts';
import { Producer } from '../../../src/core/client/producer/producer.ts';
import { listProcesses } from '../../../src/core/cluster/cluster-ini.ts';
import { isPortFree, pickBrokerPort, pickPort } from '../../../src/core/cluster/free-ports.ts';
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from '../../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { decodeTopicRouteData } from '../../../src/core/protocol/bodies/topic-route-data.ts';
import { getRouteinfoByTopic } from '../../../src/core/protocol/requests/get-routeinfo-by-topic.ts';
import { call } from '../../../src/core/remoting/call.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';

let folder: string;
const clusters: LocalCluster[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-local-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cluster of clusters.splice(0)) await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const brokerSettings = { mappedFileSizeCommitLog: '1048576', mappedFileSizeConsumeQueue: '60000' };
  const cluster = await startLocalCluster({ dataDir: join(folder, name), brokerSettings, ...options });
  clusters.push(cluster);
  return cluster;
}

async function brokersOf(cluster: LocalCluster): Promise<string[]> {
  const client = new RemotingClient({ clock: systemClock, logger: silentLogger });
  try {
    const header = { topic: 'SELF_TEST_TOPIC' };
    const { body } = await call(client, cluster.namesrvAddr, getRouteinfoByTopic, header, { timeoutMs: 3000 });
    return decodeTopicRouteData(body).brokerDatas.flatMap((data) => [...data.brokerAddrs.values()]);
  } finally {
    await client.stop();
  }
}

/** Sends a message to each broker and takes it back. */
async function roundTrip(cluster: LocalCluster): Promise<string[]> {
  const { namesrvAddr } = cluster;
  const producer = new Producer({ group: 'p', namesrvAddr });
  const consumer = new PullConsumer({ group: 'c', namesrvAddr });
  await Promise.all([producer.start(), consumer.start()]);
  try {
    const bodies: string[] = [];
    for (const { name } of cluster.brokers) {
      const mq = { topic: name, brokerName: name, queueId: 0 };
      const { queueOffset } = await producer.send({ topic: name, body: `to ${name}` }, { queue: mq });
      const { messages } = await consumer.pull(mq, '*', queueOffset, 1);
      bodies.push(...messages.map((message) => message.body.toString()));
    }
    return bodies;
  } finally {
    await Promise.all([producer.stop(), consumer.stop()]);
  }
}

const portOf = (addr: string): number => Number(addr.split(':').at(-1));

test('is routable when it resolves, in no cluster.ini, and gone after stop', async () => {
  const cluster = await start('one');
  expect(await brokersOf(cluster)).toEqual([cluster.brokerAddr]);
  expect(await roundTrip(cluster)).toEqual(['to broker-a']);
  expect(listProcesses(join(folder, 'one'))).toEqual([]);
  await Promise.all([cluster.stop(), cluster.stop()]);
  for (const addr of [cluster.namesrvAddr, cluster.brokerAddr]) {
    expect(await isPortFree('127.0.0.1', portOf(addr))).toBe(true);
  }
});

test('several stand side by side and know nothing of each other', async () => {
  const [one, two] = await Promise.all([start('one'), start('two')]);
  expect(await brokersOf(one)).toEqual([one.brokerAddr]);
  expect(await brokersOf(two)).toEqual([two.brokerAddr]);
});

test('a second cluster on the store is refused, and its namesrv does not stay', async () => {
  const cluster = await start('one');
  symlinkSync(join(folder, 'one'), join(folder, 'link'));
  for (const name of ['one', 'link']) {
    await expect(start(name)).rejects.toMatchObject({
      code: 'IN_USE',
      message: `another cluster of this process uses the data directory ${join(folder, name)}; stop it first, or use another directory`,
    });
  }
  expect(await brokersOf(cluster)).toEqual([cluster.brokerAddr]);
});

test('starts again on its data directory', async () => {
  const first = await start('one');
  await first.stop();
  const second = await start('one');
  expect(await brokersOf(second)).toEqual([second.brokerAddr]);
});

test('has several brokers, each with a name, a store and ports of its own', async () => {
  const [port, brokerPort] = [await pickPort('127.0.0.1', Math.random), await pickBrokerPort('127.0.0.1', Math.random)];
  const cluster = await start('many', { brokers: 3, port, brokerPort });
  expect(cluster.namesrvAddr).toBe(`127.0.0.1:${port}`);
  expect(cluster.brokers).toEqual(
    ['broker-a', 'broker-b', 'broker-c'].map((name, i) => ({ name, addr: `127.0.0.1:${brokerPort + 10 * i}` })),
  );
  expect(cluster).toMatchObject({ brokerName: 'broker-a', brokerAddr: `127.0.0.1:${brokerPort}` });
  expect(await roundTrip(cluster)).toEqual(['to broker-a', 'to broker-b', 'to broker-c']);
  expect(readdirSync(join(folder, 'many/stores')).sort()).toEqual(['broker-a-0', 'broker-b-0', 'broker-c-0']);
});

test('without a data directory it uses a temporary one, which goes with it', async () => {
  const cluster = await startLocalCluster();
  const { dataDir } = cluster;
  expect(existsSync(join(dataDir, 'stores/broker-a-0/lock'))).toBe(true);
  await expect(startLocalCluster({ dataDir })).rejects.toThrow(/^another cluster of this process /);
  await cluster[Symbol.asyncDispose]();
  expect(existsSync(dataDir)).toBe(false);
  await cluster.stop();
});

test('takes settings of every kind, and says which have no effect', async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  const settings = { brokerName: 'mine', maxMessageSize: 65_536, autoCreateTopicEnable: false, noSuchKey: 'x' };
  const cluster = await start('set', { brokerSettings: settings, logger });
  expect(cluster.brokerName).toBe('mine');
  expect(warnings).toContain('unknown settings: noSuchKey');
  const producer = new Producer({ group: 'p', namesrvAddr: cluster.namesrvAddr });
  await producer.start();
  await expect(producer.send({ topic: 'New', body: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await producer.stop();
});

test('takes the ports that the settings name', async () => {
  const port = await pickPort('127.0.0.1', Math.random);
  const brokerPort = await pickBrokerPort('127.0.0.1', Math.random);
  const cluster = await startLocalCluster({
    namesrvSettings: { listenPort: port },
    brokerSettings: { listenPort: brokerPort },
  });
  clusters.push(cluster);
  expect([cluster.namesrvAddr, cluster.brokerAddr].map(portOf)).toEqual([port, brokerPort]);
});

/** Where temporary data directories are made from now on. */
function ownTemporaryDir(): string {
  const dir = join(folder, 'tmp');
  mkdirSync(dir);
  vi.stubEnv('TMPDIR', dir);
  return dir;
}

describe('a start that fails', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a port that is none', { port: 65_536 }],
    ['a port that is a text', { port: '9876' }],
    ['no broker', { brokers: 0 }],
    ['too many brokers', { brokers: 10 }],
    ['no name of a directory', { dataDir: '' }],
    ['one name for two brokers', { brokers: 2, brokerSettings: { brokerName: 'x' } }],
  ])('refuses %s', async (_, options) => {
    await expect(startLocalCluster(options as LocalClusterOptions)).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
  });

  test('names a data directory that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const dataDir = join(folder, 'file/below');
    await expect(startLocalCluster({ dataDir })).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining(`the data directory ${dataDir} cannot be written: ENOTDIR`),
    });
  });

  test('names a port that is taken, and leaves nothing of the other server and no directory', async () => {
    const cluster = await start('one');
    const temporary = ownTemporaryDir();
    const port = portOf(cluster.brokerAddr);
    const other = await pickPort('127.0.0.1', Math.random);
    const by = process.platform === 'linux' ? ` by process ${process.pid} \\(.*\\), which is this one` : '';
    await expect(startLocalCluster({ port: other, brokerPort: port })).rejects.toMatchObject({
      code: 'IN_USE',
      message: expect.stringMatching(new RegExp(`^port ${port} is in use${by}; .*choose another port$`)),
    });
    expect(await isPortFree('127.0.0.1', other)).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('says which setting cannot be used', async () => {
    const temporary = ownTemporaryDir();
    await expect(startLocalCluster({ brokerSettings: { brokerRole: 'SYNC_MASTER' } })).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringContaining('brokerRole=SYNC_MASTER'),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });
});
