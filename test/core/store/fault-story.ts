/**
 * One story of a store whose disk refuses a call: it is opened, written to over the ends of all kinds of files, flushed and
 * stopped, and the k-th call fails, once or from then on until it is healed. After that the power goes, or only the process,
 * and what is left is opened again. What the store owes: every message that it acknowledged, once and in order, and a store
 * that goes on; and none acknowledged that a failed call had to do with.
 */
import { PocketError } from '../../../src/core/common/errors.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import type { Disk } from '../../../src/core/store/disk.ts';
import { MessageStore } from '../../../src/core/store/message-store.ts';
import { PowerDisk, randomOf } from '../../chaos/power-disk.ts';
import { draftOf, drain, errno, HeldClock, STORE_HOST, settle } from './store-fixture.ts';

export interface FaultOptions {
  /** The call that fails, from 1 on; 0: none. */
  call: number;
  errno: 'EIO' | 'ENOSPC';
  /** All further calls fail, too, until the disk is healed. */
  lasting: boolean;
  flushDiskType: 'SYNC_FLUSH' | 'ASYNC_FLUSH';
  /** How it ends: the power goes, or the process is killed. */
  end: 'power' | 'kill';
  /** A planted bug: an fsync that failed is taken for one that did not. */
  plant?: 'ignored fsync';
}

export interface FaultResult {
  /** Calls there were. */
  calls: number;
  /** The call that failed: its name. */
  failed: string | undefined;
  acknowledged: number;
  /** What is wrong; empty when nothing is. */
  faults: string[];
}

const ROOT = '/store';
const QUEUES = [0, 1];
/** These take space. */
const SPACE = new Set(['open', 'write', 'truncate', 'createSparse', 'makeDirectory', 'rename', 'link']);
const SYNCS = new Set(['sync', 'dataSync', 'createSparse', 'syncDirectory', 'syncDirectoryLater']);
const OTHERS = new Set(['read', 'readLater', 'list', 'readText', 'unlink', 'unlinkLater']);

class Story {
  readonly #options: FaultOptions;
  readonly #clock = new HeldClock();
  readonly #power: PowerDisk;
  readonly #disk: Disk;
  readonly #acknowledged: string[][] = QUEUES.map(() => []);
  readonly #faults: string[] = [];
  #calls = 0;
  #healed = false;
  #failed: string | undefined;
  #next = 0;

  constructor(options: FaultOptions) {
    this.#options = options;
    this.#power = new PowerDisk({ random: randomOf(options.call), now: () => this.#clock.now() });
    this.#disk = this.#failing();
  }

  async tell(): Promise<FaultResult> {
    await this.#live();
    const disk = this.#options.end === 'power' ? this.#power.crashImage() : this.#power;
    this.#forgetOwner(disk);
    try {
      await this.#judge(disk);
    } catch (error) {
      this.#faults.push(`the store does not open any more: ${String(error)}`);
    }
    const acknowledged = this.#acknowledged.flat().length;
    return { calls: this.#calls, failed: this.#failed, acknowledged, faults: this.#faults };
  }

  /** The process that had the store is gone. */
  #forgetOwner(disk: PowerDisk): void {
    if (disk.info(`${ROOT}/pocketmq.pid`) !== undefined) disk.unlink(`${ROOT}/pocketmq.pid`);
  }

