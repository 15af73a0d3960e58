// Clients that live through a restart of the whole cluster, on its old ports and store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PushConsumer } from '../../../src/core/client/consumer/push-consumer.ts';
import { Producer } from '../../../src/core/client/producer/producer.ts';
import { type LocalCluster, startLocalCluster } from '../../../src/core/cluster/local-cluster.ts';
import { until } from './scripted-cluster.ts';

const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(dataDir: string, before?: LocalCluster): Promise<LocalCluster> {
  const port = (addr: string | undefined): number => Number(addr?.split(':')[1] ?? 0);
  const cluster = await startLocalCluster({
    dataDir,
    port: port(before?.namesrvAddr),
    brokerPort: port(before?.brokerAddr),
  });
  cleanups.push(() => cluster.stop());
  return cluster;
}

describe('a restart of the cluster', () => {
  it('is survived by producer and consumer, and nothing comes twice or not at all', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pocketmq-restart-'));
    cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
    const cluster = await start(dataDir);
    const got: string[] = [];
    const namesrvAddrs = [cluster.namesrvAddr];
    const producer = new Producer({ group: 'P', namesrvAddrs });
    const consumer = new PushConsumer({
      group: 'GRestart',
      namesrvAddrs,
      subscriptions: { Restarted: '*' },
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      listener: ([message]) => {
        got.push(message?.body.toString() ?? '');
        return 'CONSUME_SUCCESS';
      },
    });
    cleanups.push(
      () => producer.stop(),
      () => consumer.stop(),
    );
    await producer.start();
    const send = (body: string) =>
      producer.send({ topic: 'Restarted', body: Buffer.from(body), flag: 0, properties: {} });
    for (const body of ['a', 'b', 'c']) await send(body);
    await consumer.start();
    await until('the messages before', () => got.length === 3);

    await cluster.stop();
    await expect(send('lost')).rejects.toMatchObject({ code: 'CONNECT' });
    await start(dataDir, cluster);

    for (const body of ['d', 'e', 'f']) await send(body);
    await until('the messages after', () => got.length >= 6, 15_000);
    expect(got.sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});
