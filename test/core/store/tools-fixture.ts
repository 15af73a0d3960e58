/**
 * Stores for the tests of the tools that look into a stopped store: one that holds a bit of everything, and its parts as
 * places where a test can plant damage.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeMessage } from '../../../src/core/message/message-codec.ts';
import { StoreDir, type StoreShape } from '../../../src/core/store/tools/store-dir.ts';
import { openStore, put, queuePath, segmentPath } from './store-fixture.ts';

/** As store-fixture.ts opens stores. */
export const SHAPE: Partial<StoreShape> = {
  mappedFileSizeCommitLog: 4096,
  mappedFileSizeConsumeQueue: 1000,
  maxHashSlotNum: 100,
  maxIndexNum: 400,
};

export interface Filled {
  readonly rootDir: string;
  /** In the order of the log. */
  readonly messages: readonly MessageExt[];
}

const TOPICS = ['T', 'U'];

/**
 * 120 messages: queue T/0 with 60 (two files), T/1 and U/0 with 30 each, mixed; two keys, a tag and a property each, a second
 * apart. Several commitlog files. Stopped cleanly, with its configuration files.
 */
export async function filledStore(): Promise<Filled> {
  const { store, rootDir, clock } = await openStore();
  const offsets: number[] = [];
  for (let i = 0; i < 120; i++) {
    clock.time += 1000;
    const sent = {
      topic: i % 4 === 3 ? 'U' : 'T',
      queueId: i % 4 === 1 ? 1 : 0,
      body: `body of message ${i}`,
      properties: { KEYS: `k${i} common`, UNIQ_KEY: `U${i}`, TAGS: i % 2 === 0 ? 'even' : 'odd', colour: 'rot' },
    };
    offsets.push((await put(store, sent)).physicOffset);
  }
  await store.stop();
  const messages = offsets.map((offset) => {
    const file = readFileSync(segmentPath(rootDir, offset - (offset % 4096)));
    return decodeMessage(file, offset % 4096);
  });
  mkdirSync(join(rootDir, 'config'));
  const topicConfigTable = Object.fromEntries(TOPICS.map((topicName) => [topicName, { topicName, perm: 6 }]));
  writeConfig(rootDir, 'topics.json', { dataVersion: { counter: 1, timestamp: 1 }, topicConfigTable });
  writeConfig(rootDir, 'consumerOffset.json', {
    offsetTable: { 'T@g': { 0: 60, 1: 7 }, 'U@g': { 0: 30 }, 'gone@g': { 0: 9 } },
  });
  return { rootDir, messages };
}

export function writeConfig(rootDir: string, name: string, content: object): void {
  writeFileSync(join(rootDir, 'config', name), JSON.stringify(content));
}

export const lookInto = (rootDir: string): StoreDir => new StoreDir({ rootDir, shape: SHAPE });

/** A byte of the log, by the record it is in. */
export function logByte(rootDir: string, message: MessageExt, at: number): { file: string; offset: number } {
  const offset = message.commitLogOffset + at;
  return { file: segmentPath(rootDir, offset - (offset % 4096)), offset: offset % 4096 };
}

export function unitByte(rootDir: string, unit: number, at: number): { file: string; offset: number } {
  return { file: queuePath(rootDir, unit >= 50 ? 1000 : 0), offset: (unit % 50) * 20 + at };
}

/** `number` 0: the header. */
export function indexByte(
  rootDir: string,
  part: 'header' | 'slot' | 'entry',
  number: number,
  at = 0,
): { file: string; offset: number } {
  const [name = ''] = readdirSync(join(rootDir, 'index'));
  const start = part === 'header' ? 0 : part === 'slot' ? 40 + 4 * number : 440 + 20 * number;
  return { file: join(rootDir, 'index', name), offset: start + at };
}

export function bytesAt({ file, offset }: { file: string; offset: number }, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  readSync(fd, bytes, 0, length, offset);
  closeSync(fd);
  return bytes;
}

export function overwrite({ file, offset }: { file: string; offset: number }, bytes: Buffer): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

export function flip(place: { file: string; offset: number }, mask = 0x01): void {
  const [byte = 0] = bytesAt(place, 1);
  overwrite(place, Buffer.from([byte ^ mask]));
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
