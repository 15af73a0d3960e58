/**
 * kill -9 of the built broker, again and again, at random moments under real Java senders and a live consumer, with
 * SYNC_FLUSH. After each restart everything acknowledged since the last is looked for; after the last round everything.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OurCluster } from '../interop/support/our-cluster.ts';
import { ensurePeer, type Peer } from '../interop/support/peers.ts';
import { createTopic } from '../interop/support/wire.ts';
import { LiveConsumer, type QueueContent, Reader, Senders } from './clients.ts';
import { type Random, randomOf } from './power-disk.ts';
import { type Ack, type Found, judge, type Verdict } from './promises.ts';

const TOPIC = 'KillTopic';
const QUEUES = 8;
const SENDERS = 16;
const KEYS_A_ROUND = 10;
const CONSUMER_LIMIT_MS = 60_000;
/** Small files, so that the end of one is often near. */
const BROKER = {
  flushDiskType: 'SYNC_FLUSH',
  mappedFileSizeCommitLog: String(4 * 1024 * 1024),
  mappedFileSizeConsumeQueue: '20000',
  maxHashSlotNum: '2000',
  maxIndexNum: '8000',
};

export interface KillOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Instead of the built broker: what Node is to run. */
  readonly entry?: readonly string[];
  /** Ends with the first round in which something is wrong. */
  readonly untilFault?: boolean;
  /** Called after each round. */
  readonly onRound?: (round: number, acknowledged: number) => void;
}

export interface KillResult extends Verdict {
  readonly rounds: number;
  /** Sends without an answer, which may be there or not. */
  readonly unanswered: number;
  readonly keysAsked: number;
  readonly keysNotFound: number;
  readonly consumer: { readonly missing: number; readonly again: number; readonly wrong: number };
  /** What was acknowledged and what was there at the end. */
  readonly acks: readonly Ack[];
  readonly log: readonly Found[];
}

class KillRun {
  readonly #random: Random;
  readonly #cluster: OurCluster;
  readonly #peer: Peer;
  readonly #verdicts: Verdict[] = [];
  #keysAsked = 0;
  readonly #keysNotFound: string[] = [];

  constructor(cluster: OurCluster, peer: Peer, seed: number) {
    this.#cluster = cluster;
    this.#peer = peer;
    this.#random = randomOf(seed);
  }

  async play({ rounds, untilFault = false, onRound }: KillOptions): Promise<KillResult> {
    const { namesrvAddr, brokerAddr } = this.#cluster;
    await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: QUEUES });
    const options = { topic: TOPIC, senders: SENDERS, queues: QUEUES };
    const reader = await Reader.start(namesrvAddr, this.#peer);
    const consumer = await LiveConsumer.start(namesrvAddr, this.#peer, options);
    const senders = await Senders.start(namesrvAddr, this.#peer, options);
    let checked = 0;
    let round = 0;
    while (round < rounds && !(untilFault && this.#faulty)) {
      round++;
      await senders.more(SENDERS * 4);
      await delay(this.#upTo(1500));
      await this.#killAndStart();
      const acks = senders.acks.slice(checked);
      checked += acks.length;
      this.#verdicts.push(judge(acks, await this.#contentSince(reader, acks)));
      if (!this.#faulty) await this.#askForKeys(reader, acks);
      onRound?.(round, checked);
    }
    await senders.finish();
    const log = (await this.#contents(reader, () => 0)).flatMap(({ found }) => found);
    this.#verdicts.push(judge(senders.acks, log));
    const delivered = await consumer.verdict(log, this.#faulty ? 0 : CONSUMER_LIMIT_MS);
    await Promise.all([reader.finish(), consumer.finish()]);
    return {
      ...this.#sum(),
      ...{ rounds: round, unanswered: senders.unanswered, acks: senders.acks, log, consumer: delivered },
      ...{ keysAsked: this.#keysAsked, keysNotFound: this.#keysNotFound.length },
    };
  }

  get #faulty(): boolean {
    return this.#verdicts.some(({ faults }) => faults.length > 0);
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Sometimes the broker is killed again while it recovers. */
  async #killAndStart(): Promise<void> {
    await this.#cluster.stopBroker('SIGKILL');
    while (this.#random() < 0.25) {
      this.#cluster.spawnBroker();
      await delay(this.#upTo(400));
      await this.#cluster.stopBroker('SIGKILL');
    }
    await this.#cluster.startBroker();
  }

  /** The queues from the first of these acknowledgements on. */
  async #contentSince(reader: Reader, acks: readonly Ack[]): Promise<Found[]> {
    const first = new Map<number, number>();
    for (const { queueId, queueOffset } of acks) {
      first.set(queueId, Math.min(first.get(queueId) ?? queueOffset, queueOffset));
    }
    const contents = await this.#contents(reader, (queueId) => first.get(queueId));
    return contents.flatMap(({ found }) => found);
  }

  async #contents(reader: Reader, from: (queueId: number) => number | undefined): Promise<QueueContent[]> {
    const contents: QueueContent[] = [];
    for (let queueId = 0; queueId < QUEUES; queueId++) {
      const start = from(queueId);
      if (start !== undefined) contents.push(await reader.queue(TOPIC, this.#cluster.brokerName, queueId, start));
    }
    return contents;
  }

  async #askForKeys(reader: Reader, acks: readonly Ack[]): Promise<void> {
    for (let i = 0; i < KEYS_A_ROUND && acks.length > 0; i++) {
      const { sender, number, msgId } = acks[this.#upTo(acks.length)] as Ack;
      const found = await reader.byKey(TOPIC, `${sender}-${number}`);
      this.#keysAsked++;
      if (found.length !== 1 || found[0]?.msgId !== msgId) this.#keysNotFound.push(`${sender}-${number}`);
    }
  }

  /** The last verdict is about everything; what an earlier one has found counts, too. */
  #sum(): Verdict {
    const last = this.#verdicts.at(-1) as Verdict;
    const most = (of: (verdict: Verdict) => number): number => Math.max(...this.#verdicts.map(of));
    const keys = this.#keysNotFound.slice(0, 5).map((key) => `a query for the key ${key} does not find it once`);
    return {
      ...last,
      lost: most(({ lost }) => lost),
      doubled: most(({ doubled }) => doubled),
      altered: most(({ altered }) => altered),
      disordered: most(({ disordered }) => disordered),
      faults: [...new Set([...this.#verdicts.flatMap(({ faults }) => faults), ...keys])],
    };
  }
}

/** Throws one sentence where Java is missing. */
export async function killRounds(options: KillOptions): Promise<KillResult> {
  const peer = await ensurePeer('4.9.7');
  const { entry } = options;
  const cluster = await OurCluster.start({ broker: BROKER, ...(entry === undefined ? {} : { brokerEntry: entry }) });
  try {
    return await new KillRun(cluster, peer, options.seed).play(options);
  } finally {
    await cluster.stop();
  }
}
