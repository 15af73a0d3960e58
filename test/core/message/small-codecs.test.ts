import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyInnerMessage,
  encodeInnerMessages,
  joinedLength,
  readInnerMessage,
} from '../../../src/core/message/batch-codec.ts';
import { bodyCrc, crc32InScript } from '../../../src/core/message/body-crc.ts';
import { compressBody, decompressBody } from '../../../src/core/message/compression.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL, DelayLevels } from '../../../src/core/message/delay-level.ts';
import { readInt64, setInt64, writeInt64 } from '../../../src/core/message/int64.ts';
import { decodeProperties } from '../../../src/core/message/properties.ts';
import { entersQueue } from '../../../src/core/message/sys-flag.ts';
import { tagsCode, tagsCodeOf } from '../../../src/core/message/tags.ts';
import { isForbiddenForSend, isSystemTopic, topicFault } from '../../../src/core/message/topic-validator.ts';

describe('body CRC', () => {
  it.each([
    ['', 0],
    ['hi', 1486039724],
    ['hello', 907060870],
  ])('of %j', (text, crc) => {
    const body = Buffer.from(text);
    expect(bodyCrc(body, 0, body.length)).toBe(crc);
  });

  it('is the same in script as in zlib, whatever the length and position', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(20), (bytes, start) => {
        const buffer = Buffer.from(bytes);
        const from = Math.min(start, buffer.length);
        expect(crc32InScript(buffer, from, buffer.length)).toBe(zlib.crc32(buffer.subarray(from)));
        expect(bodyCrc(buffer, from, buffer.length)).toBe(zlib.crc32(buffer.subarray(from)) & 0x7fffffff);
      }),
    );
  });
});

describe('64-bit numbers', () => {
  it('are what BigInt makes of them', () => {
    const safe = fc.maxSafeInteger();
    fc.assert(
      fc.property(safe, (value) => {
        const expected = Buffer.alloc(8);
        expected.writeBigInt64BE(BigInt(value));
        const written = Buffer.alloc(8);
        writeInt64(written, value, 0);
        expect(written).toEqual(expected);
        setInt64(new DataView(written.fill(7).buffer, written.byteOffset, 8), 0, value);
        expect(written).toEqual(expected);
        expect(readInt64(expected, 0)).toBe(value);
      }),
    );
  });
});

describe('tags code', () => {
  it.each([
    [undefined, 0],
    ['', 0],
    ['A', 65],
    ['BB', 2112],
    ['TagA', 2598919],
    ['polygenelubricants', -2147483648],
  ])('of %j', (tags, code) => {
    expect(tagsCode(tags)).toBe(code);
  });

  it('is the same from the bytes of a properties text, in any place of a buffer', () => {
    const word = fc.constantFrom('TAGS', 'TAG', 'TAGSS', '', 'A', 'TagA', '标签', 'K', '\x01', 'a\x01b');
    const segment = fc.tuple(word, fc.constantFrom('\x01', ''), word).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(segment), fc.nat(5), (segments, start) => {
        const text = Buffer.from(segments.join('\x02'));
        const buffer = Buffer.concat([Buffer.alloc(start, 'TAGS\x01'), text, Buffer.from('\x02TAGS\x01behind')]);
        const expected = tagsCode(decodeProperties(text.toString()).TAGS);
        expect(tagsCodeOf(buffer, start, start + text.length)).toBe(expected);
      }),
    );
  });
});

describe('transaction types', () => {
  it('let only plain and committed messages into a queue', () => {
    expect([0, 4, 8, 12, 0x301, 0x30].map(entersQueue)).toEqual([true, false, true, false, true, true]);
  });
});

