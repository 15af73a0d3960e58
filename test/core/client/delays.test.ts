import { describe, expect, it } from 'vitest';
import { Delays } from '../../../src/core/client/delays.ts';
import { HeldClock } from './held-clock.ts';

describe('Delays', () => {
  it('resolves with true after the time', async () => {
    const clock = new HeldClock();
    const wait = new Delays(clock).wait(1000);
    clock.advance(1000);
    expect(await wait).toBe(true);
  });

  it('releases every waiter with false at the end, and leaves no timer', async () => {
    const clock = new HeldClock();
    const delays = new Delays(clock);
    const waits = [delays.wait(1000), delays.wait(2000)];
    delays.end();
    expect(await Promise.all(waits)).toEqual([false, false]);
    expect(await delays.wait(1)).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
