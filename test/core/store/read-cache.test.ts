import { describe, expect, it } from 'vitest';
import { hold, type MemoryRange, ReadCache } from '../../../src/core/store/commitlog/read-cache.ts';
import { messagesOf, openStore, put, testDisk } from './store-fixture.ts';

const BLOCK = 256 * 1024;
/** A block holds the beginning of the next one as well. */
const READ = BLOCK + 16 * 1024;
const FILE = 3 * BLOCK + 1000;

/** A cache over a log whose byte at offset n is n mod 251; `reads` are the ranges that were read. */
function cacheOfCountingBytes(fileSize = FILE) {
  const reads: [number, number][] = [];
  let atOnce = 0;
  let most = 0;
  const cache = new ReadCache(fileSize, async (buffer, offset) => {
    reads.push([offset, buffer.length]);
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce--;
    for (let i = 0; i < buffer.length; i++) buffer[i] = (offset + i) % 251;
  });
  /** Loads records and checks their bytes. */
  const load = async (records: [offset: number, size: number][], writtenOffset = 1 << 30): Promise<void> => {
    const found: MemoryRange[] = [];
    await cache.load(
      records.map(([offset, size]) => ({ offset, size, found: (range) => found.push(range) })),
      writtenOffset,
    );
    expect(found).toHaveLength(records.length);
    for (const [offset, size] of records) {
      const range = found.find(({ buffer, start }) => start <= offset && offset + size <= start + buffer.length);
      expect(range?.buffer[offset - range.start]).toBe(offset % 251);
      expect(range?.buffer[offset + size - 1 - range.start]).toBe((offset + size - 1) % 251);
    }
  };
  return { cache, reads, load, mostAtOnce: () => most };
}

