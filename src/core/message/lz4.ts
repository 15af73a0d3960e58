/**
 * Reads the LZ4 frame format, in which RocketMQ's clients compress bodies with compressType LZ4 (they write it with lz4-java's
 * LZ4FrameOutputStream). Checksums are not looked at: the record has its own.
 */

const MAGIC = 0x184d2204;
const VERSION_MASK = 0xc0;
const VERSION_1 = 0x40;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY = 0x01;
const UNCOMPRESSED = 0x80000000;
const MIN_MATCH = 4;
const LONG = 15;

/** The content of a frame. Throws an Error for bytes that are none, and for more than `maxOutputLength`. */
export function decompressLz4Frame(frame: Buffer, { maxOutputLength }: { maxOutputLength: number }): Buffer {
  if (frame.readUInt32LE(0) !== MAGIC) throw new Error('no LZ4 frame');
  const flags = frame.readUInt8(4);
  if ((flags & VERSION_MASK) !== VERSION_1) throw new Error('an LZ4 frame of an unknown version');
  if ((flags & DICTIONARY) !== 0) throw new Error('an LZ4 frame that needs a dictionary');
  // Flags, block size, the size of the content, and a byte of checksum.
  let at = 7 + ((flags & CONTENT_SIZE) === 0 ? 0 : 8);
  const output = new Lz4Output(frame.length * 4, maxOutputLength);
  for (;;) {
    const size = frame.readUInt32LE(at);
    at += 4;
    if (size === 0) return output.whole();
    const end = at + (size & ~UNCOMPRESSED);
    if (end > frame.length) throw new Error('an LZ4 block that is cut short');
    if (size >= UNCOMPRESSED) output.literals(frame, at, end);
    else readBlock(frame, at, end, output);
    at = end + ((flags & BLOCK_CHECKSUM) === 0 ? 0 : 4);
  }
}

function readBlock(frame: Buffer, start: number, end: number, output: Lz4Output): void {
  let at = start;
  const longer = (length: number): number => {
    if (length < LONG) return length;
    let total = length;
    for (let more = 255; more === 255; total += more) {
      if (at >= end) throw new Error('an LZ4 length that is cut short');
      more = frame.readUInt8(at++);
    }
    return total;
  };
  while (at < end) {
    const token = frame.readUInt8(at++);
    const literals = longer(token >> 4);
    if (at + literals > end) throw new Error('LZ4 literals that are cut short');
    output.literals(frame, at, at + literals);
    at += literals;
    // The last sequence has literals only.
    if (at === end) return;
    const offset = frame.readUInt16LE(at);
    at += 2;
    output.match(offset, longer(token & LONG) + MIN_MATCH);
  }
}

/** What has been read so far, which later bytes refer to, also those of other blocks. */
class Lz4Output {
  readonly #max: number;
  #bytes: Buffer;
  #length = 0;

  constructor(expected: number, max: number) {
    this.#max = max;
    this.#bytes = Buffer.allocUnsafe(Math.min(expected, max));
  }

  literals(source: Buffer, start: number, end: number): void {
    this.#room(end - start);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  /** Bytes from `offset` before the end on; they may overlap what they make. */
  match(offset: number, length: number): void {
    if (offset === 0 || offset > this.#length) throw new Error('an LZ4 match before the beginning');
    this.#room(length);
    const from = this.#length - offset;
    for (let i = 0; i < length; i++) this.#bytes[this.#length + i] = this.#bytes[from + i] as number;
    this.#length += length;
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed > this.#max) throw new Error(`more than ${this.#max} bytes`);
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.#max, Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
