/**
 * shrinkTopic on a real broker, under a real Java producer and a real Java consumer: from 16 queues to 8, and every
 * acknowledged message is consumed, once.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JavaCluster } from './support/java-cluster.ts';
import { pocketmq } from './support/our-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import { VERSIONS } from './support/scope.ts';
import { Consumer, collect, deliveryFaults, Sender, waitForShares } from './support/traffic.ts';

const clusters: JavaCluster[] = [];

beforeAll(async () => {
  for (const version of VERSIONS) clusters.push(await JavaCluster.start({ version }));
});

afterAll(async () => {
  for (const cluster of clusters) await cluster.stop();
});

it.each(VERSIONS)('shrinks a topic in use on a broker of %s, and nothing is lost', async (version) => {
  const cluster = clusters[VERSIONS.indexOf(version)] ?? expect.fail('there is no cluster');
  const { namesrvAddr } = cluster;
  const peer = await ensurePeer(version);
  const run = (...args: string[]) => pocketmq([...args, '-n', namesrvAddr]);
  const topic = ['-t', 'Shrinking'];
  expect(await run('updateTopic', '-c', 'DefaultCluster', ...topic, '-r', '16', '-w', '16')).toMatchObject({ code: 0 });
  const consumer = await Consumer.start(cluster, peer, { topic: 'Shrinking', group: 'GID_shrinking', minQueues: 16 });
  await waitForShares([consumer], 16);
  const sender = await Sender.start(namesrvAddr, peer, { topic: 'Shrinking' });
  await sender.more(200);
  // The sender asks for routes every second.
  expect(await run('shrinkTopic', ...topic, '-r', '8', '--settle', '5', '--timeout', '50')).toMatchObject({ code: 0 });
  await sender.more(200);
  const acked = await sender.finish();
  expect(sender.failed).toEqual([]);
  const [consumed = []] = await collect([consumer], acked.length);
  expect(deliveryFaults(acked, consumed)).toEqual([]);
  expect(new Set(acked.slice(0, 150).map(({ queueId }) => queueId)).size).toBe(16);
  expect(Math.max(...acked.slice(-150).map(({ queueId }) => queueId))).toBe(7);
  const { stdout } = await run('topicRoute', ...topic, '--output', 'json');
  expect(JSON.parse(stdout).queueDatas).toMatchObject([{ readQueueNums: 8, writeQueueNums: 8 }]);
});
