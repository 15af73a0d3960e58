/**
 * Our lite pull consumer and Java's in one group, on our broker and on the real one: they share the queues, and each goes on
 * where the other committed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LitePullConsumer, Producer } from '../../src/core/index.ts';
import { JavaCluster, startProgram } from './support/java-cluster.ts';
import { OurCluster } from './support/our-cluster.ts';
import { ensurePeer, type PeerVersion } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import type { Cluster } from './support/traffic.ts';
import { createTopic } from './support/wire.ts';

const QUEUES = 4;

let ours: OurCluster;
let java: JavaCluster;

beforeAll(async () => {
  ours = await OurCluster.start();
  java = await JavaCluster.start();
});

afterAll(async () => {
  await ours?.stop();
  await java?.stop();
});

async function send({ namesrvAddr }: Cluster, topic: string, prefix: string, count: number): Promise<string[]> {
  await using producer = new Producer({ group: 'sending', namesrvAddr });
  await producer.start();
  const keys = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  for (const [i, key] of keys.entries()) {
    const queue = { topic, brokerName: 'broker-a', queueId: i % QUEUES };
    await producer.send({ topic, body: key, keys: key }, { queue });
  }
  return keys;
}

/** Polls until it is stopped. */
class OurPoller {
  readonly consumer: LitePullConsumer;
  readonly got: string[] = [];
  #polling: Promise<void> | undefined;
  #over = false;

  constructor({ namesrvAddr }: Cluster, topic: string) {
    const from = 'CONSUME_FROM_FIRST_OFFSET';
    this.consumer = new LitePullConsumer({ group: 'GID_lite', namesrvAddr, consumeFromWhere: from });
    this.consumer.subscribe(topic);
  }

  async start(): Promise<this> {
    await this.consumer.start();
    this.#polling = this.#poll();
    return this;
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#polling;
    await this.consumer.stop();
  }

  async #poll(): Promise<void> {
    while (!this.#over) this.got.push(...(await this.consumer.poll(200)).map((message) => message.body.toString()));
  }
}

// The real broker of 4.9.7 does not know LITE_PULL_MESSAGE, by which 5.x clients pull here.
describe.each<[string, () => Cluster, PeerVersion[]]>([
  ['our broker', () => ours, ['4.9.7', '5.4.0']],
  ['the real broker', () => java, ['4.9.7']],
])('a group of lite pull consumers, ours and Java, on %s', (_, clusterOf, versions) => {
  it.each(versions)('gets each message once, and goes on behind what either committed, with %s', async (version) => {
    const cluster = clusterOf();
    const peer = await ensurePeer(version);
    const topic = `LiteMixed${version[0]}`;
    const { namesrvAddr, brokerAddr } = cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic, queues: QUEUES });
    const first = await new OurPoller(cluster, topic).start();
    const program = await startProgram(peer, 'LitePull', [namesrvAddr, topic, 'GID_lite']);
    const javaGot = (): string[] => [...program.stdout.matchAll(/^MSG \d+ \d+ (\S+)$/gm)].map(([, key]) => key ?? '');
    const shared = (): boolean => first.consumer.assignment().length === QUEUES / 2;
    await pollUntil('the queues shared', shared, { timeoutMs: 60_000 });
    const sent = await send(cluster, topic, 'a', 200);
    const all = (): string[] => [...first.got, ...javaGot()];
    await pollUntil('all messages', () => all().length >= sent.length, { timeoutMs: 60_000 }).catch((error: Error) => {
      throw new Error(`${error.message}: ${first.got.length} here, ${javaGot().length} at Java's. ${program.stderr}`);
    });
    expect(all().sort()).toEqual([...sent].sort());
    expect(javaGot()).toHaveLength(sent.length / 2);
    program.closeStdin();
    await program.waitForOutput(/^STOPPED$/m, 30_000);
    await first.stop();
    const later = await send(cluster, topic, 'b', 20);
    const second = await new OurPoller(cluster, topic).start();
    await pollUntil('what came later', () => second.got.length >= later.length, { timeoutMs: 60_000 });
    await second.stop();
    expect(second.got.sort()).toEqual([...later].sort());
  });
});
