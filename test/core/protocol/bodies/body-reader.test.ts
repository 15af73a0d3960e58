import { describe, expect, it } from 'vitest';
import { PocketError } from '../../../../src/core/common/errors.ts';
import type { JsonObject } from '../../../../src/core/common/fastjson.ts';
import {
  booleanMember,
  enumMember,
  intKeyMember,
  listMember,
  numberMember,
  optionalNumberMember,
  queueTableMember,
  readBody,
  recordMember,
  stringListMember,
  stringMember,
  stringOf,
} from '../../../../src/core/protocol/bodies/body-reader.ts';

function bodyOf(text: string): JsonObject {
  return readBody(Buffer.from(text), 'thing');
}

describe('readBody', () => {
  it.each([
    [undefined, 'the body has no thing'],
    ['', 'the body has no thing'],
    ['{"a":', 'the body is no thing'],
    ['[1]', 'the thing is no JSON object'],
    ['5', 'the thing is no JSON object'],
    ['null', 'the thing is no JSON object'],
    ['{{"a":1}:2}', 'the thing is no JSON object'],
  ])('refuses %j', (text, message) => {
    const body = text === undefined ? undefined : Buffer.from(text);
    expect(() => readBody(body, 'thing')).toThrow(new PocketError('PROTOCOL', message));
  });
});

describe('members', () => {
  it('are converted as fastjson converts them', () => {
    const body = bodyOf('{"n":"12","t":7,"b":"true","one":1,"zero":"0","f":false,"flag":true,"empty":""}');
    expect(numberMember(body, 'n')).toBe(12);
    expect(numberMember(body, 'flag')).toBe(1);
    expect(numberMember(body, 'empty', 5)).toBe(5);
    expect(stringMember(body, 't')).toBe('7');
    expect(booleanMember(body, 'b')).toBe(true);
    expect(booleanMember(body, 'one')).toBe(true);
    expect(booleanMember(body, 'zero', true)).toBe(false);
    expect(booleanMember(body, 'f', true)).toBe(false);
    expect(booleanMember(body, 'empty', true)).toBe(true);
  });

  it('have their default when missing or null', () => {
    const body = bodyOf('{"n":null}');
    expect(numberMember(body, 'n', 3)).toBe(3);
    expect(optionalNumberMember(body, 'n')).toBeUndefined();
    expect(stringMember(body, 'n')).toBeUndefined();
    expect(booleanMember(body, 'n', true)).toBe(true);
    expect(listMember(body, 'n')).toEqual([]);
    expect(recordMember(body, 'n', stringOf)).toEqual({});
    expect(intKeyMember(body, 'm', stringOf)).toEqual(new Map());
    expect(queueTableMember(body, 'm', (mq) => mq)).toEqual([]);
  });

  it('of the wrong kind are refused with their name', () => {
    const body = bodyOf('{"n":"twelve","o":{},"l":5,"m":{"x":1},"q":[1]}');
    expect(() => numberMember(body, 'n')).toThrow("the body's member n is no number");
    expect(() => numberMember(body, 'o')).toThrow("the body's member o is no number");
    expect(() => listMember(body, 'l')).toThrow("the body's member l is no list");
    expect(() => recordMember(body, 'l', stringOf)).toThrow('the l is no JSON object');
    expect(() => intKeyMember(body, 'm', stringOf)).toThrow("the body's member m has the key x");
    expect(() => queueTableMember(body, 'q', (mq) => mq)).toThrow('the q is no JSON object');
  });

  it('find enum constants whatever their case and punctuation', () => {
    const constants = ['CONSUME_PASSIVELY', 'CONSUME_ACTIVELY'] as const;
    const body = bodyOf('{"a":"consumePassively","b":"Consume-Actively","c":"push","d":"CONSUME_ACTIVELY","e":null}');
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => enumMember(body, name, constants))).toEqual([
      'CONSUME_PASSIVELY',
      'CONSUME_ACTIVELY',
      undefined,
      'CONSUME_ACTIVELY',
      undefined,
      undefined,
    ]);
  });

  it('take texts out of lists and leave nulls', () => {
    expect(stringListMember(bodyOf('{"l":["a",null,5]}'), 'l')).toEqual(['a', '5']);
  });
});

describe('tables', () => {
  it('keep a topic called __proto__ an ordinary topic', () => {
    const table = recordMember(bodyOf('{"t":{"__proto__":"x","T":"y"}}'), 't', stringOf);
    expect(Object.entries(table)).toEqual([
      ['__proto__', 'x'],
      ['T', 'y'],
    ]);
    expect(table.constructor).toBeUndefined();
  });

  it('by MessageQueue are read from object keys and from quoted ones', () => {
    const mq = { topic: 'T', brokerName: 'b', queueId: 3 };
    const bare = bodyOf('{"t":{{"brokerName":"b","queueId":3,"topic":"T"}:5}}');
    const quoted = bodyOf('{"t":{"{\\"brokerName\\":\\"b\\",\\"queueId\\":3,\\"topic\\":\\"T\\"}":5}}');
    for (const body of [bare, quoted]) {
      expect(queueTableMember(body, 't', (key, value) => ({ key, value }))).toEqual([{ key: mq, value: 5 }]);
    }
  });
});
