import { describe, expect, it } from 'vitest';
import { decodeProperties, encodeProperties } from '../../../src/core/message/properties.ts';

describe('properties text', () => {
  it('separates names, values and properties, with none behind the last', () => {
    expect(encodeProperties({ KEYS: 'k1', TAGS: 'A' })).toBe('KEYS\x01k1\x02TAGS\x01A');
    expect(encodeProperties({ KEYS: undefined, TAGS: 'A' })).toBe('TAGS\x01A');
    expect(encodeProperties({})).toBe('');
  });

  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['a\x01b', { a: 'b' }],
    ['a\x01b\x02', { a: 'b' }],
    ['a\x01b\x02a\x01c', { a: 'c' }],
    ['a\x01\x02b\x01c', { b: 'c' }],
    ['\x01b\x02c\x01d', { c: 'd' }],
    ['ab\x02c\x01d', { c: 'd' }],
    ['a\x01b\x01c', { a: 'b\x01c' }],
    ['\x02\x02a\x01b', { a: 'b' }],
  ])('reads %j as Java does', (text, expected) => {
    expect({ ...decodeProperties(text) }).toEqual(expected);
  });

  it('takes any name as a name', () => {
    expect(Object.entries(decodeProperties('__proto__\x01x'))).toEqual([['__proto__', 'x']]);
    expect(decodeProperties('').constructor).toBeUndefined();
  });
});
