/**
 * A real Java producer and real Java push consumers against our cluster: every acknowledged message is delivered
 * exactly once within a group, and is still there for a new group after a clean stop and after a crash.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Acked, Consumer, collect, consumeAll, deliveryFaults, send, waitForShares } from './support/traffic.ts';

const TOPIC = 'DeliveryTopic';
const COUNT = 10_000;

describe('Java 4.9.7 clients on our cluster', () => {
  let peer: Peer;
  let cluster: OurCluster;
  let sent: Acked[] = [];

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    cluster = await OurCluster.start();
    const made = await cluster.command('updateTopic', '-b', cluster.brokerAddr, '-t', TOPIC, '-r', '4', '-w', '4');
    expect(made).toMatchObject({ code: 0 });
  });

  afterAll(() => cluster?.stop());

  it('two consumers of one group share 10,000 messages, each delivered once', async () => {
    const options = { topic: TOPIC, group: 'GID_delivery', minQueues: 2 };
    const consumers = [await Consumer.start(cluster, peer, options), await Consumer.start(cluster, peer, options)];
    await waitForShares(consumers, 2);
    sent = await send(cluster, peer, { topic: TOPIC, count: COUNT });
    const got = await collect(consumers, COUNT);
    expect(deliveryFaults(sent, got.flat())).toEqual([]);
    for (const share of got) expect(share.length).toBeGreaterThan(0);
  });

  it('a new group gets all of them after a clean stop and a restart', async () => {
    await cluster.stopBroker('SIGTERM');
    await cluster.startBroker();
    const got = await consumeAll(cluster, peer, { topic: TOPIC, group: 'GID_after_stop', count: COUNT });
    expect(deliveryFaults(sent, got)).toEqual([]);
  });

  it('a new group gets all of them, and those acknowledged last, after kill -9', async () => {
    const last = await send(cluster, peer, { topic: TOPIC, count: 500, first: COUNT });
    await cluster.stopBroker('SIGKILL');
    await cluster.startBroker();
    const got = await consumeAll(cluster, peer, { topic: TOPIC, group: 'GID_after_kill', count: COUNT + 500 });
    expect(deliveryFaults([...sent, ...last], got)).toEqual([]);
  });
});