describe('compression', () => {
  it.each([0x1, 0x301])('reads zlib with sysFlag 0x%s', (sysFlag) => {
    expect(decompressBody(compressBody(Buffer.from('hello')), sysFlag).toString()).toBe('hello');
  });

  it('leaves a plain body as it is', () => {
    const body = Buffer.from('hello');
    expect(decompressBody(body, 0x300)).toBe(body);
  });

  it.each([
    [0x301, 'not zlib'],
    [0x101, 'LZ4'],
  ])('refuses what it cannot read (0x%s)', (sysFlag, body) => {
    expect(() => decompressBody(Buffer.from(body), sysFlag)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
  });
});

describe('delay levels', () => {
  const levels = new DelayLevels(DEFAULT_MESSAGE_DELAY_LEVEL);

  it.each([
    [1, 1000],
    [3, 10_000],
    [18, 7_200_000],
    [99, 7_200_000],
    [0, 1000],
  ])('level %d', (level, delay) => {
    expect(levels.deliverTimestamp(level, 1_700_000_000_000)).toBe(1_700_000_000_000 + delay);
  });

  it.each(['', '1', '1x', 's', '-1s', '1.5s'])('refuses %j', (text) => {
    expect(() => new DelayLevels(text)).toThrow(expect.objectContaining({ code: 'CONFIG' }));
  });
});

describe('batch body', () => {
  const example = Buffer.from(
    '0000003600000000000000000000000300000005' +
      '68656c6c6f' +
      '001b4b455953016b310257414954017472756502' +
      '544147530154616741',
    'hex',
  );

  it('holds the inner message of the example', () => {
    const inner = emptyInnerMessage();
    expect(readInnerMessage(example, 0, example.length, inner)).toBe(true);
    expect(inner.flag).toBe(3);
    expect(example.toString('utf8', inner.bodyStart, inner.bodyEnd)).toBe('hello');
    expect(example.toString('utf8', inner.propertiesStart, inner.propertiesEnd)).toBe(
      'KEYS\x01k1\x02WAIT\x01true\x02TAGS\x01TagA',
    );
    expect(inner.next).toBe(example.length);
  });

  it('is refused when it is cut short or its lengths do not fit', () => {
    const inner = emptyInnerMessage();
    for (let end = 0; end < example.length; end++) expect(readInnerMessage(example, 0, end, inner)).toBe(false);
    for (const at of [16, 19, 25, 26]) {
      const broken = Buffer.from(example);
      broken[at] = 0xff;
      expect(readInnerMessage(broken, 0, broken.length, inner)).toBe(false);
    }
  });

  it('is taken whatever its size, magic and crc say, as Java does', () => {
    const inner = emptyInnerMessage();
    const odd = Buffer.from(example).fill(0xff, 0, 12);
    expect(readInnerMessage(odd, 0, odd.length, inner)).toBe(true);
    expect(inner.next).toBe(example.length);
  });

  it('is what Java writes', () => {
    const properties = Buffer.from('KEYS\x01k1\x02WAIT\x01true\x02TAGS\x01TagA');
    const parts = { flag: 3, body: Buffer.from('hello'), properties };
    expect(encodeInnerMessages([parts, parts])).toEqual(Buffer.concat([example, example]));
  });

  it('comes back as it was', () => {
    const part = fc.record({
      flag: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
      body: fc.uint8Array({ maxLength: 40 }).map((bytes): Buffer => Buffer.from(bytes)),
      properties: fc.uint8Array({ maxLength: 40 }).map((bytes): Buffer => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const batch = encodeInnerMessages(parts);
        const inner = emptyInnerMessage();
        const read: typeof parts = [];
        for (let at = 0; at < batch.length; at = inner.next) {
          expect(readInnerMessage(batch, at, batch.length, inner)).toBe(true);
          const body = batch.subarray(inner.bodyStart, inner.bodyEnd);
          read.push({ flag: inner.flag, body, properties: batch.subarray(inner.propertiesStart, inner.propertiesEnd) });
        }
        expect(read).toEqual(parts);
      }),
    );
  });

  it.each([
    ['', '', 0],
    ['a', '', 1],
    ['', 'b', 1],
    ['a', 'b', 3],
    ['a\x02', 'b', 3],
  ])('joins properties %j and %j to %i bytes', (own, common, length) => {
    expect(joinedLength(Buffer.from(own), 0, own.length, common.length)).toBe(length);
  });
});

describe('topic names', () => {
  it.each([
    ['a', undefined],
    ['%RETRY%g_1-x|y', undefined],
    ['x'.repeat(127), undefined],
    ['', 'The specified topic is blank.'],
    [' ', 'The specified topic is blank.'],
    ['a/b', 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$'],
    ['x'.repeat(128), 'The specified topic is longer than topic max length.'],
  ])('%j', (topic, fault) => {
    expect(topicFault(topic)).toBe(fault);
  });

  it('knows the system topics', () => {
    expect(['TBW102', 'SCHEDULE_TOPIC_XXXX', 'rmq_sys_x', 'DefaultCluster', 'T'].map((t) => isSystemTopic(t))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isSystemTopic('DefaultCluster', new Set(['DefaultCluster']))).toBe(true);
    expect(isForbiddenForSend('SCHEDULE_TOPIC_XXXX')).toBe(true);
    expect(isForbiddenForSend('TBW102')).toBe(false);
  });
});
