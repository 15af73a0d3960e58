import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PocketError } from '../../../src/core/common/errors.ts';
import { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import { sendMessage } from '../../../src/core/protocol/requests/send-message.ts';
import {
  decodeSendMessageHeader,
  sendMessageV2,
  toSendMessageHeader,
  toSendMessageV2Header,
} from '../../../src/core/protocol/requests/send-message-v2.ts';
import {
  decodeHeader,
  defineRequest,
  encodeHeader,
  type Fields,
  type HeaderOf,
  optional,
  required,
} from '../../../src/core/protocol/schema.ts';
import { declaredRequests } from '../../support/request-schemas.ts';

const every = defineRequest({
  code: 1,
  request: {
    text: required('string'),
    count: required('int'),
    offset: required('long'),
    force: required('boolean'),
    tps: optional('double'),
    note: optional('string'),
  },
}).request;

const arbitraryOf = {
  string: fc.string({ unit: 'binary' }),
  int: fc.integer(),
  long: fc.maxSafeInteger(),
  boolean: fc.boolean(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
};

function headerOf<F extends Fields>(fields: F): fc.Arbitrary<HeaderOf<F>> {
  const header = fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, arbitraryOf[type]])),
    { requiredKeys: Object.keys(fields).filter((name) => fields[name]?.required) },
  );
  return header as fc.Arbitrary<HeaderOf<F>>;
}

describe('encodeHeader and decodeHeader', () => {
  it('write numbers and booleans as text and read them back', () => {
    const header = { text: '', count: -3, offset: 2 ** 40, force: false, tps: 0.5 };
    const extFields = { text: '', count: '-3', offset: '1099511627776', force: 'false', tps: '0.5' };
    expect(encodeHeader(every, header)).toEqual(extFields);
    expect(decodeHeader(every, extFields)).toEqual(header);
  });

  it('write an open end of time as Long.MAX_VALUE', () => {
    const header = decodeHeader(every, { text: 'a', count: '0', offset: '9223372036854775807', force: 'TRUE' });
    expect(header.offset).toBe(2 ** 63);
    expect(header.force).toBe(true);
    expect(encodeHeader(every, header).offset).toBe('9223372036854775807');
  });

  it('ignore fields that are not declared', () => {
    expect(decodeHeader(every, { text: 'a', count: '1', offset: '2', force: 'x', ns: 'y' })).toEqual({
      text: 'a',
      count: 1,
      offset: 2,
      force: false,
    });
  });

  it.each([
    [undefined, 'lacks the field text'],
    [{ text: 'a' }, 'lacks the field count'],
    [{ text: 'a', count: '', offset: '1', force: '' }, 'the request header field count is not a number: '],
    [{ text: 'a', count: '2147483648', offset: '1', force: '' }, 'field count is not a number: 2147483648'],
    [{ text: 'a', count: '1.5', offset: '1', force: '' }, 'field count is not a number: 1.5'],
    [{ text: 'a', count: '1', offset: '0x10', force: '' }, 'field offset is not a number: 0x10'],
    [{ text: 'a', count: '1', offset: '1', force: '', tps: 'fast' }, 'field tps is not a number: fast'],
  ])('refuse %j', (extFields, message) => {
    expect(() => decodeHeader(every, extFields)).toThrow(PocketError);
    expect(() => decodeHeader(every, extFields)).toThrow(message);
  });

  it('bring every header of every declared request back', () => {
    const declarations = declaredRequests.flatMap(({ schema }) => [schema.request, schema.response]);
    fc.assert(
      fc.property(
        fc.constantFrom(...declarations).chain((fields) => fc.tuple(fc.constant(fields), headerOf(fields))),
        ([fields, header]) => {
          expect(decodeHeader(fields, encodeHeader(fields, header))).toEqual(header);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the two spellings of a send header', () => {
  const v1 = headerOf(sendMessage.request);

  it('are translated into each other', () => {
    fc.assert(
      fc.property(v1, (header) => {
        expect(toSendMessageHeader(toSendMessageV2Header(header))).toEqual(header);
      }),
    );
  });

  it('are both read, whatever the code', () => {
    const header = {
      producerGroup: 'P',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: 1795390724417,
      flag: 3,
      properties: 'TAGS\u0001a\u0002',
      batch: true,
      bname: 'broker-a',
    };
    const long = encodeHeader(sendMessage.request, header);
    const short = encodeHeader(sendMessageV2.request, toSendMessageV2Header(header));
    expect(short).toEqual({
      a: 'P',
      b: 'T',
      c: 'TBW102',
      d: '4',
      e: '1',
      f: '0',
      g: '1795390724417',
      h: '3',
      i: 'TAGS\u0001a\u0002',
      m: 'true',
      n: 'broker-a',
    });
    expect(decodeSendMessageHeader(long)).toEqual(header);
    expect(decodeSendMessageHeader(short)).toEqual(header);
  });

  it('name the long field when both are missing', () => {
    expect(() => decodeSendMessageHeader({})).toThrow('the request header lacks the field producerGroup');
  });
});

it('a declaration without fields has empty ones', () => {
  expect(defineRequest({ code: 28 })).toEqual({
    code: 28,
    javaClass: undefined,
    request: {},
    responseJavaClass: undefined,
    response: {},
  });
  expect(pullMessage.code).toBe(11);
});
