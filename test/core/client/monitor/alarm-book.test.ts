/** When an alarm fires, is repeated and recovers. */

import { describe, expect, it } from 'vitest';
import { AlarmBook } from '../../../../src/core/client/monitor/alarm-book.ts';
import type { Finding } from '../../../../src/core/client/monitor/monitor-rule.ts';
import { findingOf, ruleOf } from './alarm-fixture.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const known = (): boolean => false;

/** A book that takes rounds at minutes and gives `state group` of what is to be told. */
function bookOf(options?: ConstructorParameters<typeof AlarmBook>[0]) {
  const book = new AlarmBook(options);
  const at = (minute: number, findings: readonly Finding[], isUnknown: () => boolean = known): string[] =>
    book
      .enter(findings, minute * MINUTE, isUnknown)
      .map(({ state, finding, since }) => `${state} ${finding.consumerGroup} since ${since / MINUTE}`);
  return { book, at };
}

describe('an alarm', () => {
  it('fires when its condition has held for as long as the rule says, once', () => {
    const found = [findingOf(ruleOf({ forMs: 2 * MINUTE }))];
    const { at } = bookOf();
    expect([at(0, found), at(1, found), at(2, found), at(3, found)]).toEqual([[], [], ['firing G since 0'], []]);
  });

  it('begins anew when the condition does not hold in between', () => {
    const found = [findingOf(ruleOf({ forMs: 2 * MINUTE }))];
    const { at } = bookOf();
    expect([at(0, found), at(1, []), at(2, found), at(3, found), at(4, found)]).toEqual([
      [],
      [],
      [],
      [],
      ['firing G since 2'],
    ]);
  });

  it('is told again after repeatMs while it goes on, with its first time', () => {
    const found = [findingOf(ruleOf({ repeatMs: HOUR }))];
    const { at } = bookOf();
    expect([at(0, found), at(59, found), at(60, found), at(61, found)]).toEqual([
      ['firing G since 0'],
      [],
      ['firing G since 0'],
      [],
    ]);
  });

  it('tells its end once, and one that comes back within repeatMs only when that is over', () => {
    const found = [findingOf(ruleOf({ repeatMs: HOUR }))];
    const { at } = bookOf();
    at(0, found);
    expect(at(1, [])).toEqual(['recovered G since 0']);
    expect([at(2, found), at(3, []), at(50, found)]).toEqual([[], [], []]);
    expect([at(60, found), at(61, [])]).toEqual([['firing G since 50'], ['recovered G since 50']]);
  });

  it('that was never told has no end to tell', () => {
    const { at } = bookOf();
    at(0, [findingOf(ruleOf({ forMs: 2 * MINUTE }))]);
    expect(at(1, [])).toEqual([]);
  });

  it('stays as it is while nothing is known of it', () => {
    const found = [findingOf(ruleOf())];
    const { at } = bookOf();
    at(0, found);
    expect([at(1, [], () => true), at(2, found), at(3, [])]).toEqual([[], [], ['recovered G since 0']]);
  });

  it('is one for each rule, condition, group and topic', () => {
    const rule = ruleOf();
    const { at } = bookOf();
    const found = [
      findingOf(rule),
      findingOf(rule, { topic: 'U' }),
      findingOf(rule, { consumerGroup: 'H' }),
      findingOf(rule, { condition: 'secondsBehind' }),
      findingOf(ruleOf({ name: 'other' })),
    ];
    expect(at(0, found)).toHaveLength(5);
    expect(at(1, found)).toEqual([]);
  });

  it('fires at once where the book says so', () => {
    const { at } = bookOf({ atOnce: true });
    expect(at(0, [findingOf(ruleOf({ forMs: HOUR }))])).toEqual(['firing G since 0']);
  });
});

it('keeps so many alarms in mind, says how many it does not, and forgets those that are over', () => {
  const rule = ruleOf({ repeatMs: HOUR });
  const { book, at } = bookOf({ maxAlarms: 2 });
  const found = ['A', 'B', 'C'].map((consumerGroup) => findingOf(rule, { consumerGroup }));
  expect(at(0, found)).toEqual(['firing A since 0', 'firing B since 0']);
  expect(book.leftOut).toBe(1);
  at(1, []);
  // A and B are kept for the hour in which they are not told again.
  expect(at(2, found.slice(2))).toEqual([]);
  at(61, []);
  expect(at(62, found.slice(2))).toEqual(['firing C since 62']);
  expect(book.leftOut).toBe(0);
});
