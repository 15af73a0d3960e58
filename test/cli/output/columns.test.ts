import { describe, expect, it } from 'vitest';
import { cut, decimals, left, right } from '../../../src/cli/output/columns.ts';

describe('columns', () => {
  it('pad, and cut only on request', () => {
    expect([left('ab', 4), right(7, 4), left('abcde', 4), cut('abcde', 4)]).toEqual(['ab  ', '   7', 'abcde', 'abcd']);
  });
});

describe('decimals', () => {
  it.each([
    [0, 2, '0.00'],
    [0.8, 2, '0.80'],
    [498717.888, 2, '498717.89'],
    [0.125, 2, '0.13'],
    [1.005, 2, '1.01'],
    [2.675, 2, '2.68'],
    [-0.125, 2, '-0.13'],
    [0.16, 4, '0.1600'],
    [1e-7, 4, '0.0000'],
    [99.9951, 2, '100.00'],
    [1e21, 2, '1000000000000000000000.00'],
    [1.5, 0, '2'],
    [Number.NaN, 2, 'NaN'],
    [Number.POSITIVE_INFINITY, 2, 'Infinity'],
  ])('%d with %i digits, as Java rounds', (value, digits, text) => {
    expect(decimals(value, digits)).toBe(text);
  });
});
