/**
 * The lines of a stream as bytes, a few at a time however long the stream is: nothing is decoded, so that a body arrives as
 * it stands in the file. A line ends with LF or CRLF; the last one may lack its end.
 */

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** A body of 4 MiB in base64, its properties, and room for spaces. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

export interface InputLine {
  /** From 1. */
  readonly number: number;
  /** Undefined: longer than MAX_LINE_BYTES, and passed over. */
  readonly bytes: Buffer | undefined;
}

/** One chunk of input in memory, and what of a line has come. */
export async function* inputLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<InputLine> {
  let parts: Buffer[] = [];
  let held = 0;
  let number = 0;
  const line = (last: Buffer): InputLine => {
    const isTooLong = held + last.length > MAX_LINE_BYTES;
    const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    held = 0;
    number++;
    if (isTooLong) return { number, bytes: undefined };
    return { number, bytes: whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      yield line(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from === chunk.length) continue;
    // Of a line that is too long its length alone is kept.
    held += chunk.length - from;
    if (held > MAX_LINE_BYTES) parts = [];
    else parts.push(chunk.subarray(from));
  }
  if (held > 0) yield line(Buffer.alloc(0));
}
