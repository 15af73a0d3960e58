/**
 * One store, two brokers: the real Java broker opens what ours wrote, and ours opens what Java went on with; single
 * messages and batches alike.
 * Both must use the same mappedFileSizeCommitLog, as the commit log's file names are offsets.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JavaCluster } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { type Acked, consumeAll, deliveryFaults, send, sendBatches } from './support/traffic.ts';

const TOPIC = 'InterchangeTopic';
const COUNT = 2_000;
/** Of these, so many are sent in batches. */
const BATCHES = { batches: 10, perBatch: 40 };
const BATCHED = BATCHES.batches * BATCHES.perBatch;
const FILE_SIZE = { mappedFileSizeCommitLog: '134217728' };

describe('a store changes hands', () => {
  let peer: Peer;
  let ours: OurCluster;
  const sent: Acked[] = [];

  beforeAll(async () => {
    peer = await ensurePeer('4.9.7');
    ours = await OurCluster.start({ broker: FILE_SIZE });
    const singles = COUNT - BATCHED;
    sent.push(...(await send(ours, peer, { topic: TOPIC, count: singles })));
    sent.push(...(await sendBatches(ours, peer, { topic: TOPIC, ...BATCHES, first: singles })).acked);
    await ours.stopBroker('SIGTERM');
  });

  afterAll(() => ours?.stop());

  it('the Java broker serves what our broker stored', async () => {
    const java = await JavaCluster.start({ storeDir: ours.storeDir, broker: FILE_SIZE });
    try {
      const got = await consumeAll(java, peer, { topic: TOPIC, group: 'GID_java_broker', count: COUNT });
      expect(deliveryFaults(sent, got)).toEqual([]);
      sent.push(...(await send(java, peer, { topic: TOPIC, count: 50, first: COUNT })));
      sent.push(...(await sendBatches(java, peer, { topic: TOPIC, ...BATCHES, first: COUNT + 50 })).acked);
    } finally {
      await java.stop();
    }
  });

  it('our broker serves what both stored', async () => {
    await ours.startBroker();
    const got = await consumeAll(ours, peer, { topic: TOPIC, group: 'GID_our_broker', count: COUNT + 50 + BATCHED });
    expect(deliveryFaults(sent, got)).toEqual([]);
  });
});
