/**
 * One story of power cuts, made from a seed: a store with SYNC_FLUSH on a PowerDisk is written to, loses its power at any
 * operation, is opened again on what is left, and so on. What it owes at the end: every message it acknowledged, once, in
 * its queue's order, found by its key, and a store that goes on.
 */
import { silentLogger } from '../../src/core/common/logger.ts';
import { encodeInnerMessages } from '../../src/core/message/batch-codec.ts';
import { decodeMessage } from '../../src/core/message/message-codec.ts';
import { encodeProperties } from '../../src/core/message/properties.ts';
import type { Disk } from '../../src/core/store/disk.ts';
import { MessageStore } from '../../src/core/store/message-store.ts';
import { draftOf, drain, HeldClock, STORE_HOST, settle } from '../core/store/store-fixture.ts';
import { PowerDisk, type Random, randomOf } from './power-disk.ts';

export interface PowerLossOptions {
  /** A planted bug: acknowledge before the fsync, or forget to sync directories. */
  plant?: 'early' | 'directories';
  /** Looks at what a power cut left, and at the store after its last, orderly stop. */
  look?: (disk: Disk, rootDir: string) => void;
}

export interface PowerLossResult {
  seed: number;
  /** Messages whose sender was told PUT_OK before a power cut. */
  acknowledged: number;
  /** Of these, there at the end. */
  found: number;
  lost: number;
  /** Messages, acknowledged or not, that are there more than once. */
  doubled: number;
  /** What is wrong; empty when nothing is. */
  faults: string[];
}

type Verdict = Pick<PowerLossResult, 'found' | 'lost' | 'doubled' | 'faults'>;

interface Acknowledged {
  body: string;
  queue: string;
}

const TOPICS = ['T', 'U'];
const QUEUES = [0, 1, 2];
const ROOT = '/store';

class Story {
  readonly #seed: number;
  readonly #random: Random;
  readonly #plant: PowerLossOptions['plant'];
  readonly #look: NonNullable<PowerLossOptions['look']>;
  readonly #clock = new HeldClock();
  readonly #acknowledged: Acknowledged[] = [];
  #disk: PowerDisk;
  #next = 0;

  constructor(seed: number, { plant, look = () => {} }: PowerLossOptions) {
    this.#seed = seed;
    this.#look = look;
    this.#random = randomOf(seed);
    this.#plant = plant;
    const now = (): number => this.#clock.now();
    this.#disk = new PowerDisk({ random: this.#random, now, forgetDirectories: plant === 'directories' });
  }

  async tell(): Promise<PowerLossResult> {
    const cuts = 1 + this.#upTo(3);
    try {
      for (let i = 0; i < cuts; i++) await this.#untilPowerCut();
      return this.#result(await this.#judge());
    } catch (error) {
      const faults = [`the store does not open: ${String(error)}`];
      return this.#result({ found: 0, lost: this.#acknowledged.length, doubled: 0, faults });
    }
  }

  #result(verdict: Verdict): PowerLossResult {
    return { seed: this.#seed, acknowledged: this.#acknowledged.length, ...verdict };
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #createStore(): MessageStore {
    return new MessageStore({
      rootDir: ROOT,
      storeHost: STORE_HOST,
      clock: this.#clock,
      logger: silentLogger,
      disk: this.#disk,
      flushDiskType: this.#plant === 'early' ? 'ASYNC_FLUSH' : 'SYNC_FLUSH',
      mappedFileSizeCommitLog: 4096,
      mappedFileSizeConsumeQueue: 400,
      maxHashSlotNum: 50,
      maxIndexNum: 100,
      flushConsumeQueueThoroughInterval: 5000,
    });
  }

