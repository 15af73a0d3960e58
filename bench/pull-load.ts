/**
 * PULL_MESSAGE, 32 messages at a time, over all queues of a topic in turn and from the start again at their ends.
 *
 * Every record of an answer is walked: its queue offset must be the one asked for and its successors, so that a
 * server cannot look fast by answering wrongly.
 */
import { encodeFrame } from '../test/interop/support/wire.ts';
import { type Load, refuse } from './load.ts';

export interface QueueRange {
  readonly queueId: number;
  readonly min: number;
  readonly max: number;
}

const PULL_MESSAGE = 11;
const BATCH = 32;
/** Record: int32 total size, magic, CRC, queue id, flag, then int64 queue offset. */
const QUEUE_OFFSET_AT = 20;

interface Cursor extends QueueRange {
  offset: number;
}

export class PullLoad implements Load {
  readonly mode = 'pull';
  private readonly topic: string;
  private readonly cursors: Cursor[];
  private readonly asked = new Map<number, number>();
  private turn = 0;
  private opaque = 0;

  constructor(topic: string, ranges: readonly QueueRange[]) {
    this.topic = topic;
    this.cursors = ranges.map((range) => ({ ...range, offset: range.min }));
  }

  next(count: number): Buffer {
    const frames: Buffer[] = [];
    for (let i = 0; i < count; i += 1) frames.push(this.pull());
    return frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames);
  }

  private pull(): Buffer {
    const cursor = this.cursors[this.turn % this.cursors.length];
    if (cursor === undefined) throw new Error('no queue to pull from');
    this.turn += 1;
    this.opaque += 1;
    const { offset } = cursor;
    // The next request of this queue goes out before this one is answered, so its offset is foreseen.
    cursor.offset = offset + 2 * BATCH > cursor.max ? cursor.min : offset + BATCH;
    this.asked.set(this.opaque, offset);
    const extFields = {
      bname: 'broker-a',
      commitOffset: '0',
      consumerGroup: 'bench_generator_pull',
      expressionType: 'TAG',
      maxMsgNums: String(BATCH),
      queueId: String(cursor.queueId),
      queueOffset: String(offset),
      subVersion: '0',
      subscription: '*',
      suspendTimeoutMillis: '20000',
      sysFlag: '4',
      topic: this.topic,
    };
    return encodeFrame({ code: PULL_MESSAGE, extFields }, this.opaque);
  }

  answered(frame: Buffer): number {
    const headerLength = frame.readUIntBE(5, 3);
    const header = JSON.parse(frame.toString('utf8', 8, 8 + headerLength)) as { code: number; opaque: number };
    if (header.code !== 0) refuse(frame);
    let expected = this.asked.get(header.opaque);
    this.asked.delete(header.opaque);
    if (expected === undefined) throw new Error(`an answer to no request, opaque ${header.opaque}`);
    let messages = 0;
    let at = 8 + headerLength;
    for (; at + QUEUE_OFFSET_AT + 8 <= frame.length; at += frame.readInt32BE(at)) {
      const queueOffset = frame.readUInt32BE(at + QUEUE_OFFSET_AT) * 0x1_0000_0000 + frame.readUInt32BE(at + 24);
      if (queueOffset !== expected) throw new Error(`queue offset ${queueOffset} where ${expected} was due`);
      expected += 1;
      messages += 1;
    }
    if (at !== frame.length) throw new Error('an answer that ends inside a record');
    return messages;
  }
}
