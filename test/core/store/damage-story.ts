/**
 * A store with messages in several queues and many small files, to be damaged: what was stored, where it lies, and how a
 * consumer gets it back.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../src/core/common/logger.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import type { MessageStore, MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import type { Random } from '../../chaos/power-disk.ts';
import { crashCopy, messagesOf, openStore, put, queuePath, settle } from './store-fixture.ts';

export const SMALL: Partial<MessageStoreOptions> = {
  mappedFileSizeCommitLog: 4096,
  mappedFileSizeConsumeQueue: 400,
  maxHashSlotNum: 40,
  maxIndexNum: 100,
};
export const QUEUES = [
  ['T', 0],
  ['T', 1],
  ['U', 0],
] as const;
/** More answers than this for one queue are a loop. */
const MAX_PULLS = 500;

export interface Stored {
  topic: string;
  queueId: number;
  queueOffset: number;
  physicOffset: number;
  size: number;
  body: string;
  key: string;
}

export interface DamagedStore {
  rootDir: string;
  messages: Stored[];
  logEnd: number;
}

/** A store of `count` messages, stopped in order, or left as a crash would leave it. */
export async function storyOf(random: Random, options: { crashed: boolean; count: number }): Promise<DamagedStore> {
  const { store, rootDir, clock } = await openStore(SMALL);
  const messages: Stored[] = [];
  for (let i = 0; i < options.count; i++) {
    const [topic, queueId] = QUEUES[Math.floor(random() * QUEUES.length)] as (typeof QUEUES)[number];
    const key = `k${i}`;
    const body = `m${i} ${'x'.repeat(Math.floor(random() * (random() < 0.1 ? 900 : 60)))}`;
    const { queueOffset, physicOffset } = await put(store, { topic, queueId, body, properties: { KEYS: key } });
    const size = store.commitLogMaxOffset - physicOffset;
    messages.push({ topic, queueId, queueOffset, physicOffset, size, body, key });
    if (i % 10 === 9) clock.advance(300);
  }
  const logEnd = store.commitLogMaxOffset;
  if (!options.crashed) {
    await store.stop();
    return { rootDir, messages, logEnd };
  }
  await allQueuesOnDisk(rootDir, () => clock.advance(1000));
  return { rootDir: crashCopy(rootDir), messages, logEnd };
}

/** New files are moved into place when they were synced, off the loop. */
async function allQueuesOnDisk(rootDir: string, advance: () => void): Promise<void> {
  const isThere = ([topic, queueId]: (typeof QUEUES)[number]): boolean =>
    existsSync(queuePath(rootDir, 0, topic, queueId));
  while (!QUEUES.every(isThere)) {
    advance();
    await settle();
  }
}

/** What a consumer of the queue gets, from the first offset to the last. */
export async function consume(store: MessageStore, topic: string, queueId: number): Promise<Map<number, string>> {
  const got = new Map<number, string>();
  let offset = store.minOffsetInQueue(topic, queueId);
  for (let pulls = 0; offset < store.maxOffsetInQueue(topic, queueId); pulls++) {
    if (pulls > MAX_PULLS) throw new Error(`no end of ${topic}/${queueId}: still at ${offset}`);
    const result = store.getMessage(topic, queueId, offset, 32);
    await store.readCold(result);
    for (const message of messagesOf(result)) {
      if (message.queueOffset < offset) throw new Error(`${message.queueOffset} came again`);
      got.set(message.queueOffset, message.body.toString());
    }
    if (result.nextBeginOffset <= offset)
      throw new Error(`stuck at ${offset} of ${topic}/${queueId}: ${result.status}`);
    offset = result.nextBeginOffset;
  }
  return got;
}

/** Everything, by `topic/queueId/offset`. */
export async function consumeAll(store: MessageStore): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const [topic, queueId] of QUEUES) {
    for (const [offset, body] of await consume(store, topic, queueId)) all.set(`${topic}/${queueId}/${offset}`, body);
  }
  return all;
}

export function nameOf({ topic, queueId, queueOffset }: Stored): string {
  return `${topic}/${queueId}/${queueOffset}`;
}

export function asMap(messages: readonly Stored[]): Map<string, string> {
  return new Map(messages.map((message) => [nameOf(message), message.body]));
}

/** Replaces bytes by others. */
export function flip(path: string, at: number, length: number, random: Random): void {
  const bytes = readFileSync(path).subarray(at, at + length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (1 + Math.floor(random() * 255));
  overwrite(path, at, bytes);
}

export function overwrite(path: string, at: number, bytes: Buffer): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

export function cut(path: string, random: Random): void {
  truncateSync(path, Math.floor(random() * statSync(path).size));
}

/** One of the files below `dir`. */
export function anyFile(dir: string, random: Random): string {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return paths[Math.floor(random() * paths.length)] as string;
}

/** A logger that keeps its lines. */
export function listeningLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  return { logger: { ...silentLogger, info: keep, warn: keep, error: keep }, lines };
}
