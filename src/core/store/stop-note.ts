/**
 * The file pocketmq.stopped: how the last orderly stop left the log and every queue. It goes with its reading, so that a
 * crash leaves none. A start that finds all as noted has nothing to check; a queue that is shorter, or gone, is built again
 * from the log, and its numbers go on where they were. Java has nothing like it: it does not notice. Text lines:
 *
 *   <commitlog end> <CRC-32 of the lines that follow, hexadecimal>
 *   <topic> <queueId> <start of the first file> <maxOffset> <maxPhysicOffset>       one for each queue that has files
 */
import { crc32InScript } from '../message/body-crc.ts';
import type { ConsumeQueue } from './consumequeue/consume-queue.ts';
import { type Disk, writeFully } from './disk.ts';

export interface NotedQueue {
  topic: string;
  queueId: number;
  /** Byte offset of the queue's first file. */
  firstStart: number;
  maxOffset: number;
  maxPhysicOffset: number;
}

export interface StopNote {
  commitLogEnd: number;
  /** By `queueKey`. */
  queues: ReadonlyMap<string, NotedQueue>;
}

export function queueKey({ topic, queueId }: Pick<NotedQueue, 'topic' | 'queueId'>): string {
  return `${topic} ${queueId}`;
}

/** Writes the note; durable when this returns, but for its name. Throws the disk's error. */
export function writeStopNote(disk: Disk, path: string, commitLogEnd: number, queues: Iterable<ConsumeQueue>): void {
  const lines: string[] = [];
  for (const queue of queues) {
    if (queue.files.count === 0) continue;
    lines.push(`${queueKey(queue)} ${queue.files.firstStart} ${queue.maxOffset} ${queue.maxPhysicOffset}\n`);
  }
  const body = Buffer.from(lines.join(''));
  const text = Buffer.concat([Buffer.from(`${commitLogEnd} ${crcOf(body)}\n`), body]);
  const fd = disk.open(path, 'w');
  try {
    writeFully(disk, fd, { buffer: text, start: 0, end: text.length }, 0);
    disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}

/** Reads the note and deletes it; undefined when there is none, or it is damaged. Throws the disk's error. */
export function takeStopNote(disk: Disk, path: string): StopNote | undefined {
  const text = disk.readText(path);
  if (text === undefined) return undefined;
  disk.unlink(path);
  return parse(text);
}

function parse(text: string): StopNote | undefined {
  const [, end, crc] = /^(\d{1,15}) ([0-9a-f]{8})\n/.exec(text) ?? [];
  const body = text.slice(text.indexOf('\n') + 1);
  if (end === undefined || crcOf(Buffer.from(body)) !== crc) return undefined;
  const queues = new Map<string, NotedQueue>();
  for (const line of body.split('\n')) {
    const [topic, queueId, firstStart, maxOffset, maxPhysicOffset] = line.split(' ');
    if (topic === undefined || maxPhysicOffset === undefined) continue;
    const noted = {
      topic,
      queueId: Number(queueId),
      firstStart: Number(firstStart),
      maxOffset: Number(maxOffset),
      maxPhysicOffset: Number(maxPhysicOffset),
    };
    queues.set(queueKey(noted), noted);
  }
  return { commitLogEnd: Number(end), queues };
}

function crcOf(bytes: Buffer): string {
  return crc32InScript(bytes, 0, bytes.length).toString(16).padStart(8, '0');
}
