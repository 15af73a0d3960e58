/**
 * Older and newer Java clients, and both header serializations, against our cluster: topic made by the first send,
 * 100 messages sent and consumed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type PeerVersion } from './support/peers.ts';
import { ALL } from './support/scope.ts';
import { consumeAll, deliveryFaults, send } from './support/traffic.ts';

type Case = [version: PeerVersion, serialization: string, jvm: readonly string[]];

const BINARY = ['-Drocketmq.serialize.type=ROCKETMQ'];

describe('Java clients on our cluster', () => {
  let cluster: OurCluster;

  beforeAll(async () => {
    cluster = await OurCluster.start();
  });

  afterAll(() => cluster?.stop());

  const smoke: Case[] = [
    ['4.9.1', 'JSON', []],
    ['4.9.7', 'JSON', []],
    ['4.9.7', 'ROCKETMQ', BINARY],
    ['5.4.0', 'JSON', []],
  ];
  const more: Case[] = [
    ['4.9.1', 'ROCKETMQ', BINARY],
    ['5.4.0', 'ROCKETMQ', BINARY],
  ];
  it.each(ALL ? [...smoke, ...more] : smoke)(
    '%s with %s headers sends and consumes',
    async (version, serialization, jvm) => {
      const peer = await ensurePeer(version);
      const name = `${version.replaceAll('.', '_')}_${serialization}`;
      const topic = `Clients_${name}`;
      const sent = await send(cluster, peer, { topic, count: 100, jvm });
      const got = await consumeAll(cluster, peer, { topic, group: `GID_${name}`, count: 100, jvm });
      expect(deliveryFaults(sent, got)).toEqual([]);
    },
  );
});
