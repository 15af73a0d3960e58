import { expect, it } from 'vitest';
import { LineBudget } from '../../../src/core/common/line-budget.ts';

it('lets so many lines through in a time and counts the others', () => {
  let now = 0;
  const budget = new LineBudget({ monotonic: () => now }, 2, 1000);
  const take = () => budget.take();
  expect([take(), take(), take(), take()]).toEqual([0, 0, undefined, undefined]);
  now = 999;
  expect(take()).toBeUndefined();
  now = 1000;
  expect([take(), take(), take()]).toEqual([3, 0, undefined]);
});
