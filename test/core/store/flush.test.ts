import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Disk } from '../../../src/core/store/disk.ts';
import type { MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import { hexOf, openStore, put, settle } from './store-fixture.ts';

const BIG = { mappedFileSizeCommitLog: 1024 * 1024 };

/** Makes the fsyncs of data wait until the test lets them go. */
function holdSyncs(disk: Disk): { waiting: (() => void)[]; total: () => number } {
  const waiting: (() => void)[] = [];
  let total = 0;
  disk.dataSync = () => {
    total++;
    return new Promise((resolve) => waiting.push(resolve));
  };
  return { waiting, total: () => total };
}

/** A store with a message whose queue file is in place, so that only what follows has something to sync. */
async function openSettled(options: Partial<MessageStoreOptions>) {
  const opened = await openStore({ ...BIG, ...options });
  await put(opened.store);
  opened.clock.advance(1000);
  await expect.poll(() => opened.disk.list(join(opened.rootDir, 'consumequeue', 'T', '0'))).toHaveLength(1);
  return opened;
}

function checkpointOf(rootDir: string): number[] {
  const bytes = Buffer.from(hexOf(join(rootDir, 'checkpoint'), 0, 16), 'hex');
  return [Number(bytes.readBigInt64BE(0)), Number(bytes.readBigInt64BE(8))];
}

describe('flushing', () => {
  it('takes four dirty pages, or ten seconds', async () => {
    const { store, clock } = await openStore(BIG);
    await put(store, { body: Buffer.alloc(4 * 4096 - 200) });
    clock.advance(500);
    await settle();
    expect(store.flushBehindBytes).toBeGreaterThan(0);
    clock.advance(9000);
    expect(store.flushBehindBytes).toBeGreaterThan(0);
    clock.advance(1000);
    await expect.poll(() => store.flushBehindBytes).toBe(0);
    await put(store, { body: Buffer.alloc(4 * 4096) });
    clock.advance(500);
    await expect.poll(() => store.flushBehindBytes).toBe(0);
  });

  it('has one fsync of the commitlog in flight, which covers what was written before it began', async () => {
    const { store, clock, disk } = await openSettled({ flushCommitLogLeastPages: 0 });
    await expect.poll(() => store.flushBehindBytes).toBe(0);
    const { dataSync } = disk;
    const held = holdSyncs(disk);
    await put(store);
    const first = store.commitLogMaxOffset;
    clock.advance(500);
    await put(store);
    clock.advance(500);
    expect(held.total()).toBe(1);
    held.waiting[0]?.();
    await settle();
    expect(store.flushBehindBytes).toBe(store.commitLogMaxOffset - first);
    clock.advance(500);
    expect(held.total()).toBe(2);
    disk.dataSync = dataSync;
    held.waiting[1]?.();
    await settle();
    expect(store.flushBehindBytes).toBe(0);
  });

  it('writes the checkpoint after the fsyncs, with timestamps from before them', async () => {
    const { store, clock, disk, rootDir } = await openSettled({ flushCommitLogThoroughInterval: 1000 });
    await put(store);
    const stored = clock.time;
    clock.advance(58_000);
    await expect.poll(() => store.flushBehindBytes).toBe(0);
    const { dataSync } = disk;
    const held = holdSyncs(disk);
    clock.advance(1000);
    await settle();
    expect(held.waiting).toHaveLength(1);
    await put(store);
    disk.dataSync = dataSync;
    held.waiting[0]?.();
    await expect.poll(() => checkpointOf(rootDir)).toEqual([stored, stored]);
  });

  it('leaves no timer behind', async () => {
    const { store, clock } = await openStore();
    expect(clock.timers).toBeGreaterThan(0);
    await store.stop();
    expect(clock.timers).toBe(0);
  });
});

describe('a commitlog of large files', () => {
  it('has the next file made before the current one is full, and deletes it unused at the stop', async () => {
    const { store, rootDir, disk } = await openStore(BIG);
    const files = (): string[] | undefined => disk.list(join(rootDir, 'commitlog'));
    await put(store, { body: Buffer.alloc(600_000) });
    await expect.poll(files).toEqual(['00000000000000000000', '00000000000001048576']);
    const { open } = disk;
    disk.open = (path, flags) => {
      if (path.includes('staging')) throw new Error('a file is made on the way of a put');
      return open(path, flags);
    };
    expect(await put(store, { body: Buffer.alloc(600_000) })).toMatchObject({
      status: 'PUT_OK',
      physicOffset: 1048576,
    });
    disk.open = open;
    await expect.poll(files).toHaveLength(3);
    await store.stop();
    expect(files()).toHaveLength(2);
    expect(disk.list(join(rootDir, 'staging'))).toEqual([]);
  });

  it('makes the next file at once when it is needed before it is ready', async () => {
    const { store, rootDir, disk } = await openStore(BIG);
    const { createSparse } = disk;
    let release = (): void => {};
    disk.createSparse = async (path, length) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await createSparse(path, length);
    };
    await put(store, { body: Buffer.alloc(600_000) });
    expect(await put(store, { body: Buffer.alloc(600_000) })).toMatchObject({
      status: 'PUT_OK',
      physicOffset: 1048576,
    });
    release();
    disk.createSparse = createSparse;
    await store.stop();
    expect(disk.list(join(rootDir, 'staging'))).toEqual([]);
    expect(disk.list(join(rootDir, 'commitlog'))).toHaveLength(2);
    const again = await openStore({ rootDir, ...BIG });
    expect(again.store.maxOffsetInQueue('T', 0)).toBe(2);
  });
});
