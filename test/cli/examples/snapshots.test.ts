import { expect, it } from 'vitest';
import { decimals, perSecond, Snapshots } from '../../../src/cli/examples/snapshots.ts';

it('tells about the last ten seconds every ten', () => {
  let now = 0;
  const told: [number, number][] = [];
  const snapshots = new Snapshots(
    () => now,
    (first, last) => told.push([first, last]),
  );
  expect(snapshots.ends).toBeUndefined();
  for (now = 1; now <= 25; now++) snapshots.tick();
  expect(told).toEqual([
    [1, 10],
    [11, 20],
  ]);
  expect(snapshots.ends).toEqual([16, 25]);
});

it("writes numbers as Java's format does", () => {
  expect([decimals(1.2345), decimals(12_345.6), decimals(Number.NaN)]).toEqual(['  1.234', '12345.600', '    NaN']);
  expect([perSecond(15, 2000), perSecond(0, 0), perSecond(1, 3000)]).toEqual([7, 0, 0]);
});
