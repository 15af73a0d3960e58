import { describe, expect, it } from 'vitest';
import { BrokerStats, type StoreCounters } from '../../../src/core/broker/broker-stats.ts';
import { humanBytes } from '../../../src/core/broker/human-bytes.ts';
import { PutLatency } from '../../../src/core/broker/put-latency.ts';
import { HeldClock } from './held-clock.ts';

const statsOf = (clock: HeldClock, counters: () => StoreCounters): BrokerStats =>
  new BrokerStats(clock, counters, { topicPuts: () => [], queuePuts: () => [] });

describe('PutLatency', () => {
  it('tells the last whole minute, by the buckets of StoreStatsService', () => {
    const latency = new PutLatency();
    latency.add(0.4, 90);
    latency.add(30, 9);
    latency.add(20_000, 1);
    expect(latency.percentile(0.99)).toBe(0);
    latency.turnOver();
    // 90 below 1 ms: the middle of them; 99 below 30 ms: the end of the bucket up to 30.
    expect(latency.percentile(0.45)).toBeCloseTo(0.5);
    expect(latency.percentile(0.99)).toBe(30);
    // Beyond the last bound nothing is known but the bound.
    expect(latency.percentile(1)).toBe(10_000);
    latency.turnOver();
    expect(latency.percentile(0.99)).toBe(0);
  });
});

describe('BrokerStats', () => {
  const counters = { putMessageTimesTotal: 0, getMessageTransferredMsgCount: 0 };

  it('measures the puts of a batch by its first one and takes refusals out', () => {
    const clock = new HeldClock();
    const stats = statsOf(clock, () => counters);
    stats.putBegins();
    clock.advance(8);
    stats.putBegins();
    stats.putEnds('MESSAGE_ILLEGAL');
    expect([stats.pendingPuts, stats.oldestPendingPutMs]).toEqual([1, 8]);
    stats.putBegins();
    clock.advance(2);
    stats.putEnds('PUT_OK');
    stats.putEnds('PUT_OK');
    expect([stats.pendingPuts, stats.oldestPendingPutMs]).toEqual([0, 0]);
    stats.latency.turnOver();
    expect(stats.latency.percentile(1)).toBe(10);
  });

  it('begins a new day at midnight', () => {
    const clock = new HeldClock(new Date(2026, 0, 1, 23, 59, 0).getTime());
    const totals = { ...counters };
    const stats = statsOf(clock, () => totals);
    stats.start();
    totals.putMessageTimesTotal = 10;
    clock.advance(59_999);
    expect(stats.putTotals.todayMorning).toBe(0);
    clock.advance(1);
    expect(stats.putTotals).toEqual({ yesterdayMorning: 0, todayMorning: 10 });
    totals.putMessageTimesTotal = 25;
    clock.advance(24 * 3_600_000);
    expect(stats.putTotals).toEqual({ yesterdayMorning: 10, todayMorning: 25 });
    stats.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('humanBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_572_864, '1.5 MiB'],
    [270_582_939_648, '252.0 GiB'],
  ])('%i is %s', (bytes, text) => {
    expect(humanBytes(bytes)).toBe(text);
  });
});
