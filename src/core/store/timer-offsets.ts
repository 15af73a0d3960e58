/**
 * timerOffset.json: which messages of the timer queue (rmq_sys_wheel_timer) are delivered. Ours; what a 5.x broker has in
 * timerwheel and timerlog, here the log and the consumequeue say.
 *
 *   {"offset":1200,"delivered":"<base64 of raw deflate: a bit a message, from the multiple of 32768 below offset on>",
 *    "commitLogOffset":1048576}
 */
import { inflateRawSync } from 'node:zlib';
import { parseFastJson } from '../common/fastjson.ts';

/** Offsets whose bits are kept together. */
export const CHUNK_OFFSETS = 32_768;
const MAX_BITS_BYTES = 64 * 1024 * 1024;

export interface TimerTable {
  /** All before are delivered. */
  readonly offset: number;
  readonly bits: Buffer;
  /** The table counts no delivery that lies behind. */
  readonly commitLogOffset: number;
}

/** Throws for a text that is none. */
export function decodeTimerTable(text: string): TimerTable {
  const { offset, delivered, commitLogOffset } = Object(parseFastJson(text));
  const isTable =
    Number.isSafeInteger(offset) && Number.isSafeInteger(commitLogOffset) && typeof delivered === 'string';
  if (!isTable || offset < 0 || commitLogOffset < 0) throw new Error('offset, delivered or commitLogOffset is missing');
  const bits = inflateRawSync(Buffer.from(delivered, 'base64'), { maxOutputLength: MAX_BITS_BYTES });
  return { offset, bits, commitLogOffset };
}

export function isDelivered({ offset, bits }: TimerTable, queueOffset: number): boolean {
  const bit = queueOffset - (offset - (offset % CHUNK_OFFSETS));
  return queueOffset < offset || ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}
