import { describe, expect, it } from 'vitest';
import { RebalanceLockManager } from '../../../src/core/broker/rebalance-lock-manager.ts';
import { HeldClock } from './held-clock.ts';

const queue = (queueId: number) => ({ topic: 'T', brokerName: 'b', queueId });

describe('RebalanceLockManager', () => {
  it('gives a lock to another client only after 60 s without renewal', () => {
    const clock = new HeldClock();
    const locks = new RebalanceLockManager(clock);
    expect(locks.tryLockBatch('G', [queue(0)], 'one')).toEqual([queue(0)]);
    clock.advance(60_000);
    expect(locks.tryLockBatch('G', [queue(0)], 'two')).toEqual([]);
    clock.advance(1);
    expect(locks.tryLockBatch('G', [queue(0)], 'two')).toEqual([queue(0)]);
    expect(locks.tryLockBatch('G', [queue(0)], 'one')).toEqual([]);
  });

  it('renews, and keeps groups apart', () => {
    const clock = new HeldClock();
    const locks = new RebalanceLockManager(clock);
    locks.tryLockBatch('G', [queue(0)], 'one');
    clock.advance(40_000);
    locks.tryLockBatch('G', [queue(0)], 'one');
    clock.advance(40_000);
    expect(locks.tryLockBatch('G', [queue(0)], 'two')).toEqual([]);
    expect(locks.tryLockBatch('Other', [queue(0)], 'two')).toEqual([queue(0)]);
  });

  it('forgets locks that ran out and no others', () => {
    const clock = new HeldClock();
    const locks = new RebalanceLockManager(clock);
    locks.tryLockBatch('G', [queue(0)], 'one');
    clock.advance(30_000);
    locks.tryLockBatch('G', [queue(1)], 'one');
    clock.advance(30_001);
    locks.scan();
    expect(locks.tryLockBatch('G', [queue(0), queue(1)], 'two')).toEqual([queue(0)]);
  });
});
