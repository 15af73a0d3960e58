/**
 * Older and newer Java clients, and both header serializations, against our cluster: topic made by the first send,
 * 100 messages sent and consumed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type PeerVersion } from './support/peers.ts';
import { consumeAll, deliveryFaults, send } from './support/traffic.ts';

const BINARY = ['-Drocketmq.serialize.type=ROCKETMQ'];

describe('Java clients on our cluster', () => {
  let cluster: OurCluster;

  beforeAll(async () => {
    cluster = await OurCluster.start();
  });

  afterAll(() => cluster?.stop());

  it.each<[PeerVersion, string, readonly string[]]>([
    ['4.9.1', 'JSON', []],
    ['4.9.7', 'JSON', []],
    ['4.9.7', 'ROCKETMQ', BINARY],
    ['5.4.0', 'JSON', []],
    ['5.4.0', 'ROCKETMQ', BINARY],
  ])('%s with %s headers sends and consumes', async (version, serialization, jvm) => {
    const peer = await ensurePeer(version);
    const name = `${version.replaceAll('.', '_')}_${serialization}`;
    const topic = `Clients_${name}`;
    const sent = await send(cluster, peer, { topic, count: 100, jvm });
    const got = await consumeAll(cluster, peer, { topic, group: `GID_${name}`, count: 100, jvm });
    expect(deliveryFaults(sent, got)).toEqual([]);
  });
});