  /** The disk of the story: PowerDisk, with the call that fails. */
  #failing(): Disk {
    const power = this.#power;
    const disk: Record<string, unknown> = {};
    for (const name of [...SPACE, ...SYNCS, ...OTHERS, 'close', 'info', 'inode', 'removeDirectory', 'usage']) {
      const method = (power as unknown as Record<string, (...args: unknown[]) => unknown>)[name]?.bind(power);
      disk[name] = (...args: unknown[]): unknown => {
        if (!this.#mustFail(name, args)) return method?.(...args);
        if (name === 'sync' || name === 'dataSync') power.loseUnsynced(args[0] as number);
        const error = errno(this.#options.errno);
        const isIgnored = this.#options.plant === 'ignored fsync' && SYNCS.has(name);
        if (name.endsWith('Later') || name === 'dataSync' || name === 'createSparse') {
          return isIgnored ? Promise.resolve() : Promise.reject(error);
        }
        if (isIgnored) return undefined;
        throw error;
      };
    }
    return disk as unknown as Disk;
  }

  #mustFail(name: string, args: unknown[]): boolean {
    const { call, lasting, errno: code } = this.#options;
    const isReading = name === 'open' && args[1] !== 'w' && args[1] !== 'wx';
    const isOwn = typeof args[0] === 'string' && args[0].startsWith('/proc/');
    const mayFail =
      code === 'ENOSPC' ? SPACE.has(name) && !isReading : SPACE.has(name) || SYNCS.has(name) || OTHERS.has(name);
    if (!mayFail || this.#healed || isOwn) return false;
    this.#calls++;
    if (call === 0 || this.#calls < call || (this.#calls > call && !lasting)) return false;
    this.#failed ??= `${name} ${typeof args[0] === 'string' ? args[0] : ''}`;
    return true;
  }

  #createStore(disk: Disk): MessageStore {
    return new MessageStore({
      rootDir: ROOT,
      storeHost: STORE_HOST,
      clock: this.#clock,
      logger: silentLogger,
      disk,
      flushDiskType: this.#options.flushDiskType,
      mappedFileSizeCommitLog: 1024,
      mappedFileSizeConsumeQueue: 100,
      maxHashSlotNum: 10,
      maxIndexNum: 12,
      flushConsumeQueueThoroughInterval: 2000,
    });
  }

  /** Opened, written to, stopped, opened again and written to; in the middle of it the call fails. */
  async #live(): Promise<void> {
    for (const round of [1, 2]) {
      let store = this.#createStore(this.#disk);
      try {
        await store.start();
      } catch (error) {
        this.#expectSentence(error);
        this.#healed = true;
        this.#forgetOwner(this.#power);
        store = this.#createStore(this.#disk);
        await store.start();
      }
      await this.#puts(store, 14);
      if (this.#options.lasting && this.#failed !== undefined) await this.#heal(store);
      await this.#puts(store, 4);
      if (round === 2) return;
      await store.stop();
      // Nobody goes on with a disk that refuses everything: it ends here.
      if (this.#options.lasting && this.#failed !== undefined && !this.#healed) return;
    }
  }

  #expectSentence(error: unknown): void {
    if (error instanceof PocketError && error.message.includes(ROOT)) return;
    this.#faults.push(`the start fails without a sentence: ${String(error)}`);
  }

  async #puts(store: MessageStore, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#put(store);
      if (i % 3 === 2) await settle();
      if (i % 4 === 3) this.#clock.advance(700);
    }
    this.#clock.advance(2500);
    await settle();
    await settle();
  }

  #put(store: MessageStore): void {
    const queueId = this.#next % QUEUES.length;
    const body = `m${this.#next++}`;
    const closed = store.notWriteableBecause;
    const draft = draftOf({ queueId, body, properties: { KEYS: `k${body}` } });
    store.putMessage(draft, {
      onPut: (status) => {
        if (status !== 'PUT_OK') return;
        (this.#acknowledged[queueId] as string[]).push(body);
        if (closed !== undefined) this.#faults.push(`${body} is acknowledged although the store said: ${closed}`);
      },
    });
  }

  /** The disk works again, or has space: so does the store, unless an fsync failed, after which only a restart helps. */
  async #heal(store: MessageStore): Promise<void> {
    this.#healed = true;
    for (let i = 0; i < 4; i++) {
      this.#clock.advance(10_000);
      await settle();
    }
    const reason = store.notWriteableBecause;
    if (reason !== undefined && !reason.includes('flushed to the disk')) {
      this.#faults.push(`the disk is well again, but: ${reason}`);
    }
  }

  async #judge(disk: PowerDisk): Promise<void> {
    const store = this.#createStore(disk);
    await store.start();
    for (const queueId of QUEUES) {
      const messages = drain(store, 'T', queueId);
      const bodies = messages.map(({ body }) => body.toString());
      const promised = this.#acknowledged[queueId] as string[];
      const lost = promised.filter((body) => !bodies.includes(body));
      const mayLose = this.#options.flushDiskType === 'ASYNC_FLUSH' && this.#options.end === 'power';
      if (lost.length > 0 && !mayLose) this.#faults.push(`acknowledged and lost: ${lost.join(' ')}`);
      if (new Set(bodies).size < bodies.length) this.#faults.push(`there twice: ${bodies.join(' ')}`);
      const order = bodies.map((body) => Number(body.slice(1)));
      if (order.some((number, i) => i > 0 && number < (order[i - 1] as number))) this.#faults.push('out of order');
      if (messages.some(({ queueOffset }, i) => queueOffset !== i)) {
        this.#faults.push(`not numbered from 0 on: ${messages.map((m) => `${m.queueOffset}=${m.body}`).join(' ')}`);
      }
      for (const body of bodies) await this.#findByKey(store, body);
    }
    let answer = 'none';
    store.putMessage(draftOf({ body: 'last' }), {
      onPut: (status) => {
        answer = status;
      },
    });
    for (let i = 0; i < 50 && answer === 'none'; i++) await settle();
    if (answer !== 'PUT_OK') this.#faults.push(`the store takes no more messages: ${answer}`);
    await store.stop();
  }

  async #findByKey(store: MessageStore, body: string): Promise<void> {
    const query = { topic: 'T', key: `k${body}`, maxNum: 64, begin: 0, end: Number.MAX_SAFE_INTEGER };
    const { records } = await store.queryMessage(query);
    if (!records.some((record) => record.includes(`k${body}\u0002`) || record.includes(`k${body}`))) {
      this.#faults.push(`${body} is not in the index`);
    }
  }
}

export function faultStory(options: FaultOptions): Promise<FaultResult> {
  return new Story(options).tell();
}
