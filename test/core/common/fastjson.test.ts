import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PocketError } from '../../../src/core/common/errors.ts';
import {
  JavaDouble,
  ObjectKeyMap,
  parseFastJson,
  prettyFastJson,
  stringifyFastJson,
} from '../../../src/core/common/fastjson.ts';

describe('parseFastJson', () => {
  it('reads standard JSON', () => {
    expect(parseFastJson('{"a":[1,-2.5e3,true,false,null,"x\\u4e8c\\n"],"b":{}}')).toEqual({
      a: [1, -2500, true, false, null, 'x二\n'],
      b: {},
    });
  });

  it('reads integer keys without quotes like quoted ones', () => {
    expect(parseFastJson('{"brokerAddrs":{0:"h:1",1:"h:2"}}')).toEqual(
      parseFastJson('{"brokerAddrs":{"0":"h:1","1":"h:2"}}'),
    );
    expect(parseFastJson('{-1:2}')).toEqual({ '-1': 2 });
  });

  it('reads objects as keys', () => {
    const table = parseFastJson(
      '{{"queueId":0,"topic":"T"}:{"minOffset":1},{"queueId":1,"topic":"T"}:{"minOffset":2}}',
    );
    expect(table).toEqual(
      new ObjectKeyMap([
        [{ queueId: 0, topic: 'T' }, { minOffset: 1 }],
        [{ queueId: 1, topic: 'T' }, { minOffset: 2 }],
      ]),
    );
  });

  it.each([
    ["{'a':'it\\'s \"so\"'}", { a: 'it\'s "so"' }],
    ['{a:1,$b_2:2}', { a: 1, $b_2: 2 }],
    ['{"a":[1,,2,],}', { a: [1, 2] }],
    ['\ufeff { "a" : {1 : 2} } \n', { a: { '1': 2 } }],
    ['{a:"raw\ttab\nand line"}', { a: 'raw\ttab\nand line' }],
    ['{a:"\\v\\0\\7\\x41\\/\\q"}', { a: '\v\0\u0007A/q' }],
    ['{a:undefined,b:null,c:NaN}', { a: null, b: null, c: null }],
    ['{a:{"$ref":"$.b"}}', { a: { $ref: '$.b' } }],
    ['{a:1,a:2}', { a: 2 }],
  ])('tolerates %s', (text, value) => {
    expect(parseFastJson(text)).toEqual(value);
  });

  it('keeps a member called __proto__ an ordinary member', () => {
    const value = parseFastJson('{__proto__:{0:1}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
  });

  it('reads long values as the nearest number, or exactly as bigint when asked', () => {
    const text = '{"max":9223372036854775807,"tagsCode":-9007199254740993,"small":5,"d":1.0E300}';
    expect(parseFastJson(text)).toEqual({ max: 2 ** 63, tagsCode: -9007199254740992, small: 5, d: 1e300 });
    expect(parseFastJson(text, { bigInt: true })).toEqual({
      max: 9223372036854775807n,
      tagsCode: -9007199254740993n,
      small: 5,
      d: 1e300,
    });
  });

  it.each([
    ['', 'not JSON: a value expected at offset 0'],
    ['{', 'not JSON: a member name expected at offset 1'],
    ['{"a":1', 'not JSON: neither comma nor } at offset 6'],
    ['{"a" 1}', 'not JSON: no colon after a key at offset 5'],
    ['[1 2]', 'not JSON: neither comma nor ] at offset 3'],
    ['"abc', 'not JSON: a string without end at offset 0'],
    ['"abc\\', 'not JSON: a string without end at offset 0'],
    ['{a:b}', 'not JSON: the unknown word b at offset 3'],
    ['{a:12x}', 'not JSON: the unknown word 12x at offset 3'],
    ['{} {}', 'not JSON: more text after the value at offset 3'],
    ['{"a":1,{"b":2}:3}', 'not JSON: an object with both names and objects as keys at offset 17'],
  ])('refuses %j', (text, message) => {
    expect(() => parseFastJson(text)).toThrow(new PocketError('PROTOCOL', message));
  });

  it('refuses a nesting that would exhaust the stack', () => {
    expect(() => parseFastJson(`${'[{a:'.repeat(50_000)}1`)).toThrow('more than 200 levels');
    expect(parseFastJson(`${'['.repeat(200)}a:1`.replace('a:1', `'x'${']'.repeat(200)}`))).toBeInstanceOf(Array);
  });

  it('either reads a text or throws PocketError, whatever the text', () => {
    const signs = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      "'",
      '\\',
      '1',
      '-',
      'e',
      '.',
      'a',
      ' ',
      'true',
      '"x"',
    );
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 30 }), (parts) => {
        try {
          parseFastJson(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(PocketError);
        }
      }),
    );
  });
});

