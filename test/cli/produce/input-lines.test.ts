import { describe, expect, it } from 'vitest';
import { inputLines, MAX_LINE_BYTES } from '../../../src/cli/produce/input-lines.ts';

async function* pieces(...texts: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function read(...texts: (string | Buffer)[]): Promise<(string | undefined)[]> {
  const lines: (string | undefined)[] = [];
  for await (const { number, bytes } of inputLines(pieces(...texts))) {
    expect(number).toBe(lines.length + 1);
    lines.push(bytes?.toString('latin1'));
  }
  return lines;
}

describe('inputLines', () => {
  it('puts lines together from pieces cut anywhere', async () => {
    const text = 'one\r\n\ntwo\nthree \r\r\nlast';
    const expected = ['one', '', 'two', 'three \r', 'last'];
    for (let cut = 0; cut <= text.length; cut++) {
      expect(await read(text.slice(0, cut), text.slice(cut))).toEqual(expected);
    }
    expect(await read(...text)).toEqual(expected);
  });

  it('keeps bytes that are no text', async () => {
    expect(await read(Buffer.from([0xff, 0x00, 0x0a, 0xfe]))).toEqual(['\xff\x00', '\xfe']);
  });

  it('has no line for nothing', async () => {
    expect(await read()).toEqual([]);
    expect(await read('a\n')).toEqual(['a']);
  });

  it('passes over a line that is too long, and goes on behind it', async () => {
    const half = Buffer.alloc(MAX_LINE_BYTES / 2 + 1, 'x');
    expect(await read('a\n', half, half, '\nb\n', half, half)).toEqual(['a', undefined, 'b', undefined]);
    expect(await read(Buffer.concat([Buffer.alloc(MAX_LINE_BYTES, 'y'), Buffer.from('\nc')]))).toMatchObject({
      1: 'c',
    });
  });
});
