/**
 * What the store's tests share: a store in a directory of its own, puts as promises, a clock that a test holds, and a disk
 * that fails on demand. Nothing here is shared between two tests.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock, Timer } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeMessages } from '../../../src/core/message/message-codec.ts';
import type { MessageDraft } from '../../../src/core/message/message-draft.ts';
import { encodeProperties } from '../../../src/core/message/properties.ts';
import { tagsCode } from '../../../src/core/message/tags.ts';
import { type Disk, nodeDisk } from '../../../src/core/store/disk.ts';
import {
  type GetMessageResult,
  MessageStore,
  type MessageStoreOptions,
  type PutMessageStatus,
} from '../../../src/core/store/message-store.ts';

/** 127.0.0.1:10911 */
export const STORE_HOST = Buffer.from('7f00000100002a9f', 'hex');
/** 127.0.0.1:50000 */
export const BORN_HOST = Buffer.from('7f0000010000c350', 'hex');

/** A clock that stands still until a test moves it. */
export class HeldClock implements Clock {
  time = 1_700_000_000_000;
  #timers: { at: number; every: number; task: () => void; live: boolean }[] = [];

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, task: () => void): Timer {
    return this.#add(ms, 0, task);
  }

  every(ms: number, task: () => void): Timer {
    return this.#add(ms, ms, task);
  }

  get timers(): number {
    return this.#timers.filter((timer) => timer.live).length;
  }

  /** Moves on and runs what became due, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.live && timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.time = due.at;
      if (due.every > 0) due.at += due.every;
      else due.live = false;
      due.task();
    }
    this.time = end;
  }

  #add(ms: number, every: number, task: () => void): Timer {
    const timer = { at: this.time + ms, every, task, live: true };
    this.#timers.push(timer);
    return {
      cancel: () => {
        timer.live = false;
      },
    };
  }
}

/** nodeDisk, of which single calls can be replaced. */
export function testDisk(): Disk {
  return { ...nodeDisk };
}

export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pocketmq store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A copy of a store as a crash at this moment would leave it, without the mark of the process that has it. */
export function crashCopy(rootDir: string): string {
  const dir = join(tempDir(), 'store');
  cpSync(rootDir, dir, { recursive: true, preserveTimestamps: true });
  rmSync(join(dir, 'pocketmq.pid'), { force: true });
  return dir;
}

export interface Opened {
  store: MessageStore;
  clock: HeldClock;
  rootDir: string;
  disk: Disk;
}

/** Small files, so that a few messages cross them: 4 KiB segments, queues of 50 units and index files of 400 entries. */
export async function openStore(options: Partial<MessageStoreOptions> = {}): Promise<Opened> {
  const opened = makeStore(options);
  await opened.store.start();
  return opened;
}

export function makeStore(options: Partial<MessageStoreOptions> = {}): Opened {
  const clock = new HeldClock();
  const disk = options.disk ?? testDisk();
  const rootDir = options.rootDir ?? tempDir();
  const store = new MessageStore({
    rootDir,
    storeHost: STORE_HOST,
    clock,
    logger: silentLogger,
    mappedFileSizeCommitLog: 4096,
    mappedFileSizeConsumeQueue: 1000,
    maxHashSlotNum: 100,
    maxIndexNum: 400,
    ...options,
    disk,
  });
  onTestFinished(() => store.stop());
  return { store, clock, rootDir, disk };
}

export interface Sent {
  topic?: string;
  queueId?: number;
  body?: string | Buffer;
  properties?: Record<string, string>;
  sysFlag?: number;
  waitStoreMsgOK?: boolean;
}

export function draftOf(sent: Sent = {}): MessageDraft {
  const body = Buffer.from(sent.body ?? 'hello');
  const properties = Buffer.from(encodeProperties(sent.properties ?? {}));
  return {
    topic: sent.topic ?? 'T',
    queueId: sent.queueId ?? 0,
    flag: 0,
    sysFlag: sent.sysFlag ?? 0,
    bornTimestamp: 1_700_000_000_000,
    bornHost: BORN_HOST,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body,
    bodyStart: 0,
    bodyEnd: body.length,
    properties,
    propertiesStart: 0,
    propertiesEnd: properties.length,
    tagsCode: tagsCode(sent.properties?.TAGS),
    waitStoreMsgOK: sent.waitStoreMsgOK ?? true,
  };
}

export interface Put {
  status: PutMessageStatus;
  physicOffset: number;
  queueOffset: number;
  storeTimestamp: number;
  count: number;
  physicOffsets: readonly number[] | undefined;
}

export function put(store: MessageStore, sent: Sent = {}): Promise<Put> {
  return new Promise((resolve) => {
    store.putMessage(draftOf(sent), {
      onPut: (status, physicOffset, queueOffset, storeTimestamp, count, physicOffsets) =>
        resolve({ status, physicOffset, queueOffset, storeTimestamp, count, physicOffsets }),
    });
  });
}

/** `count` messages with bodies `m0`, `m1`, ... in one tick. */
export function putMany(store: MessageStore, count: number, sent: Sent = {}, from = 0): Promise<Put[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => put(store, { ...sent, body: `m${from + i}` })));
}

/** A getMessage() whose cold records are read at once, one by one. */
export function getNow(
  store: MessageStore,
  ...[topic, queueId, offset, maxMsgNums, filter]: Parameters<MessageStore['getMessage']>
): GetMessageResult {
  const result = store.getMessage(topic, queueId, offset, maxMsgNums, filter);
  for (const cold of result.cold) {
    cold.found({ buffer: store.lookMessageByOffset(cold.offset) ?? Buffer.alloc(0), start: cold.offset });
  }
  result.cold = [];
  return result;
}

export function messagesOf(result: GetMessageResult): MessageExt[] {
  return result.segments.flatMap(({ buffer, start, end }) =>
    decodeMessages(buffer.subarray(start, end), { decompress: false }),
  );
}

/** All messages of a queue, pulled as a consumer would. */
export function drain(store: MessageStore, topic = 'T', queueId = 0): MessageExt[] {
  const messages: MessageExt[] = [];
  let offset = store.minOffsetInQueue(topic, queueId);
  for (;;) {
    const result = getNow(store, topic, queueId, offset, 32);
    if (result.status !== 'FOUND' && result.status !== 'NO_MATCHED_MESSAGE') return messages;
    messages.push(...messagesOf(result));
    offset = result.nextBeginOffset;
  }
}

export function bodies(store: MessageStore, topic = 'T', queueId = 0): string[] {
  return drain(store, topic, queueId).map((message) => message.body.toString());
}

export function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `m${from + i}`);
}

export function names(dir: string): string[] {
  return readdirSync(dir).sort();
}

export function hexOf(path: string, start: number, end: number): string {
  return readFileSync(path).toString('hex', start, end);
}

export function segmentPath(rootDir: string, start: number): string {
  return join(rootDir, 'commitlog', String(start).padStart(20, '0'));
}

export function queuePath(rootDir: string, start: number, topic = 'T', queueId = 0): string {
  return join(rootDir, 'consumequeue', topic, String(queueId), String(start).padStart(20, '0'));
}

/** Lets immediates, and what their promises lead to, run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}
