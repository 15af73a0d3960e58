/**
 * The checksum of a stored body: CRC-32 (zlib's polynomial) with the sign bit cleared, 0 for an empty body.
 * Mirrors UtilAll.crc32. zlib.crc32 exists from Node 20.15 and 22.2 on and wins above about 256 bytes; below that, and where
 * it does not exist, eight table look-ups a round are faster than the call out of JavaScript.
 */
import zlib from 'node:zlib';

const NATIVE_FROM_BYTES = 256;

const tables = Array.from({ length: 8 }, () => new Int32Array(256));
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  t0[byte] = crc;
}
for (let i = 1; i < 8; i++) {
  const table = tables[i] as Int32Array;
  const previous = tables[i - 1] as Int32Array;
  for (let byte = 0; byte < 256; byte++) {
    const crc = previous[byte] as number;
    table[byte] = (t0[crc & 0xff] as number) ^ (crc >>> 8);
  }
}

/** Slicing-by-8 in JavaScript; the plain fallback and the fast way for short bodies. */
export function crc32InScript(buffer: Buffer, start: number, end: number): number {
  let crc = -1;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const low =
      crc ^
      ((buffer[i] as number) |
        ((buffer[i + 1] as number) << 8) |
        ((buffer[i + 2] as number) << 16) |
        ((buffer[i + 3] as number) << 24));
    crc =
      (t7[low & 0xff] as number) ^
      (t6[(low >>> 8) & 0xff] as number) ^
      (t5[(low >>> 16) & 0xff] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[buffer[i + 4] as number] as number) ^
      (t2[buffer[i + 5] as number] as number) ^
      (t1[buffer[i + 6] as number] as number) ^
      (t0[buffer[i + 7] as number] as number);
  }
  for (; i < end; i++) crc = (t0[(crc ^ (buffer[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

const nativeCrc32: ((data: Buffer) => number) | undefined =
  typeof zlib.crc32 === 'function' ? (data) => zlib.crc32(data) : undefined;

/** The bodyCRC field of a record for buffer[start, end). */
export function bodyCrc(buffer: Buffer, start: number, end: number): number {
  if (end <= start) return 0;
  if (nativeCrc32 !== undefined && end - start >= NATIVE_FROM_BYTES) {
    return nativeCrc32(buffer.subarray(start, end)) & 0x7fffffff;
  }
  return crc32InScript(buffer, start, end) & 0x7fffffff;
}
