/**
 * A store with one of everything, written by a broker of one kind and opened by the other, after a clean stop and after
 * kill -9, with IPv4 and IPv6 hosts: every queue has the same records byte for byte, every key finds the same, every group
 * is where it was. What the second one writes is there for the first again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JavaCluster, runProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer } from './support/peers.ts';
import { pollUntil, removeFolder, temporaryFolder } from './support/process.ts';
import { differences, type SnapshotOf, type StoreSnapshot, storeSnapshot } from './support/store-snapshot.ts';
import { consumeAll, send } from './support/traffic.ts';
import { createTopic, requestOnce } from './support/wire.ts';

const QUERY_CONSUMER_OFFSET = 14;
const PLAIN = 80;
const FILLED: Readonly<Record<string, number>> = { FillPlain: 4, FillBatch: 1 };
const FILLED_BY_JAVA: Readonly<Record<string, number>> = {
  ...FILLED,
  ...{ FillDelay: 1, FillRetry: 1, FillTransaction: 1, '%RETRY%GID_fill': 1, SCHEDULE_TOPIC_XXXX: 4 },
  ...{ RMQ_SYS_TRANS_HALF_TOPIC: 1, RMQ_SYS_TRANS_OP_HALF_TOPIC: 1 },
};
/** Both need the same size of the commit log's files. The check of transactions makes their topics and finds none to ask about. */
const BROKER = {
  mappedFileSizeCommitLog: '134217728',
  messageDelayLevel: '1s 1s 1s 1h',
  transactionCheckInterval: '1000',
  transactionTimeOut: '3600000',
  flushDelayOffsetInterval: '500',
};
const CASES = [
  { signal: 'SIGTERM', brokerIP1: '::1' },
  { signal: 'SIGKILL', brokerIP1: '127.0.0.1' },
] as const;

type Either = OurCluster | JavaCluster;

/** Fills the store by FillStore.java; what is to be looked at. */
async function fill(cluster: Either, topics: SnapshotOf['topics'], parts: string): Promise<SnapshotOf> {
  const { namesrvAddr, brokerAddr, brokerName } = cluster;
  for (const [topic, queues] of Object.entries(topics)) {
    if (topic.startsWith('Fill')) await createTopic({ namesrvAddr, brokerAddr, topic, queues });
  }
  const { stdout } = await runProgram(await ensurePeer('4.9.7'), 'FillStore', [namesrvAddr, brokerName, parts]);
  const keys = [...stdout.matchAll(/^KEY (\S+) (\S+)$/gm)].map(([, topic = '', key = '']) => ({ topic, key }));
  return { topics, keys };
}

async function groupOffset({ brokerAddr }: Either): Promise<string | undefined> {
  const extFields = { consumerGroup: 'GID_fill', topic: 'FillRetry', queueId: '0' };
  return (await requestOnce(brokerAddr, { code: QUERY_CONSUMER_OFFSET, extFields })).extFields.offset;
}

/** All five of level 1 and, after their delay of level 3, the ten that were given back. */
function hasDelivered(storeDir: string): boolean {
  const path = join(storeDir, 'config', 'delayOffset.json');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return /\b1"?:5\b/.test(text) && /\b3"?:10\b/.test(text);
}

/** So that two empty stores are not taken for two equal ones. */
function expectFull({ queues, keys }: StoreSnapshot, { topics }: SnapshotOf): void {
  for (const [topic, count] of Object.entries(topics)) {
    const records = Array.from({ length: count }, (_, queueId) => queues[`${topic}/${queueId}`]?.records.length ?? 0);
    expect([topic, Math.max(...records)]).toEqual([topic, expect.any(Number)]);
    expect(Math.max(...records), topic).toBeGreaterThan(0);
  }
  const found = Object.values(keys).map((records) => records.length);
  expect(Math.min(...found)).toBeGreaterThan(0);
}

describe.each(CASES)('$signal, hosts are $brokerIP1', ({ signal, brokerIP1 }) => {
  const broker = { ...BROKER, brokerIP1 };

  it('what the Java broker has stored is in ours', async () => {
    const peer = await ensurePeer('4.9.7');
    const folder = temporaryFolder('store');
    const storeDir = join(folder, 'store');
    const ours = await OurCluster.prepare({ broker: { ...broker, storePathRootDir: storeDir } });
    const java = await JavaCluster.start({ storeDir, broker });
    try {
      const what = await fill(java, FILLED_BY_JAVA, 'plain,batch,delay,transaction,retry');
      const before = await storeSnapshot(java.brokerAddr, what);
      expectFull(before, what);
      const offset = await groupOffset(java);
      expect(Number(offset)).toBeGreaterThan(0);
      // What was delivered after a delay is delivered again by whoever opens a store that does not know of it.
      await pollUntil('delayOffset.json', () => hasDelivered(storeDir), { timeoutMs: 60_000 });
      await java.stopBroker(signal);
      // Nothing is in the store that is not looked at.
      const stored = readdirSync(join(storeDir, 'consumequeue'));
      expect(stored.filter((topic) => !(topic in FILLED_BY_JAVA))).toEqual([]);

      await ours.startNamesrv();
      await ours.startBroker();
      expect(differences(before, await storeSnapshot(ours.brokerAddr, what))).toEqual([]);
      // A clean stop writes them; after a kill they are where they were last saved.
      if (signal === 'SIGTERM') expect(await groupOffset(ours)).toBe(offset);
      const got = await consumeAll(ours, peer, { topic: 'FillPlain', group: 'GID_reads_all', count: PLAIN });
      expect(new Set(got.map(({ msgId }) => msgId)).size).toBe(PLAIN);
    } finally {
      await java.stop();
      await ours.stop();
      removeFolder(folder);
    }
  });

  it('what ours has stored is in the Java broker, and what that adds is in ours', async () => {
    const peer = await ensurePeer('4.9.7');
    const ours = await OurCluster.start({ broker });
    let java: JavaCluster | undefined;
    try {
      const what = await fill(ours, FILLED, 'plain,batch');
      const before = await storeSnapshot(ours.brokerAddr, what);
      expectFull(before, what);
      await ours.stopBroker(signal);

      java = await JavaCluster.start({ storeDir: ours.storeDir, broker });
      expect(differences(before, await storeSnapshot(java.brokerAddr, what))).toEqual([]);
      const got = await consumeAll(java, peer, { topic: 'FillPlain', group: 'GID_reads_all', count: PLAIN });
      expect(new Set(got.map(({ msgId }) => msgId)).size).toBe(PLAIN);
      const added = await send(java, peer, { topic: 'FillBatch', count: 50 });
      const more = {
        ...what,
        keys: [...what.keys, ...added.map(({ number }) => ({ topic: 'FillBatch', key: `k${number}` }))],
      };
      const after = await storeSnapshot(java.brokerAddr, more);
      await java.stopBroker(signal);

      await ours.startBroker();
      expect(differences(after, await storeSnapshot(ours.brokerAddr, more))).toEqual([]);
    } finally {
      await java?.stop();
      await ours.stop();
    }
  });
});
