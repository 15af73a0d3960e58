import { describe, expect, it } from 'vitest';
import { FaultTable } from '../../../../src/core/client/producer/fault-table.ts';
import { QueueChoice } from '../../../../src/core/client/producer/queue-choice.ts';
import { HeldClock } from '../held-clock.ts';

const two = ['a', 'b'].flatMap((brokerName) => [0, 1].map((queueId) => ({ topic: 'T', brokerName, queueId })));
const first = (): number => 0;

function take(choice: QueueChoice, faults: FaultTable, count: number, failed?: string): string[] {
  return Array.from({ length: count }, () => {
    const mq = choice.next(faults, failed);
    return `${mq.brokerName}${mq.queueId}`;
  });
}

describe('QueueChoice', () => {
  it('goes round from the random start', () => {
    const faults = new FaultTable(new HeldClock(), {});
    expect(take(new QueueChoice(two, first), faults, 5)).toEqual(['a0', 'a1', 'b0', 'b1', 'a0']);
    expect(take(new QueueChoice(two, () => 0.999), faults, 2)).toEqual(['b1', 'a0']);
  });

  it('passes over the broker that failed this message', () => {
    const faults = new FaultTable(new HeldClock(), {});
    expect(take(new QueueChoice(two, first), faults, 3, 'a')).toEqual(['b0', 'b1', 'b0']);
  });

  it('takes the failed broker again when there is no other', () => {
    const faults = new FaultTable(new HeldClock(), {});
    faults.failed('a');
    expect(take(new QueueChoice(two.slice(0, 2), first), faults, 2, 'a')).toEqual(['a0', 'a1']);
  });

  it('avoids a failing broker for 30 s, then tries it again', () => {
    const clock = new HeldClock();
    const faults = new FaultTable(clock, {});
    const choice = new QueueChoice(two, first);
    faults.failed('b');
    expect(take(choice, faults, 4)).toEqual(['a0', 'a1', 'a0', 'a1']);
    clock.advance(29_999);
    expect(take(choice, faults, 1)).toEqual(['a0']);
    clock.advance(1);
    expect(take(choice, faults, 3)).toEqual(['a1', 'b0', 'b1']);
  });

  it('uses all brokers in turn when all are avoided, but not the one that just failed', () => {
    const faults = new FaultTable(new HeldClock(), {});
    faults.failed('a');
    faults.failed('b');
    expect(take(new QueueChoice(two, first), faults, 2, 'b')).toEqual(['a0', 'a1']);
  });
});

describe('FaultTable', () => {
  it('forgets a failure when the broker succeeds', () => {
    const faults = new FaultTable(new HeldClock(), {});
    faults.failed('a');
    faults.succeeded('a', 5);
    expect(faults.isAvailable('a')).toBe(true);
  });

  it('minds slow brokers only when told to', () => {
    const faults = new FaultTable(new HeldClock(), {});
    faults.succeeded('a', 2900);
    expect(faults.isAvailable('a')).toBe(true);
  });

  it.each([
    [549, 0],
    [550, 30_000],
    [1000, 60_000],
    [2500, 120_000],
    [3000, 180_000],
    [20_000, 600_000],
  ])('a latency of %i ms is avoided for %i ms', (latency, avoidMs) => {
    const clock = new HeldClock();
    const faults = new FaultTable(clock, { sendLatencyFaultEnable: true });
    faults.succeeded('a', latency);
    if (avoidMs > 0) {
      clock.advance(avoidMs - 1);
      expect(faults.isAvailable('a')).toBe(false);
      clock.advance(1);
    }
    expect(faults.isAvailable('a')).toBe(true);
  });
});

describe('with sendLatencyFaultEnable', () => {
  const enabled = { sendLatencyFaultEnable: true };

  it('passes over slow and failed brokers, one step of the index a message', () => {
    const clock = new HeldClock();
    const faults = new FaultTable(clock, enabled);
    const choice = new QueueChoice(two, first);
    faults.succeeded('a', 600);
    expect(take(choice, faults, 5)).toEqual(['b0', 'b0', 'b0', 'b1', 'b0']);
    clock.advance(30_000);
    expect(take(choice, faults, 3)).toEqual(['a1', 'b0', 'b1']);
    faults.failed('b', 5);
    clock.advance(599_999);
    expect(new Set(take(choice, faults, 8))).toEqual(new Set(['a0', 'a1']));
    clock.advance(1);
    expect(new Set(take(choice, faults, 8))).toEqual(new Set(['a0', 'a1', 'b0', 'b1']));
  });

  it('takes the better half when all are avoided', () => {
    const faults = new FaultTable(new HeldClock(), enabled);
    const choice = new QueueChoice(two, first);
    faults.failed('a', 3000);
    faults.failed('b', 10);
    expect(take(choice, faults, 4, 'b').every((queue) => queue.startsWith('b'))).toBe(true);
    faults.succeeded('gone', 1);
    // It is the best of three, but of another topic.
    faults.failed('a', 3000);
    expect(faults.pickOneAtLeast()).toBe('gone');
    take(choice, faults, 1);
    expect(faults.pickOneAtLeast()).toBe('b');
  });

  it('goes by tables of its own', () => {
    const clock = new HeldClock();
    const tables = { ...enabled, latencyMax: [10, 20], notAvailableDuration: [5, 50] };
    const faults = new FaultTable(clock, tables);
    faults.succeeded('a', 9);
    faults.succeeded('b', 19);
    faults.failed('c');
    expect(['a', 'b', 'c'].map((broker) => faults.isAvailable(broker))).toEqual([true, false, false]);
    clock.advance(5);
    expect(['b', 'c'].map((broker) => faults.isAvailable(broker))).toEqual([true, false]);
    expect(() => new FaultTable(clock, { latencyMax: [1, 1], notAvailableDuration: [1, 2] })).toThrow(
      'latencyMax must rise',
    );
    expect(() => new FaultTable(clock, { latencyMax: [1, 2, 3] })).toThrow('as long as notAvailableDuration');
  });
});