describe('stringifyFastJson', () => {
  it('sorts members by name and leaves null and undefined out', () => {
    expect(stringifyFastJson({ topic: 'T', b: null, a: undefined, Z: [1, null], queueId: 0 })).toBe(
      '{"Z":[1,null],"queueId":0,"topic":"T"}',
    );
  });

  it('writes Maps in their own order, integer keys bare', () => {
    const table = new Map([
      [7, 'seven'],
      [-1, 'minus'],
    ]);
    expect(
      stringifyFastJson({
        table,
        names: new Map([
          ['b', 1],
          ['a', 2],
        ]),
      }),
    ).toBe('{"names":{"b":1,"a":2},"table":{7:"seven",-1:"minus"}}');
  });

  it('writes objects as keys bare', () => {
    const table = new ObjectKeyMap([[{ topic: 'T', queueId: 0, brokerName: 'b' }, { minOffset: 0 }]]);
    expect(stringifyFastJson(table)).toBe('{{"brokerName":"b","queueId":0,"topic":"T"}:{"minOffset":0}}');
  });

  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [9999999, '9999999.0'],
    [10000000, '1.0E7'],
    [-12345678.5, '-1.23456785E7'],
    [1e21, '1.0E21'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, 'null'],
  ])('writes the double %d as %s', (value, text) => {
    expect(stringifyFastJson(new JavaDouble(value))).toBe(text);
  });

  it.each([
    [2 ** 53, '9007199254740992'],
    [2 ** 63, '9223372036854775807'],
    [1e30, '9223372036854775807'],
    [-(2 ** 63), '-9223372036854775808'],
    [-1e30, '-9223372036854775808'],
    [0.5, '0.5'],
  ])('writes the number %d as %s', (value, text) => {
    expect(stringifyFastJson(value)).toBe(text);
  });

  it('writes bigint with every digit', () => {
    expect(stringifyFastJson({ a: 9223372036854775807n })).toBe('{"a":9223372036854775807}');
  });

  it('escapes what fastjson escapes', () => {
    expect(stringifyFastJson('a"\\/\b\f\n\r\t\u0001\u007f\u009f\u00a0\u2028二')).toBe(
      '"a\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007F\\u009F\u00a0\\u2028二"',
    );
  });

  it('writes standard JSON when asked', () => {
    const value = {
      addrs: new Map([
        [10, 'a/b'],
        [2, '二\u007f'],
      ]),
      big: 2 ** 60,
      exact: 2n ** 60n,
      small: 5n,
    };
    const text = stringifyFastJson(value, { standardJson: true });
    expect(text).toBe(
      '{"addrs":{"2":"\\u4E8C\\u007F","10":"a\\/b"},"big":"1152921504606846976","exact":"1152921504606846976","small":5}',
    );
    expect(JSON.parse(text).addrs).toEqual({ '2': '二\u007f', '10': 'a/b' });
  });
});

/** What a body can hold: beans, lists, tables by integer and by object. */
const dialectValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
    fc.array(fc.tuple(fc.integer(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc
      .array(fc.tuple(fc.record({ topic: fc.string(), queueId: fc.nat() }), tie('value')), {
        minLength: 1,
        maxLength: 3,
      })
      .map((entries) => new ObjectKeyMap(entries)),
  ),
})).value;

