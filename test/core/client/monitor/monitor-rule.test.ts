/** Patterns of groups and topics. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesPattern } from '../../../../src/core/client/monitor/monitor-rule.ts';

it.each([
  ['*', '', true],
  ['*', 'anything', true],
  ['billing*', 'billing-eu', true],
  ['billing*', 'my-billing', false],
  ['*-eu', 'billing-eu', true],
  ['b?lling', 'billing', true],
  ['b?lling', 'blling', false],
  ['a*b*c', 'a1b2bc', true],
  ['a*b*c', 'a1b2', false],
  ['%RETRY%*', '%RETRY%G', true],
  ['a.c', 'abc', false],
])('%s and %s: %s', (pattern, name, expected) => {
  expect(matchesPattern(pattern, name)).toBe(expected);
});

it('is what a regular expression of the same form says', () => {
  const word = (letters: string): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(word('ab*?'), word('ab'), (pattern, name) => {
      const form = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesPattern(pattern, name)).toBe(form.test(name));
    }),
    { numRuns: 2000 },
  );
});

it('takes no time that grows with the number of stars', () => {
  expect(matchesPattern(`${'*a'.repeat(100)}b`, 'a'.repeat(127))).toBe(false);
});
