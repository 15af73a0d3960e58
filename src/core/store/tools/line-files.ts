/**
 * Files of lines: read one line at a time and written in blocks, however large they are.
 */
import { closeSync, fstatSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { PocketError } from '../../common/errors.ts';

const NEWLINE = 0x0a;
/** No message makes a longer line. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const BLOCK_CHARACTERS = 64 * 1024;

/** The lines of a stream of bytes, without their ends. Throws PocketError ILLEGAL_ARGUMENT for one that is no UTF-8 or too long. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf8', { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const line = (last: Uint8Array): string => {
    try {
      return decoder.decode(parts.length === 0 ? last : Buffer.concat([...parts, last]));
    } catch (cause) {
      throw new PocketError('ILLEGAL_ARGUMENT', `line ${number} is no UTF-8`, { cause });
    } finally {
      parts = [];
      length = 0;
      number++;
    }
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      yield line(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE_BYTES) throw new PocketError('ILLEGAL_ARGUMENT', `line ${number} is too long`);
  }
  if (length > 0) yield line(Buffer.alloc(0));
}

/** Gathers lines into blocks, which `write` gets. */
export class LineBlocks {
  readonly #write: (text: string) => void;
  #block = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(line: string): void {
    this.#block += `${line}\n`;
    if (this.#block.length >= BLOCK_CHARACTERS) this.flush();
  }

  flush(): void {
    const text = this.#block;
    this.#block = '';
    if (text !== '') this.#write(text);
  }
}

/** A file that is made or emptied, written, and durable when it is closed. */
export class OutputFile {
  readonly #fd: number;

  /** Throws the disk's error. */
  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  /** Calls `fill` with a function that writes to the file, then waits for the disk and closes it. */
  fill<T>(fill: (write: (text: string) => void) => T): T {
    try {
      const result = fill(this.#write);
      this.#sync();
      return result;
    } finally {
      closeSync(this.#fd);
    }
  }

  /** As fill(), with what comes from somewhere else. */
  async fillLater<T>(fill: (write: (text: string) => void) => Promise<T>): Promise<T> {
    try {
      const result = await fill(this.#write);
      this.#sync();
      return result;
    } finally {
      closeSync(this.#fd);
    }
  }

  readonly #write = (text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  };

  /** A device or a pipe has nothing to sync. */
  #sync(): void {
    if (fstatSync(this.#fd).isFile()) fsyncSync(this.#fd);
  }
}