/** The value as the reader delivers it: a table by integer is an object with the integers as text. */
function asRead(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRead);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, element]) => [String(key), asRead(element)]));
  if (value instanceof ObjectKeyMap) {
    return new ObjectKeyMap(value.entries.map(([key, element]) => [key, asRead(element)] as const));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, asRead(element)]));
}

describe('what is written', () => {
  it('reads as it was, in one line, indented and in standard form', () => {
    fc.assert(
      fc.property(dialectValue, (value) => {
        const expected = asRead(value);
        expect(parseFastJson(stringifyFastJson(value))).toEqual(expected);
        expect(parseFastJson(prettyFastJson(value))).toEqual(expected);
        expect(parseFastJson(stringifyFastJson(value), { bigInt: true })).toEqual(expected);
        expect(parseFastJson(stringifyFastJson(value, { standardJson: true }))).toEqual(expected);
      }),
    );
  });

  it('is what JSON.stringify writes, for plain values with sorted names', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean())), (values) => {
        expect(stringifyFastJson({ values })).toBe(JSON.stringify({ values }));
      }),
    );
  });
});

describe('prettyFastJson', () => {
  it('is the text mqadmin topicRoute prints', () => {
    const route = {
      brokerDatas: [
        {
          brokerName: 'broker-a',
          cluster: 'DefaultCluster',
          brokerAddrs: new Map([
            [0, '127.0.0.1:30911'],
            [1, '127.0.0.1:30921'],
          ]),
        },
      ],
      filterServerTable: {},
      orderTopicConf: undefined,
      queueDatas: [{ brokerName: 'broker-a', perm: 6, readQueueNums: 4, topicSysFlag: 0, writeQueueNums: 4 }],
    };
    expect(prettyFastJson(route)).toBe(`{
\t"brokerDatas":[
\t\t{
\t\t\t"brokerAddrs":{0:"127.0.0.1:30911",1:"127.0.0.1:30921"
\t\t\t},
\t\t\t"brokerName":"broker-a",
\t\t\t"cluster":"DefaultCluster"
\t\t}
\t],
\t"filterServerTable":{},
\t"queueDatas":[
\t\t{
\t\t\t"brokerName":"broker-a",
\t\t\t"perm":6,
\t\t\t"readQueueNums":4,
\t\t\t"topicSysFlag":0,
\t\t\t"writeQueueNums":4
\t\t}
\t]
}`);
  });

  it('is the form of consumerOffset.json', () => {
    const table = {
      offsetTable: {
        'T@g': new Map([
          [0, 5],
          [1, 7],
        ]),
        '%RETRY%g@g': new Map([[0, 0]]),
      },
    };
    expect(prettyFastJson(table)).toBe(
      '{\n\t"offsetTable":{\n\t\t"%RETRY%g@g":{0:0\n\t\t},\n\t\t"T@g":{0:5,1:7\n\t\t}\n\t}\n}',
    );
  });

  it('writes what stands in a Set or is a key as deep as the line it is on', () => {
    const bean = { topic: 'T' };
    expect(prettyFastJson({ set: new Set([bean]), table: new ObjectKeyMap([[bean, bean]]) })).toBe(
      '{\n\t"set":[{\n\t\t"topic":"T"\n\t}],\n\t"table":{{\n\t\t\t"topic":"T"\n\t\t}:{\n\t\t\t"topic":"T"\n\t\t}\n\t}\n}',
    );
  });

  it('keeps Sets and number arrays on one line, other lists a line an element', () => {
    expect(prettyFastJson({ bitPos: [10, 52], tagsSet: new Set(['TagA', 'TagB']), list: ['a', 'b'], none: [] })).toBe(
      '{\n\t"bitPos":[10,52],\n\t"list":[\n\t\t"a",\n\t\t"b"\n\t],\n\t"none":[],\n\t"tagsSet":["TagA","TagB"]\n}',
    );
  });
});
