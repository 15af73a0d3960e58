import { describe, expect, it } from 'vitest';
import type { Puts } from '../../../src/core/broker/put-items.ts';
import { SAMPLE_INTERVAL_MS, StatsItem } from '../../../src/core/broker/stats-item.ts';
import { StatsItems } from '../../../src/core/broker/stats-items.ts';
import { MAX_MEASURED_QUEUES } from '../../../src/core/broker/table-limits.ts';

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
    const topics = new Map<string, Puts>([['Old', { messages: 50, bytes: 5000 }]]);
    const totals = { puts: 50, gets: 0 };
    const items = new StatsItems(
      () => ({ ...totals, topicPuts: () => [...topics], queuePuts: () => [] }),
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
      () => ({ puts: 0, gets: 0, topicPuts: () => [], queuePuts: () => [] }),
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

  function queuesOf(counters: Map<string, Puts>, detailed?: boolean): StatsItems {
    const source = { puts: 0, gets: 0, topicPuts: () => [], queuePuts: () => [...counters] };
    const items = new StatsItems(
      () => source,
      () => 0,
      detailed,
    );
    items.start();
    return items;
  }

  it('counts what was put by queue, where enableDetailStat says so, of so many queues', () => {
    const counters = new Map<string, Puts>([['T@0', { messages: 5, bytes: 500 }]]);
    const [items, plain] = [queuesOf(counters), queuesOf(counters, false)];
    counters.set('T@0', { messages: 6, bytes: 650 });
    for (let queue = 1; queue <= MAX_MEASURED_QUEUES; queue++) counters.set(`T@${queue}`, { messages: 1, bytes: 1 });
    const view = (name: string, key: string) => items.view(name, key, 'C')?.statsDay;
    expect(view('QUEUE_PUT_NUMS', 'T@0')).toMatchObject({ sum: 1, avgpt: 1 });
    expect(view('QUEUE_PUT_SIZE', 'T@0')).toMatchObject({ sum: 150, avgpt: 150 });
    expect(view('QUEUE_PUT_NUMS', `T@${MAX_MEASURED_QUEUES - 1}`)?.sum).toBe(1);
    expect(view('QUEUE_PUT_NUMS', `T@${MAX_MEASURED_QUEUES}`)).toBeUndefined();
    expect(plain.view('QUEUE_PUT_NUMS', 'T@0', 'C')).toBeUndefined();
  });

  it('knows how long reading took, by queue or by topic', () => {
    const [items, plain] = [queuesOf(new Map()), queuesOf(new Map(), false)];
    for (const ms of [0, 6]) {
      items.groupReadTook('G', { topic: 'T', queueId: 3 }, ms);
      plain.groupReadTook('G', { topic: 'T', queueId: 3 }, ms);
    }
    expect(items.view('GROUP_GET_LATENCY', '3@T@G', 'C')?.statsDay).toMatchObject({ sum: 6, avgpt: 3 });
    expect(plain.view('GROUP_GET_LATENCY', 'T@G', 'C')?.statsDay).toMatchObject({ sum: 6, avgpt: 3 });
    expect(items.view('GROUP_GET_LATENCY', 'T@G', 'C')).toBeUndefined();
  });
});
