import { describe, expect, it } from 'vitest';
import { ReadCache } from '../../../src/core/store/commitlog/read-cache.ts';
import { messagesOf, openStore, put, testDisk } from './store-fixture.ts';

const BLOCK = 256 * 1024;
const FILE = 3 * BLOCK + 1000;

/** A cache over a log whose byte at offset n is n mod 251; `reads` are the blocks that were loaded. */
function cacheOfCountingBytes(): { cache: ReadCache; reads: [number, number][] } {
  const reads: [number, number][] = [];
  const cache = new ReadCache(FILE, (buffer, offset) => {
    reads.push([offset, buffer.length]);
    for (let i = 0; i < buffer.length; i++) buffer[i] = (offset + i) % 251;
  });
  return { cache, reads };
}

describe('ReadCache', () => {
  it('loads a block when a second record of it is wanted, once', () => {
    const { cache, reads } = cacheOfCountingBytes();
    expect(cache.find(100, 50, FILE)).toBeUndefined();
    expect(reads).toEqual([]);
    const range = cache.find(5000, 50, FILE);
    expect(reads).toEqual([[0, BLOCK]]);
    expect(range?.start).toBe(0);
    expect(range?.buffer[5000]).toBe(5000 % 251);
    expect(cache.find(100, 50, FILE)).toBe(range);
    expect(reads).toHaveLength(1);
  });

  it('leaves alone what is not all written, and records that lie in two blocks', () => {
    const { cache, reads } = cacheOfCountingBytes();
    for (let i = 0; i < 3; i++) expect(cache.find(100, 50, BLOCK - 1)).toBeUndefined();
    for (let i = 0; i < 3; i++) expect(cache.find(BLOCK - 10, 20, FILE)).toBeUndefined();
    expect(reads).toEqual([]);
  });

  it('ends the last block of a file with the file', () => {
    const { cache, reads } = cacheOfCountingBytes();
    cache.find(3 * BLOCK, 10, 2 * FILE);
    cache.find(3 * BLOCK + 10, 10, 2 * FILE);
    expect(cache.find(FILE, 10, 2 * FILE)).toBeUndefined();
    expect(cache.find(FILE + 10, 10, 2 * FILE)?.start).toBe(FILE);
    expect(reads).toEqual([
      [3 * BLOCK, 1000],
      [FILE, BLOCK],
    ]);
  });

  it('holds a bounded number of blocks and forgets the one not used for longest', () => {
    const reads: number[] = [];
    const cache = new ReadCache(1 << 30, (_buffer, offset) => reads.push(offset / BLOCK));
    const use = (block: number): void => {
      cache.find(block * BLOCK, 10, 1 << 30);
      cache.find(block * BLOCK + 10, 10, 1 << 30);
    };
    for (let block = 0; block < 16; block++) use(block);
    use(0);
    use(16);
    expect(reads).toEqual(Array.from({ length: 17 }, (_, block) => block));
    use(0);
    expect(reads).toHaveLength(17);
    use(1);
    expect(reads).toHaveLength(18);
  });
});

describe('catching up', () => {
  it('gets every message in order across files, blocks and memory, with far fewer reads than messages', async () => {
    const disk = testDisk();
    let reads = 0;
    const { read } = disk;
    disk.read = (...args) => {
      reads++;
      return read(...args);
    };
    const { store } = await openStore({ disk, tailBytes: 1024 * 1024, mappedFileSizeCommitLog: 1024 * 1024 });
    const filler = 'x'.repeat(1000);
    const bodies = Array.from({ length: 4000 }, (_, i) => `${i} ${filler}`);
    await Promise.all(bodies.map((body, i) => put(store, { body, queueId: i % 4 })));
    reads = 0;
    for (let queueId = 0; queueId < 4; queueId++) {
      const got: string[] = [];
      while (got.length < 1000) {
        const result = store.getMessage('T', queueId, got.length, 32);
        expect(result.status).toBe('FOUND');
        for (const message of messagesOf(result)) got.push(message.body.toString());
      }
      expect(got).toEqual(bodies.filter((_, i) => i % 4 === queueId));
    }
    expect(reads).toBeLessThan(400);
  });
});
