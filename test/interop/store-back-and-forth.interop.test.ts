/**
 * One store, handed over between our broker and the Java broker three times there and back, under real senders, after clean
 * stops and kill -9 of either. Each time everything that was ever acknowledged is where it was acknowledged, in its order,
 * found by its key, and a consumer group goes on where it was.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Reader, Senders } from '../chaos/clients.ts';
import { type Ack, type Found, judge } from '../chaos/promises.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { removeFolder, temporaryFolder } from './support/process.ts';
import { consumeRecords } from './support/records.ts';
import { Consumer, collect } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

const TOPIC = 'HandOverTopic';
const QUEUES = 4;
const SENDERS = 8;
/** Acknowledged messages a phase, at least. */
const ENOUGH = 400;
const KEYS = 10;
const GROUP = 'GID_goes_on';
/** How the broker of each phase ends, ours first and then by turns. */
const ENDS = ['SIGTERM', 'SIGTERM', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const;

type Either = OurCluster | JavaCluster;

let peer: Peer;
let folder: string;
let ours: OurCluster;
let java: JavaCluster;
const acks: Ack[] = [];
/** Everything that is stored, acknowledged or not, as the last reader found it. */
let stored: Found[] = [];

beforeAll(async () => {
  peer = await ensurePeer('4.9.7');
  folder = temporaryFolder('hand-over');
  const storeDir = join(folder, 'store');
  // Small files, so that many change hands; the same for both, as the files are named by offsets.
  const broker = { mappedFileSizeCommitLog: '1048576', mappedFileSizeConsumeQueue: '20000', maxIndexNum: '5000' };
  ours = await OurCluster.prepare({ broker: { ...broker, storePathRootDir: storeDir } });
  java = await JavaCluster.prepare({ storeDir, broker });
  await ours.startNamesrv();
  await java.startNamesrv();
});

afterAll(async () => {
  await ours?.stop();
  await java?.stop();
  if (folder !== undefined) removeFolder(folder);
});

async function readAll(reader: Reader, { brokerName }: Either): Promise<Found[]> {
  const contents = [];
  for (let queueId = 0; queueId < QUEUES; queueId++) contents.push(await reader.queue(TOPIC, brokerName, queueId, 0));
  return contents.flatMap(({ found }) => found);
}

/** Of every phase some keys, so that the index files of both kinds are asked. */
async function keysNotFound(reader: Reader): Promise<string[]> {
  const missing: string[] = [];
  for (let i = 0; i < KEYS && acks.length > 0; i++) {
    const { sender, number, msgId } = acks[Math.floor((i * acks.length) / KEYS)] as Ack;
    const found = await reader.byKey(TOPIC, `${sender}-${number}`);
    if (found.length !== 1 || found[0]?.msgId !== msgId) missing.push(`${sender}-${number}: ${found.length} found`);
  }
  return missing;
}

/** What the group had not seen when its consumer last ended comes to it, and after a clean stop nothing else. */
async function groupGoesOn(cluster: Either, seen: ReadonlySet<string>, clean: boolean): Promise<void> {
  const unseen = stored.filter(({ msgId }) => !seen.has(msgId));
  const consumer = await Consumer.start(cluster, peer, { topic: TOPIC, group: GROUP, minQueues: QUEUES });
  const [got = []] = await collect([consumer], unseen.length);
  const ids = got.map(({ msgId }) => msgId);
  expect(unseen.filter(({ msgId }) => !ids.includes(msgId))).toEqual([]);
  if (clean) expect(ids.length).toBe(unseen.length);
}

it('three times there and back, every message is where it was acknowledged', { timeout: 600_000 }, async () => {
  let seen: ReadonlySet<string> = new Set<string>();
  for (const [phase, end] of ENDS.entries()) {
    const cluster: Either = phase % 2 === 0 ? ours : java;
    await cluster.startBroker();
    const { namesrvAddr, brokerAddr } = cluster;
    if (phase === 0) await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: QUEUES });
    const reader = await Reader.start(namesrvAddr, peer);
    stored = await readAll(reader, cluster);
    expect([phase, judge(acks, stored).faults]).toEqual([phase, []]);
    expect([phase, await keysNotFound(reader)]).toEqual([phase, []]);
    await reader.finish();
    if (phase > 0) await groupGoesOn(cluster, seen, ENDS[phase - 1] === 'SIGTERM');
    seen = new Set(stored.map(({ msgId }) => msgId));

    const first = phase * 1_000_000;
    const senders = await Senders.start(namesrvAddr, peer, { topic: TOPIC, senders: SENDERS, first });
    await senders.more(ENOUGH);
    if (end === 'SIGTERM') await senders.finish();
    await cluster.stopBroker(end);
    if (end === 'SIGKILL') await senders.finish();
    acks.push(...senders.acks);
  }
  expect(acks.length).toBeGreaterThanOrEqual(ENDS.length * ENOUGH);
  for (const cluster of [ours, java]) {
    await cluster.startBroker();
    const reader = await Reader.start(cluster.namesrvAddr, peer);
    stored = await readAll(reader, cluster);
    expect(judge(acks, stored).faults).toEqual([]);
    expect(await keysNotFound(reader)).toEqual([]);
    await reader.finish();
    await inOrder(cluster);
    await cluster.stopBroker('SIGTERM');
  }
});

/** An orderly consumer of a new group gets everything once, each queue in its order. */
async function inOrder(cluster: Either): Promise<void> {
  const group = `GID_orderly_${cluster === ours ? 'ours' : 'java'}`;
  const got = await consumeRecords(cluster, peer, { topic: TOPIC, group, tags: '*', count: stored.length });
  for (let queueId = 0; queueId < QUEUES; queueId++) {
    const queue = stored.filter((message) => message.queueId === queueId);
    const consumed = got.filter((message) => message.queueId === queueId);
    expect(consumed.map(({ msgId }) => msgId)).toEqual(queue.map(({ msgId }) => msgId));
  }
}
