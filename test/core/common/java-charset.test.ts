import { describe, expect, it } from 'vitest';
import { charsetDecoder, decodeUtf8 } from '../../../src/core/common/java-charset.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('a Java charset', () => {
  it.each([
    ['UTF-8', 'e4bda0', '你'],
    ['utf8', 'efbbbf41', '\ufeffA'],
    ['GBK', 'c4e3bac3', '你好'],
    ['gb2312', 'c4e3', '你'],
    ['Big5', 'a741', '你'],
    ['Shift_JIS', '8abf', '漢'],
    ['EUC_KR', 'b0a1', '가'],
    ['ISO-8859-1', 'e980', 'é\x80'],
    ['US-ASCII', '41e9', 'A\ufffd'],
    ['UTF-16', '4f60', '你'],
    ['UTF-16', 'fffe604f', '你'],
    ['UTF-16LE', '604f', '你'],
    ['UTF-16BE', '4f60', '你'],
    [' koi8-r ', 'c1', 'а'],
  ])('%s reads %s as %s', (name, hex, text) => {
    expect(charsetDecoder(name)?.(bytes(hex))).toBe(text);
  });

  it.each(['', 'no-such', 'UTF-9'])('%j is none', (name) => {
    expect(charsetDecoder(name)).toBeUndefined();
  });
});

describe('malformed UTF-8', () => {
  // As JDK 17 reads them.
  it.each([
    ['41ff42', 'A\ufffdB'],
    ['eda080', '\ufffd'],
    ['edbb', '\ufffd'],
    ['eda041', '\ufffdA'],
    ['ed9fbf', '\ud7ff'],
    ['ed', '\ufffd'],
    ['e4bd', '\ufffd'],
    ['e4eda08041', '\ufffd\ufffdA'],
    ['c29fed8000f0edbb', '\u009f\ufffd\x00\ufffd\ufffd'],
    ['eda080edb080', '\ufffd\ufffd'],
  ])('%s', (hex, text) => {
    expect(decodeUtf8(bytes(hex))).toBe(text);
  });
});
