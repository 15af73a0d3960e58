import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressBody } from '../../../src/core/message/compression.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeMessage, decodeMessages, encodeMessage } from '../../../src/core/message/message-codec.ts';
import { SysFlag } from '../../../src/core/message/sys-flag.ts';

/** store/worked-example.md section 1. */
const RECORD_A =
  '0000006cdaa320a758932aac000000000000000000000000000000000000000000000000000000000000018bcfe568007f0000010000c3500000018bcfe5687b7f00000100002a9f0000000000000000000000000000000268690154000e4b455953016b3102544147530141';
/** Section 2: IPv6 hosts. */
const RECORD_B =
  '0000009adaa320a758932aac00000000000000000000000000000001000000000000006c000000300000018bcfe56be8' +
  '000000000000000000000000000000010000c3500000018bcfe57df70000000000000000000000000000000100002a9f' +
  '0000000000000000000000000000000268690154' +
  '0024554e49515f4b455901304130303030303102' +
  '4b455953016b31206b320254414753014242';
/** protocol/messages.md section 4. */
const EXAMPLE =
  '0000006bdaa320a73610a686000000010000000300000000000000020000000000000064' +
  '0000000000000000000003e87f0000010000138800000000000007d00a00000100002a9f' +
  '0000000000000000000000000000000568656c6c6f0254310009544147530154616741';

const recordA: MessageExt = {
  topic: 'T',
  body: Buffer.from('hi'),
  flag: 0,
  properties: { KEYS: 'k1', TAGS: 'A' },
  storeSize: 108,
  bodyCRC: 1486039724,
  queueId: 0,
  queueOffset: 0,
  commitLogOffset: 0,
  sysFlag: 0,
  bornTimestamp: 1700000000000,
  bornHost: '127.0.0.1:50000',
  storeTimestamp: 1700000000123,
  storeHost: '127.0.0.1:10911',
  reconsumeTimes: 0,
  preparedTransactionOffset: 0,
  msgId: '7F00000100002A9F0000000000000000',
  offsetMsgId: '7F00000100002A9F0000000000000000',
};

function expectBroken(record: Buffer): void {
  expect(() => decodeMessage(record)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
}

describe('message records', () => {
  it('encodes and decodes record A of the worked example', () => {
    expect(encodeMessage(recordA).toString('hex')).toBe(RECORD_A);
    expect(decodeMessage(Buffer.from(RECORD_A, 'hex'))).toEqual(recordA);
  });

  it('decodes record B with IPv6 hosts and encodes it again', () => {
    const bytes = Buffer.from(RECORD_B, 'hex');
    const message = decodeMessage(bytes);
    expect(message).toMatchObject({
      storeSize: 154,
      bornHost: '[0:0:0:0:0:0:0:1]:50000',
      storeHost: '[0:0:0:0:0:0:0:1]:10911',
      queueOffset: 1,
      commitLogOffset: 108,
      storeTimestamp: 1700000005623,
      sysFlag: 0x30,
      msgId: '0A000001',
      offsetMsgId: '0000000000000000000000000000000100002A9F000000000000006C',
    });
    expect({ ...message.properties }).toEqual({ UNIQ_KEY: '0A000001', KEYS: 'k1 k2', TAGS: 'BB' });
    expect(encodeMessage(message).toString('hex')).toBe(RECORD_B);
  });

  it('decodes and encodes the example of the protocol notes', () => {
    const message = decodeMessage(Buffer.from(EXAMPLE, 'hex'));
    expect(message).toMatchObject({ topic: 'T1', queueId: 1, flag: 3, queueOffset: 2, commitLogOffset: 100 });
    expect(message.body.toString()).toBe('hello');
    expect(message.bodyCRC).toBe(907060870);
    expect(encodeMessage(message).toString('hex')).toBe(EXAMPLE);
  });

  it('splits a pull body into its records', () => {
    const body = Buffer.from(RECORD_A + RECORD_B + EXAMPLE, 'hex');
    expect(decodeMessages(body).map((message) => message.storeSize)).toEqual([108, 154, 107]);
  });

  it('decompresses a compressed body, unless told not to', () => {
    const text = 'abc'.repeat(2000);
    const body = compressBody(Buffer.from(text));
    const sysFlag = SysFlag.COMPRESSED | SysFlag.COMPRESSION_ZLIB;
    const record = encodeMessage({ ...recordA, body, sysFlag });
    expect(decodeMessage(record).body.toString()).toBe(text);
    expect(decodeMessage(record, 0, { decompress: false }).body.equals(body)).toBe(true);
  });

  it('brings back what it wrote', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .filter((value) => !value.includes('\x01') && !value.includes('\x02'));
    const offset = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const host = fc.constantFrom('10.1.2.3:10911', '[fe80:0:0:0:0:0:0:1]:1', '255.255.255.255:65535');
    const message = fc.record({
      topic: fc.stringMatching(/^[%|a-zA-Z0-9_-]{1,127}$/),
      body: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      flag: fc.integer(),
      properties: fc.dictionary(text, text, { maxKeys: 5 }),
      queueId: fc.nat(),
      queueOffset: offset,
      commitLogOffset: offset,
      bornTimestamp: offset,
      bornHost: host,
      storeTimestamp: offset,
      storeHost: host,
      reconsumeTimes: fc.nat(),
      preparedTransactionOffset: offset,
    });
    fc.assert(
      fc.property(message, (fields) => {
        const record = encodeMessage({ ...recordA, ...fields });
        const decoded = decodeMessage(record);
        expect(decoded.storeSize).toBe(record.length);
        expect({ ...decoded.properties }).toEqual({ ...fields.properties });
        const { properties: _, ...rest } = fields;
        expect(decoded).toMatchObject(rest);
        expect(encodeMessage(decoded).equals(record)).toBe(true);
      }),
    );
  });

  it('refuses a record that is cut short at any byte', () => {
    const record = Buffer.from(RECORD_A, 'hex');
    for (let length = 0; length < record.length; length++) expectBroken(record.subarray(0, length));
  });

  it.each([
    ['magic', 4],
    ['body length', 0x54],
    ['topic length', 0x5a],
    ['properties length', 0x5c],
    ['total size', 0],
  ])('refuses a record with a wrong %s', (_, at) => {
    for (const value of [0x80, 0xff, 0x7f]) {
      const record = Buffer.from(RECORD_A, 'hex');
      record[at] = value;
      expectBroken(record);
    }
  });

  it('never throws anything but PROTOCOL for garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 108 }), fc.nat(107), (noise, at) => {
        const record = Buffer.from(RECORD_A, 'hex');
        Buffer.from(noise).copy(record, at);
        try {
          decodeMessages(record);
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL' });
        }
      }),
      { numRuns: 500 },
    );
  });
});
