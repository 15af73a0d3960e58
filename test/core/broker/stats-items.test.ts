import { describe, expect, it } from 'vitest';
import { SAMPLE_INTERVAL_MS, StatsItem } from '../../../src/core/broker/stats-item.ts';
import { StatsItems, type TopicPuts } from '../../../src/core/broker/stats-items.ts';

describe('StatsItem', () => {
  it('keeps a minute, an hour and a day apart', () => {
    const item = new StatsItem(0);
    let now = 0;
    let tick = 0;
    const pass = (ms: number): void => {
      for (const end = now + ms; now < end; ) {
        now += SAMPLE_INTERVAL_MS;
        item.sample(now, ++tick);
      }
    };
    const sums = (): number[] => Object.values(item.data(now)).map(({ sum }) => sum);
    item.add(10, 2);
    expect(item.data(now).statsMinute).toEqual({ sum: 10, tps: 1, avgpt: 5 });
    pass(30_000);
    item.add(20, 1);
    expect(sums()).toEqual([30, 30, 30]);
    expect(item.minute(now).tps).toBe(1);
    pass(50_000);
    expect(sums()).toEqual([20, 30, 30]);
    pass(3_600_000);
    expect(sums()).toEqual([0, 30, 30]);
    pass(600_000);
    expect(sums()).toEqual([0, 0, 30]);
    pass(24 * 3_600_000);
    expect(sums()).toEqual([0, 0, 0]);
  });
});

describe('StatsItems', () => {
  it('takes the puts from the store, without those from before, and through a topic that is made anew', () => {
    let now = 1000;
    const topics = new Map<string, TopicPuts>([['Old', { messages: 50, bytes: 5000 }]]);
    const totals = { puts: 50, gets: 0 };
    const items = new StatsItems(
      () => ({ ...totals, topicPuts: () => [...topics] }),
      () => now,
    );
    items.start();
    const view = (name: string, key: string): number | undefined => items.view(name, key, 'C')?.statsDay.sum;
    expect(view('TOPIC_PUT_NUMS', 'Old')).toBeUndefined();
    expect(view('BROKER_PUT_NUMS', 'C')).toBe(0);
    topics.set('Old', { messages: 53, bytes: 5300 });
    topics.set('New', { messages: 2, bytes: 200 });
    totals.puts = 55;
    now += SAMPLE_INTERVAL_MS;
    items.sample();
    expect([view('TOPIC_PUT_NUMS', 'Old'), view('TOPIC_PUT_SIZE', 'Old')]).toEqual([3, 300]);
    expect([view('TOPIC_PUT_NUMS', 'New'), view('BROKER_PUT_NUMS', 'C')]).toEqual([2, 5]);
    topics.set('New', { messages: 1, bytes: 100 });
    expect([view('TOPIC_PUT_NUMS', 'New'), view('TOPIC_PUT_SIZE', 'New')]).toEqual([3, 300]);
  });

  it('tells how fast a group consumed over the last minute', () => {
    let now = 0;
    const items = new StatsItems(
      () => ({ puts: 0, gets: 0, topicPuts: () => [] }),
      () => now,
    );
    items.start();
    expect(items.groupGetTps('G', 'T')).toBe(0);
    items.groupGot('G', 'T', 100, 1000);
    expect(items.groupGetTps('G', 'T')).toBe(10);
    for (let i = 0; i < 2; i++) {
      now += SAMPLE_INTERVAL_MS;
      items.sample();
    }
    expect(items.groupGetTps('G', 'T')).toBe(5);
    for (let i = 0; i < 7; i++) {
      now += SAMPLE_INTERVAL_MS;
      items.sample();
    }
    expect(items.groupGetTps('G', 'T')).toBe(0);
  });
});
