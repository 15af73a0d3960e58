import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PocketError } from '../../../src/core/common/errors.ts';
import { decodePropertiesBytes, formatConfigLines, parseProperties } from '../../../src/core/common/java-properties.ts';

const parsed = (text: string): Record<string, string> =>
  Object.fromEntries([...parseProperties(text)].map(([key, { value }]) => [key, value]));

describe('java.util.Properties rules', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a list with semicolons', 'namesrvAddr=a:9876;b:9876', { namesrvAddr: 'a:9876;b:9876' }],
    ['= with blanks around it', '  brokerId = 0', { brokerId: '0' }],
    ['a colon as separator', 'fileReservedTime:48', { fileReservedTime: '48' }],
    ['a blank as separator', 'deleteWhen 04', { deleteWhen: '04' }],
    ['a tab, then =', 'key\t=\tvalue', { key: 'value' }],
    ['a second separator belongs to the value', 'key==v', { key: '=v' }],
    ['a colon behind a blank', 'key : v', { key: 'v' }],
    ['no value', 'key', { key: '' }],
    ['blanks behind a value stay', 'key=v  ', { key: 'v  ' }],
    ['comments', '# a=1\n ! b=2\nc=3', { c: '3' }],
    ['# inside a value', 'key=a#b', { key: 'a#b' }],
    ['a continued line', 'key=a,\\\n    b,\\\r\n\tc', { key: 'a,b,c' }],
    ['a comment is not continued', '# x \\\nkey=v', { key: 'v' }],
    ['a # line that continues is no comment', 'key=a\\\n#b', { key: 'a#b' }],
    ['an even number of backslashes ends the line', 'key=a\\\\\nb=c', { key: 'a\\', b: 'c' }],
    ['a backslash at the very end', 'key=a\\', { key: 'a' }],
    ['a blank line ends a continuation', 'key=a\\\n\nb=c', { key: 'a', b: 'c' }],
    ['escapes', 'key=\\t\\n\\r\\f\\u4e2d\\=\\q', { key: '\t\n\r\f中=q' }],
    ['escaped separators in a key', 'a\\=b\\:c\\ d=v', { 'a=b:c d': 'v' }],
    [
      'a Windows path as Java wants it',
      'storePathRootDir=D\\:\\\\rocketmq\\\\store',
      { storePathRootDir: 'D:\\rocketmq\\store' },
    ],
    [
      'a Windows path as people write it',
      'storePathRootDir = D:\\store\\new\\ü 中\\users\\t\nkvConfigPath=e:\\\nc=D:\\',
      { storePathRootDir: 'D:\\store\\new\\ü 中\\users\\t', kvConfigPath: 'e:\\', c: 'D:\\' },
    ],
    [
      'escapes behind a letter and a colon',
      'a=D:\\u4e2d\nb=D\\:\\tx\nc=D:\\\\new',
      { a: 'D:中', b: 'D:\tx', c: 'D:\\new' },
    ],
    ['Chinese characters', 'brokerName=经纪人', { brokerName: '经纪人' }],
    ['the last of equal keys', 'a=1\nb=2\na=3', { b: '2', a: '3' }],
    ['\\r alone as line end', 'a=1\rb=2', { a: '1', b: '2' }],
    ['an empty key', '=v', { '': 'v' }],
  ])('%s', (_name, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('the line of a key is that of its beginning', () => {
    const properties = parseProperties('# head\n\na=1\\\n  2\nb=3\n');
    expect(properties.get('a')).toEqual({ value: '12', line: 3 });
    expect(properties.get('b')).toEqual({ value: '3', line: 5 });
  });

  test('a broken \\u names its line', () => {
    const broken = (): unknown => parseProperties('a=1\npath=\\users');
    expect(broken).toThrow(PocketError);
    expect(broken).toThrow(/line 2/);
  });
});

test('a file that is no text names the line that shows it', () => {
  const notText = (): unknown => parseProperties('a=1\r\nb=2\n\0ELF', 'broker.conf');
  expect(notText).toThrow('broker.conf line 3: there is a character 0: this is no text file');
  expect(notText).toThrow(expect.objectContaining({ code: 'CONFIG' }));
});

/** As java.util.Properties.store escapes, without its date line. */
function escapeJava(text: string, isKey: boolean): string {
  const named: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    const code = text.charCodeAt(i);
    if (c === ' ') escaped += i === 0 || isKey ? '\\ ' : c;
    else if (named[c] !== undefined) escaped += named[c];
    else if ('=:#!\\'.includes(c)) escaped += `\\${c}`;
    else if (code < 0x20 || code > 0x7e) escaped += `\\u${code.toString(16).padStart(4, '0')}`;
    else escaped += c;
  }
  return escaped;
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('a\\', ' b ', '#c', '\\\n', '中文', 'D:\\', 'D:\\new', 'c:\tx', 'c:\n\\', 'D:中', 'c:\\u4e2d'),
);

test('what Properties.store writes is read back, whatever the text', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(anyText, anyText), { selector: ([key]) => key }), (pairs) => {
      const text = pairs.map(([key, value]) => `${escapeJava(key, true)}=${escapeJava(value, false)}\n`).join('');
      expect([...parseProperties(text)].map(([key, { value }]) => [key, value])).toEqual(pairs);
    }),
  );
});

test('the config listing reads back whatever is in it, undefined values are left out', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(anyText, anyText), { selector: ([key]) => key }), (pairs) => {
      const values = new Map(pairs.filter(([key]) => key !== '' && key !== '__proto__' && !/^\d+$/.test(key)));
      const text = formatConfigLines(Object.fromEntries(values));
      expect([...parseProperties(text)].map(([key, { value }]) => [key, value])).toEqual([...values]);
      // A Java program reads the bytes as ISO-8859-1.
      expect(Buffer.from(text).every((byte) => byte < 0x80)).toBe(true);
    }),
  );
  expect(formatConfigLines({ haMasterAddress: undefined, brokerId: 0, aclEnable: false })).toBe(
    'brokerId=0\naclEnable=false\n',
  );
  expect(formatConfigLines({ namesrvAddr: 'a:1;b:2', storePathRootDir: 'C:\\data dir', productEnvName: '中' })).toBe(
    'namesrvAddr=a:1;b:2\nstorePathRootDir=C\\:\\\\data dir\nproductEnvName=\\u4E2D\n',
  );
});

test('a file is UTF-8, without its byte order mark, else ISO-8859-1', () => {
  expect(decodePropertiesBytes(Buffer.from('\ufeffname=中', 'utf8'))).toBe('name=中');
  expect(decodePropertiesBytes(Buffer.from([0x61, 0x3d, 0xe9]))).toBe('a=é');
  const utf16 = Buffer.from('\ufeffname=中', 'utf16le');
  expect(decodePropertiesBytes(utf16)).toBe('name=中');
  expect(decodePropertiesBytes(Buffer.from(utf16).swap16())).toBe('name=中');
});
