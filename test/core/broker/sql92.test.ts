import { describe, expect, it } from 'vitest';
import { compileSql92 } from '../../../src/core/broker/filter/sql92.ts';

const matches = (text: string, properties: Record<string, string> = {}): boolean => compileSql92(text)(properties);

describe('an SQL92 expression', () => {
  it.each<[text: string, properties: Record<string, string>, expected: boolean]>([
    ['a > 5', { a: '6' }, true],
    ['a > 5', { a: '5' }, false],
    ['a > 5', { a: '5.5' }, false],
    ['a > 5.0', { a: '5.5' }, true],
    ['a > 5', {}, false],
    ['NOT (a > 5)', {}, false],
    ["a = 'x'", { a: 'x' }, true],
    ["a = 'it''s'", { a: "it's" }, true],
    ["a <> 'x'", { a: 'y' }, true],
    ["a <> 'x'", {}, false],
    ['a = 3', { a: '3' }, true],
    ['a = 3', { a: '3.5' }, false],
    ['a = 3', { a: '+3' }, true],
    ['a = 3', { a: '03' }, true],
    ['a = 3', { a: ' 3' }, false],
    ['a = 3.0', { a: ' 3 ' }, true],
    ['a = 3.0', { a: '3e0' }, true],
    ['a = 2147483648', { a: '2147483648' }, true],
    ['a < 5', { a: '2147483648' }, false],
    ['a < 5L', { a: '2' }, true],
    ['a = TRUE', { a: 'TRUE' }, true],
    ['a = TRUE', { a: 'yes' }, false],
    ['TRUE = a', { a: 'true' }, false],
    ['a > b', { a: '10', b: '9' }, true],
    ['a > b', { a: 'x', b: '9' }, false],
    ['a = b', { a: '1', b: '1.0' }, false],
    ['a BETWEEN 1 AND 3', { a: '3' }, true],
    ['a NOT BETWEEN 1 AND 3', { a: '3' }, false],
    ['a NOT BETWEEN 1 AND 3', { a: '4' }, true],
    ["a IN ('x', 'y')", { a: 'y' }, true],
    ["a NOT IN ('x', 'y')", { a: 'z' }, true],
    ["a NOT IN ('x', 'y')", {}, false],
    ['a IS NULL', {}, true],
    ['a IS NOT NULL', { a: '' }, true],
    ['a IS NULL AND b IS NULL OR c = 1', { b: 'x', c: '1' }, true],
    ['a = 1 OR b = 1', { b: '1' }, true],
    ['a = 1 AND b = 1', { b: '1' }, false],
    ['NOT (a = 1 AND b = 1)', { b: '1' }, false],
    ['NOT (a = 1 AND b = 1)', { b: '2' }, true],
    ['a > -5', { a: '-4' }, true],
    ['a > - -5', { a: '6' }, true],
    ['a', { a: 'true' }, false],
    ['NOT a', { a: 'true' }, true],
    ['TRUE', {}, true],
    ['NULL', {}, false],
    ['tags IS NULL', { TAGS: 'x' }, true],
    ["TAGS = 'x' -- the tag", { TAGS: 'x' }, true],
    ["/* what */ $_a1 = 'x'", { $_a1: 'x' }, true],
    ['a between 1 and 3 And b iS nOt NuLl', { a: '2', b: '' }, true],
    ['(a = 1) = TRUE', { a: '1' }, true],
    ['constructor IS NULL', {}, true],
  ])('%s with %j is %s', (text, properties, expected) => {
    expect(matches(text, properties)).toBe(expected);
  });

  it.each([
    ['', 'the SQL92 expression is wrong at character 1: expected '],
    ['a >', 'the SQL92 expression is wrong at character 4: expected '],
    ["a LIKE 'x%'", 'the SQL92 expression is wrong at character 3: expected '],
    ['a + 1 > 2', 'the SQL92 expression is wrong at character 3: expected '],
    ['a = NULL', 'the SQL92 expression is wrong at character 5: NULL cannot be compared; IS NULL asks for it'],
    ["a > 'x'", 'the SQL92 expression is wrong at character 5: only numbers can be compared by >'],
    ['a > (b = 1)', 'the SQL92 expression is wrong at character 8: only numbers can be compared by >'],
    ['5', 'the SQL92 expression is wrong at character 1: this is no condition'],
    ['NOT a > 5', 'the SQL92 expression is wrong at character 1: only numbers can be compared by >'],
    ["'x' AND a = 1", 'the SQL92 expression is wrong at character 1: this is no condition'],
    ['TRUE = 1', 'the SQL92 expression is wrong at character 8: TRUE and FALSE cannot be compared with this'],
    ['a BETWEEN 3 AND 1', 'the SQL92 expression is wrong at character 11: the first value of BETWEEN'],
    ["5 IN ('a')", 'the SQL92 expression is wrong at character 3: IN is for properties only'],
    ['a = 0.0', 'the SQL92 expression is wrong at character 5: 0.0 is less than 5e-324'],
    ['a = 1e999', 'the SQL92 expression is wrong at character 5: 1e999 is more than a double can hold'],
    [
      'a = 9223372036854775808',
      'the SQL92 expression is wrong at character 5: 9223372036854775808 is more than a long',
    ],
    ['a = 007', 'the SQL92 expression is wrong at character 5: expected '],
    ["a = 'x", 'the SQL92 expression is wrong at character 5: expected '],
  ])('%j is refused with the place and the reason', (text, sentence) => {
    expect(() => compileSql92(text)).toThrow(sentence);
  });

  it('that is nested beyond reason is refused, not a crash', () => {
    expect(() => compileSql92(`${'('.repeat(100_000)}a = 1${')'.repeat(100_000)}`)).toThrow('nested too deeply');
    expect(() => compileSql92(`${'NOT '.repeat(100_000)}a = 1`)).toThrow('nested too deeply');
  });

  it('may be as long as one likes', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `a = ${i}`).join(' OR ');
    expect(matches(text, { a: '19999' })).toBe(true);
    expect(matches(text, { a: '20000' })).toBe(false);
  });
});
