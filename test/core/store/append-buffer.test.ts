import { describe, expect, it } from 'vitest';
import { AppendBuffer } from '../../../src/core/store/commitlog/append-buffer.ts';

const MIB = 1024 * 1024;

/** Puts `size` bytes at `offset` and says they are written. */
function fill(tail: AppendBuffer, offset: number, size: number): Buffer {
  const chunk = tail.reserve(offset, size, false);
  chunk.used += size;
  chunk.written = chunk.used;
  tail.trim();
  return chunk.buffer;
}

describe('the tail in memory', () => {
  it('keeps the newest bytes and drops the oldest', () => {
    const tail = new AppendBuffer(3 * MIB);
    for (let i = 0; i < 10; i++) fill(tail, i * MIB, MIB);
    expect(tail.heldBytes).toBe(3 * MIB);
    expect(tail.find(6 * MIB, 1)).toBeUndefined();
    expect(tail.find(7 * MIB, MIB)?.start).toBe(7 * MIB);
    expect(tail.find(10 * MIB, 1)).toBeUndefined();
  });

  it('uses the memory of a dropped chunk again, but never of one that was lent', () => {
    const tail = new AppendBuffer(MIB);
    const first = fill(tail, 0, MIB);
    const second = fill(tail, MIB, MIB);
    const lent = tail.find(MIB, 1);
    if (lent !== undefined) lent.lent = true;
    const later = Array.from({ length: 6 }, (_, i) => fill(tail, (i + 2) * MIB, MIB));
    expect(later).toContain(first);
    expect(later).not.toContain(second);
  });

  it('does not let a record cross chunks, and gives a large one a chunk of its own', () => {
    const tail = new AppendBuffer(8 * MIB);
    fill(tail, 0, MIB - 10);
    expect(tail.reserve(MIB - 10, 11, false).start).toBe(MIB - 10);
    const large = tail.reserve(5 * MIB, 3 * MIB, false);
    expect([large.used, large.buffer.length]).toEqual([0, 3 * MIB]);
  });

  it('shows written bytes only, and forgets the others on a roll back', () => {
    const tail = new AppendBuffer(MIB);
    fill(tail, 0, 100);
    tail.reserve(100, 50, false).used += 50;
    tail.reserve(4096, 50, true).used += 50;
    expect(tail.find(100, 50)).toBeUndefined();
    expect(tail.unwritten().map((chunk) => chunk.start)).toEqual([0, 4096]);
    tail.rollBack();
    expect(tail.unwritten()).toEqual([]);
    expect(tail.reserve(100, 50, false).used).toBe(100);
  });
});
