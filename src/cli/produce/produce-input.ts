/** Where the messages come from: a stream of lines, or a text that is made anew for each of a number of messages. */

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { PocketError } from '../../core/common/errors.ts';
import { inputLines, MAX_LINE_BYTES } from './input-lines.ts';
import type { MadeMessage, MessageMaker } from './message-maker.ts';
import type { ProduceItem } from './produce-run.ts';
import type { TextTemplate } from './text-template.ts';

export type LineFormat = 'line' | 'json';

/** The stream of a file, `-` for stdin. */
export const openInput = (file: string): Readable => (file === '-' ? process.stdin : createReadStream(file));

/** A message a line; empty lines are passed over. */
export async function* lineItems(
  chunks: AsyncIterable<Buffer>,
  format: LineFormat,
  maker: MessageMaker,
): AsyncGenerator<ProduceItem> {
  for await (const { number: n, bytes } of inputLines(chunks)) {
    if (bytes?.length === 0) continue;
    yield { n, make: () => madeOf(n, bytes, format, maker) };
  }
}

function madeOf(n: number, bytes: Buffer | undefined, format: LineFormat, maker: MessageMaker): MadeMessage {
  if (bytes === undefined) throw new PocketError('ILLEGAL_ARGUMENT', `it is longer than ${MAX_LINE_BYTES} bytes`);
  return format === 'json' ? maker.ofJson(n, bytes) : maker.ofBody(n, bytes);
}

/** `count` messages whose body is the text. */
export function* textItems(text: TextTemplate, count: number, maker: MessageMaker): Generator<ProduceItem> {
  for (let n = 1; n <= count; n++) yield { n, make: () => maker.ofBody(n, Buffer.from(text(n))) };
}
