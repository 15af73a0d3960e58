/**
 * `store verify` on what the real Java broker wrote: tags, keys and batches in several queues and commitlog files; after a clean
 * stop nothing is found, after kill -9 nothing that is a fault, and what the other commands read is what was sent.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { systemClock } from '../../src/core/common/clock.ts';
import { exportMessages } from '../../src/core/store/tools/export-messages.ts';
import { StoreDir } from '../../src/core/store/tools/store-dir.ts';
import { topicStats } from '../../src/core/store/tools/topic-stats.ts';
import { type VerifyResult, verifyStore } from '../../src/core/store/tools/verify-store.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { type Acked, send, sendBatches } from './support/traffic.ts';

const TOPIC = 'VerifyTopic';
const DELAYED = 'VerifyDelayed';
const COUNT = 3_000;
const BATCHES = { batches: 5, perBatch: 40 };
/** Small files, so that there are several of each kind. */
const SIZES = { mappedFileSizeCommitLog: '262144', mappedFileSizeConsumeQueue: '6000' };
const INDEX = { maxHashSlotNum: '500', maxIndexNum: '2000' };
const shape = {
  mappedFileSizeCommitLog: 262_144,
  mappedFileSizeConsumeQueue: 6000,
  maxHashSlotNum: 500,
  maxIndexNum: 2000,
};

const verify = (rootDir: string): VerifyResult => verifyStore(new StoreDir({ rootDir, shape }), { clock: systemClock });

/** Units of delayed messages have the time they are due for a tagsCode; one of each kind is delivered before the stop, one not. */
async function sendDelayed(namesrvAddr: string): Promise<void> {
  const producer = new Producer({ group: 'GID_verify', namesrvAddr });
  await producer.start();
  for (const level of ['1', '18']) {
    const properties = { DELAY: level };
    await producer.send({ topic: DELAYED, body: `level ${level}`, tags: 'TagA', keys: `d${level}`, properties });
  }
  await producer.stop();
}

describe('the store of a Java broker', () => {
  let java: JavaCluster;
  const sent: Acked[] = [];

  beforeAll(async () => {
    java = await JavaCluster.start({ broker: { ...SIZES, ...INDEX } });
    sent.push(...(await send(java, java.peer, { topic: TOPIC, count: COUNT })));
    sent.push(...(await sendBatches(java, java.peer, { topic: TOPIC, ...BATCHES, first: COUNT })).acked);
    await sendDelayed(java.namesrvAddr);
  });

  afterAll(() => java?.stop());

  it('is refused while the broker runs, and sound once it stopped', async () => {
    const pid = java.broker?.child.pid;
    expect(() => new StoreDir({ rootDir: java.storeDir, shape })).toThrow(`is in use by process ${pid}`);
    await java.stopBroker('SIGTERM');
    const result = verify(java.storeDir);
    expect(result).toMatchObject({ crashed: false, sound: true, faults: [], notes: [] });
    expect(result.messages).toBeGreaterThanOrEqual(sent.length);
    expect(result.commitLogFiles).toBeGreaterThan(2);
    expect(result.indexFiles).toBeGreaterThan(1);
    const { topics } = topicStats(new StoreDir({ rootDir: java.storeDir, shape }));
    expect(topics.find(({ topic }) => topic === TOPIC)).toMatchObject({ messages: sent.length });
    expect(topics.find(({ topic }) => topic === 'SCHEDULE_TOPIC_XXXX')).toMatchObject({ messages: 2, queues: 2 });
    const ids = new Set<string>();
    exportMessages(new StoreDir({ rootDir: java.storeDir, shape }), { topic: TOPIC }, ({ msgId }) => ids.add(msgId));
    expect(ids).toEqual(new Set(sent.map(({ msgId }) => msgId)));
  });

  it('has nothing that recovery does not put right after kill -9', async () => {
    await java.startBroker();
    sent.push(...(await send(java, java.peer, { topic: TOPIC, count: 500, first: 10_000 })));
    await java.stopBroker('SIGKILL');
    const copy = join(java.folder, 'killed');
    cpSync(java.storeDir, copy, { recursive: true, preserveTimestamps: true });
    const killed = verify(copy);
    expect(killed).toMatchObject({ crashed: true, sound: true, faults: [] });
    await java.startBroker();
    await java.stopBroker('SIGTERM');
    expect(verify(java.storeDir)).toMatchObject({ crashed: false, sound: true, faults: [] });
  });
});
