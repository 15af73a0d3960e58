import { describe, expect, it } from 'vitest';
import { OutputPool } from '../../../src/core/remoting/output-pool.ts';

const CHUNK = 288 * 1024;

/** A pool with a connection that wants to be flushed and says whether the system took it all. */
function poolWithOutput(taken: boolean, onFlush = (_pool: OutputPool): void => {}) {
  const pool = new OutputPool();
  const { chunk } = pool;
  pool.makeRoom(CHUNK - 10);
  pool.used = CHUNK - 10;
  let flushes = 0;
  pool.markDirty({
    flush: () => {
      flushes++;
      onFlush(pool);
      return taken;
    },
  });
  return { pool, chunk, flushes: () => flushes };
}

describe('OutputPool', () => {
  it('writes what it holds when it is full, and begins again in the same memory', async () => {
    const { pool, chunk, flushes } = poolWithOutput(true);
    pool.makeRoom(10);
    expect(flushes()).toBe(0);
    pool.makeRoom(11);
    expect([flushes(), pool.chunk === chunk, pool.used]).toEqual([1, true, 0]);
    await new Promise((resolve) => process.nextTick(resolve));
    expect(flushes()).toBe(1);
  });

  it('leaves the memory to a socket that could not take all', () => {
    const { pool, chunk } = poolWithOutput(false);
    pool.makeRoom(11);
    expect([pool.chunk === chunk, pool.used]).toEqual([false, 0]);
  });

  it('leaves it also when somebody writes while others are flushed', () => {
    const { pool, chunk, flushes } = poolWithOutput(true, (full) => full.makeRoom(11));
    pool.makeRoom(11);
    expect([flushes(), pool.chunk === chunk]).toEqual([1, false]);
  });
});
