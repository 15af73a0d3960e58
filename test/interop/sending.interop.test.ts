/**
 * Sending: what our producer chooses against the classes of the real client, `produce` and `sendMessage` on the real broker,
 * and bodies that Java clients compress in each of their ways.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultTable } from '../../src/core/client/producer/fault-table.ts';
import { type SelectorArg, selectQueueByHash } from '../../src/core/client/producer/queue-selector.ts';
import { HeldClock } from '../core/client/held-clock.ts';
import { JavaCluster, runProgram } from './support/java-cluster.ts';
import { OurCluster, pocketmq } from './support/our-cluster.ts';
import { ensurePeer, type Peer, type PeerVersion } from './support/peers.ts';
import { consumeRecords } from './support/records.ts';
import { ALL, OTHER_VERSIONS } from './support/scope.ts';
import { acksIn } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

const BROKERS: readonly PeerVersion[] = ALL ? ['4.9.7', '5.4.0'] : ['4.9.7'];
const COMPRESSIONS = ALL ? (['LZ4', 'ZSTD', 'ZLIB'] as const) : (['LZ4'] as const);

const hex = (text: string): string => Buffer.from(text).toString('hex');

/** What Sending.java prints, word by word. */
async function sendingOf(version: PeerVersion, ...args: string[]): Promise<string[][]> {
  const { stdout } = await runProgram(await ensurePeer(version), 'Sending', args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
}

function expectSameHash(lines: readonly string[][]): void {
  const queues = Array.from({ length: 7 }, (_, queueId) => ({ topic: 'T', brokerName: 'a', queueId }));
  const rows = lines.filter(([what]) => what === 'HASH');
  const ours = rows.map(([, kind, arg = '']) => {
    const key: SelectorArg = kind === 'String' ? arg : kind === 'Integer' ? Number(arg) : BigInt(arg);
    return selectQueueByHash(queues, { topic: 'T', body: 'x' }, key)?.queueId;
  });
  expect(ours).toEqual(rows.map(([, , , queueId]) => Number(queueId)));
  expect(ours).toHaveLength(15);
}

describe('our producer and the classes of the Java client', () => {
  let lines: string[][];

  beforeAll(async () => {
    lines = await sendingOf('4.9.7');
  });

  it('choose the same queues by hash', () => {
    expectSameHash(lines);
  });

  it.each(ALL ? OTHER_VERSIONS : [])('choose the same queues by hash in %s', async (version) => {
    expectSameHash(await sendingOf(version, 'hash'));
  });

  it('avoid slow and failed brokers for the same time', () => {
    const rows = lines.filter(([what]) => what === 'AVOID');
    const ours = rows.map(([, latency, isolation]) => {
      const clock = new HeldClock();
      const faults = new FaultTable(clock, { sendLatencyFaultEnable: true });
      if (isolation === 'true') faults.failed('a', Number(latency));
      else faults.succeeded('a', Number(latency));
      let waited = 0;
      for (; !faults.isAvailable('a'); waited += 1000) clock.advance(1000);
      return waited;
    });
    expect(ours).toEqual(rows.map(([, , , millis]) => Number(millis)));
    expect(ours).toHaveLength(30);
  });
});

describe.each(BROKERS)('produce and sendMessage on the real broker of %s', (version) => {
  const dir = mkdtempSync(join(tmpdir(), 'pocketmq-sending-'));
  let peer: Peer;
  let java: JavaCluster;

  beforeAll(async () => {
    peer = await ensurePeer(version);
    java = await JavaCluster.start({ version });
  });

  afterAll(async () => {
    await java?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('a Java consumer gets every message of every mode, with what was said of it', async () => {
    const { namesrvAddr, brokerAddr } = java;
    await createTopic({ namesrvAddr, brokerAddr, topic: 'Produced', queues: 4 });
    const lines = Array.from({ length: 60 }, (_, i) => {
      const body = i % 3 === 0 ? { bodyBase64: Buffer.from(`b${i}`).toString('base64') } : { body: `b${i}` };
      return JSON.stringify({ ...body, tags: 'A', keys: [`k${i}`], properties: { n: String(i) } });
    });
    const file = join(dir, 'lines.jsonl');
    writeFileSync(file, lines.join('\n'));
    for (const mode of ['--sync', '--async', '--oneway', '--batch=25']) {
      const done = await pocketmq(['produce', 'Produced', '-n', namesrvAddr, '-f', file, mode, '--output', 'json']);
      expect([mode, done.stderr, done.code]).toEqual([mode, '', 0]);
      expect(JSON.parse(done.stdout)).toMatchObject({ sent: 60, failed: 0 });
    }
    const got = await consumeRecords(java, peer, { topic: 'Produced', group: 'GID_produced', tags: 'A', count: 240 });
    const view = got.map(({ body, properties: { n, KEYS } }) => `${body} ${n} ${KEYS}`).sort();
    const expected = Array.from({ length: 240 }, (_, i) => `${hex(`b${i % 60}`)} ${i % 60} k${i % 60}`).sort();
    expect(view).toEqual(expected);
  });

  it('a sharding key goes to the queue of its hash, and a delay and properties arrive', async () => {
    const { namesrvAddr, brokerAddr } = java;
    await createTopic({ namesrvAddr, brokerAddr, topic: 'Keyed', queues: 4 });
    const options = ['--sharding-key', 'order-1', '--delay', '1s', '--property', 'a=b'];
    const sent = await pocketmq(['sendMessage', '-n', namesrvAddr, '-t', 'Keyed', '-p', 'x', ...options]);
    expect([sent.stderr, sent.code]).toEqual(['', 0]);
    const [got] = await consumeRecords(java, peer, { topic: 'Keyed', group: 'GID_keyed', tags: '*', count: 1 });
    expect(got).toMatchObject({ queueId: 2, body: hex('x'), properties: { a: 'b', __SHARDINGKEY: 'order-1' } });
    expect((got?.storeTimestamp ?? 0) - (got?.bornTimestamp ?? 0)).toBeGreaterThanOrEqual(900);
    const refused = await pocketmq(['sendMessage', '-n', namesrvAddr, '-t', 'Keyed', '-p', 'x', '--delay', '11s']);
    expect(refused.code).toBe(2);
  });
});

describe.each(BROKERS)('bodies that a Java client of %s compresses', (version) => {
  let peer: Peer;
  let cluster: OurCluster;

  beforeAll(async () => {
    peer = await ensurePeer(version);
    cluster = await OurCluster.start();
  });

  afterAll(() => cluster?.stop());

  it.each(COMPRESSIONS)('%s passes our broker as it is, and is read', async (type) => {
    const topic = `Compressed${type}`;
    const { namesrvAddr, brokerAddr } = cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic, queues: 1 });
    const jvm = [`-Drocketmq.message.compressType=${type}`];
    const { stdout } = await runProgram(peer, 'SendMessages', [namesrvAddr, topic, 'P', 3, 200_000], { jvm });
    expect(acksIn(stdout)).toHaveLength(3);
    const bodies = [0, 1, 2].map((i) => `m${i}`.padEnd(200_000));
    const got = await consumeRecords(cluster, peer, { topic, group: `GID_${type}`, tags: '*', count: 3 });
    expect(got.map(({ body }) => body)).toEqual(bodies.map(hex));
    const bits = { LZ4: 0x100, ZSTD: 0x200, ZLIB: 0x300 }[type];
    // The decoder of 5.x takes the first bit away from what it has decompressed.
    const compressed = version === '5.4.0' ? 0 : 1;
    for (const { storeSize, sysFlag } of got) {
      expect([storeSize < 10_000, sysFlag & 0x701]).toEqual([true, bits | compressed]);
    }
    if (type === 'ZSTD') return;
    const ours = await cluster.command(
      'subscribe',
      topic,
      '-g',
      'G',
      '--from',
      'first',
      '--count',
      '3',
      '--output',
      'json',
    );
    const lines = ours.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).body)).toEqual(bodies);
  });
});
