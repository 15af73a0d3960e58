import { describe, expect, it } from 'vitest';
import { decompressLz4Frame } from '../../../src/core/message/lz4.ts';

const HEAD = '04224d18';
const END = '00000000';
const read = (hex: string, maxOutputLength = 1000) =>
  decompressLz4Frame(Buffer.from(hex.replaceAll(' ', ''), 'hex'), { maxOutputLength }).toString();

/** A block with its length before it. */
function block(hex: string, uncompressed = false): string {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const size = Buffer.alloc(4);
  size.writeUInt32LE((bytes.length | (uncompressed ? 0x80000000 : 0)) >>> 0);
  return size.toString('hex') + bytes.toString('hex');
}
const text = (literals: string): string => Buffer.from(literals).toString('hex');

describe('decompressLz4Frame', () => {
  it('reads literals, matches that overlap, and long lengths', () => {
    // abc, then 3 back for 20 bytes (4 + 15 + 1), then Z
    expect(read(`${HEAD} 6040 82 ${block(`3f ${text('abc')} 0300 01 10 ${text('Z')}`)} ${END}`)).toBe(
      `${'abc'.repeat(8).slice(0, 23)}Z`,
    );
    // 15 + 255 + 3 literals
    expect(read(`${HEAD} 6040 82 ${block(`f0 ff 03 ${text('x'.repeat(273))}`)} ${END}`)).toBe('x'.repeat(273));
  });

  it('reads several blocks that refer to each other, plain ones, and whatever the flags announce', () => {
    // Linked blocks, block checksums, content size, content checksum.
    const first = `${block(text('hello '), true)} ffffffff`;
    const second = `${block(`02 0600 10 ${text('!')}`)} ffffffff`;
    expect(read(`${HEAD} 5c40 0d00000000000000 00 ${first} ${second} ${END} ffffffff`)).toBe('hello hello !');
    expect(read(`${HEAD} 6040 82 ${END}`)).toBe('');
  });

  it.each([
    ['no magic', `00000000 6040 82 ${END}`],
    ['another version', `${HEAD} 2040 82 ${END}`],
    ['a dictionary', `${HEAD} 6140 82 00000000 ${END}`],
    ['no end', `${HEAD} 6040 82`],
    ['a block cut short', `${HEAD} 6040 82 10000000 00`],
    ['literals cut short', `${HEAD} 6040 82 ${block('50 61')} ${END}`],
    ['a length cut short', `${HEAD} 6040 82 ${block('f0 ff')} ${END}`],
    ['a match before the beginning', `${HEAD} 6040 82 ${block('10 61 0200 00')} ${END}`],
    ['a match of nothing', `${HEAD} 6040 82 ${block('10 61 0000 00')} ${END}`],
  ])('refuses %s', (_, hex) => {
    expect(() => read(hex)).toThrow();
  });

  it('makes no more than it may', () => {
    const bomb = `${HEAD} 6040 82 ${block(`1f 61 0100 ${'ff'.repeat(100)} 00`)} ${END}`;
    expect(() => read(bomb, 1000)).toThrow('more than 1000 bytes');
    expect(read(bomb, 30_000)).toBe('a'.repeat(1 + 4 + 15 + 25_500));
  });
});
