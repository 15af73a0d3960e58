import { describe, expect, it } from 'vitest';
import { isBefore, NearestTimers } from '../../../../src/core/broker/timer/nearest-timers.ts';
import { PendingTimers } from '../../../../src/core/broker/timer/pending-timers.ts';

/** Numbers that look random and are the same each time. */
function numbers(count: number, below: number): number[] {
  let state = 12_345;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  });
}

/** A timer queue as the store shows it: the due time of each message. */
function queueOf(dues: number[]) {
  let reads = 0;
  return {
    dues,
    get reads() {
      return reads;
    },
    minOffsetInQueue: () => 0,
    maxOffsetInQueue: () => dues.length,
    queueUnits: ({ index, count }: { index: number; count: number }) => {
      const part = dues.slice(index, index + count);
      reads += part.length;
      const units = part.map((tagsCode) => ({ physicOffset: 0, physicSize: 0, tagsCode }));
      return { minOffset: 0, maxOffset: dues.length, units };
    },
  };
}

/** Takes everything that is due until a time, a round at a time as the service does; `onTaken` may add messages. */
function takeAll(pending: PendingTimers, now: number, onTaken = (_offset: number): void => {}): number[] {
  const taken: number[] = [];
  for (;;) {
    const hasMore = pending.scan();
    const round: number[] = [];
    while (round.length < 8) {
      const unit = pending.takeDue(now);
      if (unit === undefined) break;
      round.push(unit.queueOffset);
    }
    for (const offset of round) {
      pending.delivered.add(offset);
      onTaken(offset);
    }
    taken.push(...round);
    const isEmpty = pending.first === undefined && pending.oldest === pending.maxOffset;
    if (round.length === 0 && !hasMore && (isEmpty || (pending.first?.dueMs ?? 0) > now)) return taken;
  }
}

const inOrder = (dues: readonly number[]): number[] =>
  dues
    .map((dueMs, queueOffset) => ({ dueMs, queueOffset }))
    .sort((a, b) => (isBefore(a, b) ? -1 : 1))
    .map(({ queueOffset }) => queueOffset);

describe('timers that wait for too long', () => {
  it('are found behind those that are dealt with, and behind one that cannot be read', () => {
    const queue = queueOf([100, 101, 102, 103]);
    const queueUnits: typeof queue.queueUnits = (query) =>
      query.index === 1 ? { ...queue.queueUnits(query), units: [] } : queue.queueUnits(query);
    const pending = new PendingTimers({ ...queue, queueUnits }, 10);
    pending.delivered.add(0);
    const isTooOld = (queueOffset: number) => queueOffset < 3;
    expect(pending.firstTooOld(0, isTooOld)).toEqual({ dueMs: 102, queueOffset: 2 });
    expect(pending.firstTooOld(3, isTooOld)).toBeUndefined();
    expect(pending.firstTooOld(4, () => true)).toBeUndefined();
  });
});

describe('the nearest timers', () => {
  it('come out in order, and never are more than the limit', () => {
    const nearest = new NearestTimers(100);
    const dues = numbers(1000, 300);
    for (const [queueOffset, dueMs] of dues.entries()) {
      nearest.push({ dueMs, queueOffset });
      expect(nearest.size).toBeLessThanOrEqual(100);
    }
    const taken: number[] = [];
    for (let unit = nearest.pop(); unit !== undefined; unit = nearest.pop()) taken.push(unit.queueOffset);
    expect(taken.length).toBeGreaterThan(10);
    expect(taken).toEqual(inOrder(dues).slice(0, taken.length));
    expect(nearest.horizon?.queueOffset).toBe(inOrder(dues)[taken.length]);
  });
});

describe('pending timers', () => {
  it.each([
    ['fewer than memory holds', 50, 1000],
    ['many more than memory holds', 20_000, 1000],
    ['many at one time', 5000, 1],
  ])('are each taken once and in order: %s', (_what, count, below) => {
    const queue = queueOf(numbers(count, below));
    const pending = new PendingTimers(queue, 100);
    pending.begin();
    expect(takeAll(pending, below)).toEqual(inOrder(queue.dues));
    expect(pending.oldest).toBe(count);
  });

  it('are not told before all of the queue was read once: an earlier one may come', () => {
    const queue = queueOf([...new Array<number>(20_000).fill(7), 1]);
    const pending = new PendingTimers(queue, 100);
    pending.begin();
    expect(pending.scan()).toBe(true);
    expect(pending.takeDue(10)).toBeUndefined();
    expect(takeAll(pending, 10)[0]).toBe(20_000);
  });

  it('include those that come while others are taken, also into a queue that is read again', () => {
    const queue = queueOf(numbers(3000, 1000));
    const pending = new PendingTimers(queue, 100);
    pending.begin();
    const taken = takeAll(pending, 1000, (offset) => {
      if (offset % 3 === 0 && queue.dues.length < 4000) queue.dues.push(offset % 1000);
    });
    expect(taken.toSorted((a, b) => a - b)).toEqual(queue.dues.map((_, i) => i));
  });

  it('wait until they are due, and those delivered before the start never come', () => {
    const queue = queueOf([5, 9, 5, 7]);
    const pending = new PendingTimers(queue, 100);
    pending.delivered.add(0);
    pending.begin();
    expect(takeAll(pending, 6)).toEqual([2]);
    expect(pending.first).toEqual({ dueMs: 7, queueOffset: 3 });
    expect(pending.oldest).toBe(1);
  });

  it('are read again a bounded number of times', () => {
    const queue = queueOf(numbers(20_000, 1000));
    const pending = new PendingTimers(queue, 1000);
    pending.begin();
    takeAll(pending, 1000);
    expect(queue.reads).toBeLessThan(20_000 * 60);
  });
});