describe('ReadCache', () => {
  it('reads one record alone, and the block when a second one is wanted, once', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    await load([[100, 50]]);
    expect(cache.find(100, 50)).toBeUndefined();
    await load([[5000, 50]]);
    expect(cache.find(100, 50)?.start).toBe(0);
    await load([[200, 50]]);
    expect(reads).toEqual([
      [100, 50],
      [0, READ],
    ]);
  });

  it('reads the block at once when several of its records are wanted, by whoever', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    await Promise.all([
      load([
        [100, 50],
        [150, 50],
        [BLOCK + 1, 10],
      ]),
      load([
        [300, 50],
        [900, 50],
      ]),
    ]);
    expect(reads.sort(([a], [b]) => a - b)).toEqual([
      [0, READ],
      [BLOCK + 1, 10],
    ]);
    expect(cache.find(900, 50)?.start).toBe(0);
  });

  it('keeps nothing of a block that is not all written', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    const two: [number, number][] = [
      [100, 50],
      [150, 50],
    ];
    await load(two, BLOCK - 1);
    await load(two, BLOCK - 1);
    expect(cache.find(100, 50)).toBeUndefined();
    expect(reads).toEqual([
      [100, 100],
      [100, 100],
    ]);
  });

  it('finds a record that lies in two blocks in the first, and reads a large one alone', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    const large = 17 * 1024;
    await load([
      [BLOCK - 100, 50],
      [BLOCK - 50, 100],
    ]);
    expect(cache.find(BLOCK - 50, 100)?.start).toBe(0);
    await load([
      [BLOCK - 150, 50],
      [BLOCK - 100, large],
    ]);
    expect(cache.find(BLOCK - 100, large)).toBeUndefined();
    expect(reads).toEqual([
      [0, READ],
      [BLOCK - 100, large],
    ]);
  });

  it('holds of the next block what is written', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    const end = BLOCK + 20;
    await load(
      [
        [BLOCK - 100, 50],
        [BLOCK - 50, 70],
      ],
      end,
    );
    expect(cache.find(BLOCK - 50, 70)?.start).toBe(0);
    await load([
      [BLOCK - 100, 50],
      [BLOCK - 50, 71],
    ]);
    expect(reads).toEqual([
      [0, end],
      [BLOCK - 50, 71],
    ]);
  });

  it('ends the last block of a file with the file', async () => {
    const { cache, reads, load } = cacheOfCountingBytes();
    await load([
      [3 * BLOCK, 10],
      [3 * BLOCK + 10, 10],
    ]);
    expect(cache.find(FILE, 10)).toBeUndefined();
    await load([
      [FILE, 10],
      [FILE + 10, 10],
    ]);
    expect(cache.find(FILE + 10, 10)?.start).toBe(FILE);
    expect(reads).toEqual([
      [3 * BLOCK, 1000],
      [FILE, READ],
    ]);
  });

  it('has the next blocks ready for a reader that goes on, within the file and what is written', async () => {
    const { cache, reads, load } = cacheOfCountingBytes(4 * BLOCK - 1000);
    const pair = (block: number): [number, number][] => [
      [block * BLOCK + 20_000, 10],
      [block * BLOCK + 20_010, 10],
    ];
    await load(pair(0));
    await load(pair(1));
    await expect.poll(() => cache.find(2 * BLOCK + 20_000, 10)?.start).toBe(2 * BLOCK);
    await load(pair(2), 3 * BLOCK);
    await load(pair(2));
    await expect.poll(() => cache.find(3 * BLOCK + 20_000, 10)?.start).toBe(3 * BLOCK);
    await load(pair(3));
    expect(reads.map(([offset]) => offset)).toEqual([0, BLOCK, 2 * BLOCK, 3 * BLOCK]);
  });

  it('goes on reading ahead for a reader who finds everything in memory', async () => {
    const { cache, reads, load } = cacheOfCountingBytes(1 << 30);
    for (const block of [0, 1]) {
      await load([
        [block * BLOCK + 20_000, 10],
        [block * BLOCK + 20_010, 10],
      ]);
    }
    for (let block = 2; block < 20; block++) {
      await expect.poll(() => cache.find(block * BLOCK + 20_000, 10)?.start).toBe(block * BLOCK);
    }
    await expect.poll(() => reads.length).toBe(24);
    expect(reads.map(([offset]) => offset)).toEqual(Array.from({ length: 24 }, (_, block) => block * BLOCK));
  });

  it('uses the memory of a block again when nobody holds it, and not before', async () => {
    const { cache, load } = cacheOfCountingBytes(1 << 30);
    const far = (block: number): number => block * 2 * BLOCK;
    const use = (block: number): Promise<void> =>
      load([
        [far(block), 10],
        [far(block) + 10, 10],
      ]);
    const rangeAt = async (block: number): Promise<MemoryRange> => {
      await use(block);
      const range = cache.find(far(block), 10);
      if (range === undefined) throw new Error(`block ${block} is not in memory`);
      return range;
    };
    const [held, twice] = [await rangeAt(0), await rangeAt(1)];
    hold(held);
    hold(twice);
    hold(twice);
    cache.letGo(twice);
    const buffers = new Set<Buffer>();
    for (let block = 2; block < 80; block++) buffers.add((await rangeAt(block)).buffer);
    // 30 blocks until the cache was full, one that was read beside it, and those of the two that are held.
    expect(buffers.size).toBeLessThan(40);
    for (const { buffer, start } of [held, twice]) {
      expect(buffers).not.toContain(buffer);
      expect([buffer[0], buffer[READ - 1]]).toEqual([start % 251, (start + READ - 1) % 251]);
    }
    cache.letGo(twice);
    const next = [await rangeAt(80), await rangeAt(81), await rangeAt(82)].map(({ buffer }) => buffer);
    expect(next).toContain(twice.buffer);
    expect(next).not.toContain(held.buffer);
  });

  it('holds a bounded number of blocks, forgets the one not used for longest, and reads two at a time', async () => {
    const { cache, reads, load, mostAtOnce } = cacheOfCountingBytes(1 << 30);
    const far = (block: number): number => block * 2 * BLOCK;
    const use = (block: number): Promise<void> =>
      load([
        [far(block), 10],
        [far(block) + 10, 10],
      ]);
    await Promise.all(Array.from({ length: 32 }, (_, block) => use(block)));
    expect(mostAtOnce()).toBe(2);
    expect(cache.find(0, 10)?.start).toBe(0);
    await use(32);
    expect(reads).toHaveLength(33);
    expect(cache.find(0, 10)?.start).toBe(0);
    expect(cache.find(far(1), 10)).toBeUndefined();
  });

  it('a read that fails fails for those who wait for it, and is tried again', async () => {
    let broken = true;
    const cache = new ReadCache(FILE, async () => {
      if (broken) throw new Error('EIO');
    });
    const records = [0, 10].map((offset) => ({ offset, size: 10, found: () => {} }));
    await expect(cache.load(records, FILE)).rejects.toThrow('EIO');
    broken = false;
    await cache.load(records, FILE);
    expect(cache.find(0, 10)?.start).toBe(0);
  });
});

describe('catching up', () => {
  it('gets every message in order across files, blocks and memory, with far fewer reads than messages', async () => {
    const disk = testDisk();
    let reads = 0;
    const { read, readLater } = disk;
    disk.readLater = (...args) => {
      reads++;
      return readLater(...args);
    };
    const { store } = await openStore({ disk, tailBytes: 1024 * 1024, mappedFileSizeCommitLog: 1024 * 1024 });
    const filler = 'x'.repeat(1000);
    const bodies = Array.from({ length: 4000 }, (_, i) => `${i} ${filler}`);
    await Promise.all(bodies.map((body, i) => put(store, { body, queueId: i % 4 })));
    reads = 0;
    disk.read = (fd, buffer, start, length, position) => {
      // Units of the queues are read in place.
      if (length > 256 * 20) throw new Error('the loop waits for the disk');
      return read(fd, buffer, start, length, position);
    };
    for (let queueId = 0; queueId < 4; queueId++) {
      const got: string[] = [];
      while (got.length < 1000) {
        const result = store.getMessage('T', queueId, got.length, 32);
        await store.readCold(result);
        expect(result.status).toBe('FOUND');
        for (const message of messagesOf(result)) got.push(message.body.toString());
      }
      expect(got).toEqual(bodies.filter((_, i) => i % 4 === queueId));
    }
    expect(reads).toBeLessThan(400);
  });
});
