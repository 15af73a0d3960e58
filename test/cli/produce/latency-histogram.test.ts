import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../../src/cli/produce/latency-histogram.ts';

it('says percentiles within 3 %, and the maximum exactly', () => {
  const histogram = new LatencyHistogram();
  for (let i = 1; i <= 100_000; i++) histogram.add(i / 100);
  for (const [percent, exact] of [
    [50, 500],
    [90, 900],
    [99, 990],
    [1, 10],
  ] as const) {
    expect(histogram.percentile(percent)).toBeGreaterThanOrEqual(exact);
    expect(histogram.percentile(percent)).toBeLessThan(exact * 1.035);
  }
  expect(histogram.percentile(100)).toBe(1000);
});

it('takes nothing, and anything', () => {
  const histogram = new LatencyHistogram();
  expect(histogram.percentile(99)).toBe(0);
  histogram.add(0);
  histogram.add(1e12);
  expect(histogram.percentile(50)).toBeLessThan(0.01);
  expect(histogram.percentile(100)).toBe(1e12);
});
