/**
 * The topics of records, from bytes to strings: few topics have most records, and comparing a few bytes costs less than
 * decoding them.
 */
const SLOTS = 64;

export class TopicNames {
  readonly #bytes: (Buffer | undefined)[] = new Array<Buffer | undefined>(SLOTS).fill(undefined);
  readonly #names: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined);

  /** Undefined when there is a zero byte in it: no broker writes one into a topic, a write that was torn inside it leaves one. */
  read(buffer: Buffer, start: number, end: number): string | undefined {
    const length = end - start;
    const slot = (length * 7 + (buffer[start] as number) + (buffer[end - 1] as number) * 3) % SLOTS;
    const known = this.#bytes[slot];
    if (known?.length === length && isSame(known, buffer, start)) return this.#names[slot];
    const bytes = Buffer.from(buffer.subarray(start, end));
    if (bytes.includes(0)) return undefined;
    this.#bytes[slot] = bytes;
    this.#names[slot] = bytes.toString('utf8');
    return this.#names[slot];
  }
}

function isSame(known: Buffer, buffer: Buffer, start: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== buffer[start + i]) return false;
  return true;
}