  /** Writes until the power goes, and turns to what is left on the disk. */
  async #untilPowerCut(): Promise<void> {
    const disk = this.#disk;
    disk.freezeAfter = 5 + this.#upTo(900);
    while (!disk.frozen) {
      const store = this.#createStore();
      await store.start();
      const steps = this.#upTo(120);
      for (let i = 0; i < steps && !disk.frozen; i++) await this.#step(store);
      // An orderly stop in between, in which the power may go, too.
      await store.stop();
    }
    this.#disk = disk.crashImage();
    this.#forgetOwner();
    this.#look(this.#disk, ROOT);
  }

  /** The power cut ended the process that had the store: this one. */
  #forgetOwner(): void {
    if (this.#disk.info(`${ROOT}/pocketmq.pid`) !== undefined) this.#disk.unlink(`${ROOT}/pocketmq.pid`);
  }

  async #step(store: MessageStore): Promise<void> {
    const puts = this.#upTo(6);
    for (let i = 0; i < puts; i++) this.#put(store);
    if (this.#random() < 0.3) this.#clock.advance(this.#upTo(1500));
    if (this.#random() < 0.8) await settle();
    else await new Promise((resolve) => setImmediate(resolve));
  }

  /** One message, or now and then a batch. */
  #put(store: MessageStore): void {
    const topic = TOPICS[this.#upTo(TOPICS.length)] as string;
    const queueId = QUEUES[this.#upTo(QUEUES.length)] as number;
    const messages = Array.from({ length: this.#random() < 0.15 ? 1 + this.#upTo(4) : 1 }, () => this.#message());
    const disk = this.#disk;
    const onPut = (status: string): void => {
      if (status !== 'PUT_OK' || disk.frozen) return;
      for (const { body } of messages) this.#acknowledged.push({ body, queue: `${topic}/${queueId}` });
    };
    const [single] = messages;
    if (messages.length === 1 && single !== undefined) {
      store.putMessage(draftOf({ topic, queueId, ...single }), { onPut });
      return;
    }
    const inner = messages.map(({ body, properties }) => ({
      ...{ flag: 0, body: Buffer.from(body), properties: Buffer.from(encodeProperties(properties)) },
    }));
    store.putMessageBatch(draftOf({ topic, queueId, body: encodeInnerMessages(inner) }), { onPut });
  }

  #message(): { body: string; properties: Record<string, string> } {
    const number = this.#next++;
    const body = `${number}:${'x'.repeat(this.#upTo(10) === 0 ? 900 : this.#upTo(120))}`;
    return { body, properties: { KEYS: `k${number}`, UNIQ_KEY: `U${number}` } };
  }

  /** Opens what is left and compares it with what was promised. */
  async #judge(): Promise<Verdict> {
    const verdict: Verdict = { found: 0, lost: 0, doubled: 0, faults: [] };
    const { faults } = verdict;
    const store = this.#createStore();
    await store.start();
    for (const topic of TOPICS) {
      for (const queueId of QUEUES) {
        const messages = drain(store, topic, queueId);
        const bodies = messages.map((message) => message.body.toString());
        const promised = this.#acknowledged
          .filter(({ queue }) => queue === `${topic}/${queueId}`)
          .map(({ body }) => body);
        compare(verdict, `${topic}/${queueId}`, bodies, promised);
        if (messages.some(({ queueOffset }, i) => queueOffset !== i))
          faults.push(`${topic}/${queueId} is not numbered from 0 on`);
      }
    }
    for (const { body, queue } of this.#acknowledged) await this.#findByKey(store, body, queue, faults);
    if ((await this.#lastPut(store)) !== 'PUT_OK') faults.push('the store takes no more messages');
    await store.stop();
    this.#look(this.#disk, ROOT);
    return verdict;
  }

  async #findByKey(store: MessageStore, body: string, queue: string, faults: string[]): Promise<void> {
    const key = `k${body.slice(0, body.indexOf(':'))}`;
    const topic = queue.slice(0, queue.indexOf('/'));
    const { records } = await store.queryMessage({ topic, key, maxNum: 64, begin: 0, end: Number.MAX_SAFE_INTEGER });
    if (!records.some((record) => decodeMessage(record).body.toString() === body))
      faults.push(`${key} is not in the index`);
  }

  async #lastPut(store: MessageStore): Promise<string> {
    let answer = 'none';
    store.putMessage(draftOf({ topic: 'T', body: 'last' }), {
      onPut: (status) => {
        answer = status;
      },
    });
    for (let i = 0; i < 200 && answer === 'none'; i++) await settle();
    return answer;
  }
}

/** Every promised body is there, once, in the order of the promises. */
function compare(verdict: Verdict, queue: string, bodies: readonly string[], promised: readonly string[]): void {
  const { faults } = verdict;
  for (const [i, body] of bodies.entries()) {
    if (bodies.indexOf(body) === i) continue;
    verdict.doubled++;
    faults.push(`${queue}: ${body.slice(0, 20)} is there twice`);
  }
  let at = -1;
  for (const body of promised) {
    const index = bodies.indexOf(body);
    if (index < 0) {
      verdict.lost++;
      faults.push(`${queue}: ${body.slice(0, 20)} was acknowledged and is lost`);
      continue;
    }
    verdict.found++;
    if (index < at) faults.push(`${queue}: ${body.slice(0, 20)} is out of order`);
    at = Math.max(at, index);
  }
}

/** Plays the story of a seed. The same seed plays the same story. */
export function powerLoss(seed: number, options: PowerLossOptions = {}): Promise<PowerLossResult> {
  return new Story(seed, options).tell();
}
