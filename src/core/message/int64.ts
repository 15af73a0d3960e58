/**
 * 64-bit big-endian integers as JavaScript numbers, read and written as two 32-bit halves: BigInt costs ten times as much
 * (see docs/DESIGN.md on the hot path). Offsets and timestamps of RocketMQ stay below 2^53, where this is exact; a value
 * beyond it is rounded to the nearest double, which only a corrupt record or a consumequeue_ext address can hold.
 */

const TWO_POW_32 = 4294967296;

export function readInt64(buffer: Buffer, offset: number): number {
  return buffer.readInt32BE(offset) * TWO_POW_32 + buffer.readUInt32BE(offset + 4);
}

/** `value` may be negative: the high half is floored, so that the two halves are the two's complement of it. */
export function writeInt64(buffer: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / TWO_POW_32);
  buffer.writeInt32BE(high, offset);
  buffer.writeUInt32BE(value - high * TWO_POW_32, offset + 4);
}

/** The same through a DataView, whose stores the compiler inlines: for the hot path of a put. */
export function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_POW_32));
  // Of a safe integer, `| 0` keeps exactly the low 32 bits, also of a negative one.
  view.setInt32(at + 4, value | 0);
}
