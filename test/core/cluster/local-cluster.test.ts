import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listProcesses } from '../../../src/core/cluster/cluster-ini.ts';
import { isPortFree } from '../../../src/core/cluster/free-ports.ts';
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

const portOf = (addr: string): number => Number(addr.split(':').at(-1));

test('is routable when it resolves, in no cluster.ini, and gone after stop', async () => {
  const cluster = await start('one');
  expect(await brokersOf(cluster)).toEqual([cluster.brokerAddr]);
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
  await expect(start('one')).rejects.toMatchObject({ code: 'IN_USE' });
  expect(await brokersOf(cluster)).toEqual([cluster.brokerAddr]);
});

test('starts again on its data directory', async () => {
  const first = await start('one');
  await first.stop();
  const second = await start('one');
  expect(await brokersOf(second)).toEqual([second.brokerAddr]);
});
