import { describe, expect, it } from 'vitest';
import { ConsumerStats } from '../../../../src/core/client/consumer/consumer-stats.ts';
import { RollingSum } from '../../../../src/core/client/consumer/rolling-sum.ts';
import { HeldClock } from '../held-clock.ts';
import { pulled } from './message-fixture.ts';

describe('RollingSum', () => {
  it('forgets in steps what is older than its span', () => {
    const sum = new RollingSum(60_000);
    sum.add(1_000_000, 3);
    sum.add(1_010_000, 1);
    sum.add(1_030_000, 5);
    expect(sum.sum(1_059_999)).toBe(9);
    expect(sum.sum(1_060_000)).toBe(6);
    expect(sum.sum(1_070_000)).toBe(5);
    expect(sum.sum(1_090_000)).toBe(0);
    sum.add(9_000_000, 7);
    expect(sum.sum(9_000_000)).toBe(7);
    // Longer than its span ago, by a whole number of turns.
    expect(sum.sum(9_120_000)).toBe(0);
  });
});

describe('ConsumerStats', () => {
  it('measures pulls and listener calls of a topic over the last minute, failures over the last hour', async () => {
    const clock = new HeldClock();
    const stats = new ConsumerStats(clock);
    stats.pulled('T', 30, 100);
    stats.pulled('T', 0, 300);
    const good = stats.measured(
      async (messages: unknown[], ms: number) => {
        clock.advance(ms);
        return messages.length > 1 ? 'later' : 'done';
      },
      (status) => status === 'done',
    );
    const message = pulled(1, { topic: 'T' });
    expect(await good([message], 10)).toBe('done');
    expect(await good([message, message, message], 20)).toBe('later');
    const bad = stats.measured(
      () => Promise.reject(new Error('broken')),
      () => true,
    );
    await expect(bad([message], 0)).rejects.toThrow('broken');
    expect(stats.status('T')).toEqual({
      ...{ pullRT: 200, pullTPS: 0.5, consumeRT: 10, consumeOKTPS: 1 / 60, consumeFailedTPS: 4 / 60 },
      consumeFailedMsgs: 4,
    });
    clock.advance(120_000);
    expect(stats.status('T')).toMatchObject({ pullRT: 0, consumeFailedTPS: 0, consumeFailedMsgs: 4 });
    expect(stats.status('Other').consumeFailedMsgs).toBe(0);
  });

  it('names the calls under way, the oldest first', async () => {
    const clock = new HeldClock();
    const stats = new ConsumerStats(clock);
    const ends: (() => void)[] = [];
    const slow = stats.measured(
      () => new Promise<void>((resolve) => ends.push(resolve)),
      () => true,
    );
    const first = slow([pulled(1)], undefined);
    clock.advance(5);
    const second = slow([pulled(2)], undefined);
    const offsets = (): number[] => stats.calls().map(({ messages }) => messages[0]?.queueOffset ?? -1);
    expect(offsets()).toEqual([1, 2]);
    ends[0]?.();
    await first;
    expect(offsets()).toEqual([2]);
    ends[1]?.();
    await second;
    expect(offsets()).toEqual([]);
  });
});
