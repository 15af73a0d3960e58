import { describe, expect, it } from 'vitest';
import { OffsetSet } from '../../../src/core/broker/offset-set.ts';
import { CHUNK_OFFSETS } from '../../../src/core/store/timer-offsets.ts';

describe('a set of offsets', () => {
  it('finds the next that is not in it, over whole bytes and chunks', () => {
    const set = new OffsetSet();
    for (let offset = 3; offset < CHUNK_OFFSETS + 21; offset++) set.add(offset);
    expect([set.next(0), set.next(3), set.next(CHUNK_OFFSETS + 20), set.next(CHUNK_OFFSETS + 21)]).toEqual([
      0,
      CHUNK_OFFSETS + 21,
      CHUNK_OFFSETS + 21,
      CHUNK_OFFSETS + 21,
    ]);
  });

  it('is what it was when it is made of its bits again', () => {
    const set = new OffsetSet();
    const from = 2 * CHUNK_OFFSETS + 5;
    set.from = from;
    const offsets = [from, from + 1, from + 9, 5 * CHUNK_OFFSETS];
    for (const offset of offsets) set.add(offset);
    const again = new OffsetSet();
    again.restore(from, set.toBits());
    expect(again.from).toBe(from);
    expect(offsets.map((offset) => again.has(offset))).toEqual([true, true, true, true]);
    expect([again.next(from), again.has(from + 2), again.has(5 * CHUNK_OFFSETS + 1)]).toEqual([from + 2, false, false]);
  });

  it('has no bits when there is nothing in it', () => {
    expect(new OffsetSet().toBits()).toHaveLength(0);
  });
});
