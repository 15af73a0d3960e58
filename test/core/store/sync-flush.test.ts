import { describe, expect, it } from 'vitest';
import type { Disk } from '../../../src/core/store/disk.ts';
import type { PutMessageStatus } from '../../../src/core/store/message-store.ts';
import { bodies, crashCopy, errno, openStore, put, settle, testDisk } from './store-fixture.ts';

const SYNC = { flushDiskType: 'SYNC_FLUSH', mappedFileSizeCommitLog: 1024 * 1024 } as const;

/** Makes the fsyncs of the commitlog wait until the test ends them one by one. */
function holdSyncs(disk: Disk, isCommitLog: (fd: number) => boolean) {
  const waiting: { done: () => void; fail: (error: Error) => void }[] = [];
  let total = 0;
  disk.dataSync = (fd) => {
    if (!isCommitLog(fd)) return Promise.resolve();
    total++;
    return new Promise((done, fail) => waiting.push({ done, fail }));
  };
  return {
    get total(): number {
      return total;
    },
    done: () => waiting.shift()?.done(),
    fail: (error: Error) => waiting.shift()?.fail(error),
  };
}

/** Puts without waiting; the statuses come as they are answered. */
function putMany(store: Parameters<typeof put>[0], ...bodies: string[]): { statuses: PutMessageStatus[] } {
  const result: { statuses: PutMessageStatus[] } = { statuses: [] };
  for (const body of bodies) void put(store, { body }).then(({ status }) => result.statuses.push(status));
  return result;
}

async function openSync() {
  const disk = testDisk();
  const { dataSync, open } = disk;
  const commitLogFds = new Set<number>();
  disk.open = (path, flags) => {
    const fd = open(path, flags);
    if (path.includes('commitlog')) commitLogFds.add(fd);
    else commitLogFds.delete(fd);
    return fd;
  };
  const opened = await openStore({ ...SYNC, disk });
  const syncs = holdSyncs(disk, (fd) => commitLogFds.has(fd));
  return {
    ...opened,
    syncs,
    /** Lets the stop of the store have its fsyncs. */
    letGo: () => {
      opened.disk.dataSync = dataSync;
      for (let i = 0; i < 10; i++) syncs.done();
    },
  };
}

describe('with SYNC_FLUSH', () => {
  it('a put is answered when the fsync that began after its write is done; one serves all that came before it', async () => {
    const { store, syncs, letGo } = await openSync();
    const first = putMany(store, 'a', 'b', 'c');
    await settle();
    expect(syncs.total).toBe(1);
    const second = putMany(store, 'd');
    await settle();
    const third = putMany(store, 'e', 'f');
    await settle();
    expect([...first.statuses, ...second.statuses, ...third.statuses]).toEqual([]);
    expect(bodies(store)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    syncs.done();
    await settle();
    expect(first.statuses).toEqual(['PUT_OK', 'PUT_OK', 'PUT_OK']);
    expect([...second.statuses, ...third.statuses]).toEqual([]);
    expect(syncs.total).toBe(2);
    syncs.done();
    await settle();
    expect([...second.statuses, ...third.statuses]).toEqual(['PUT_OK', 'PUT_OK', 'PUT_OK']);
    letGo();
  });

  it('a put that waits longer than syncFlushTimeout is answered FLUSH_DISK_TIMEOUT, once, and stays in the log', async () => {
    const { store, clock, syncs, letGo } = await openSync();
    const early = put(store, { body: 'slow' });
    await settle();
    clock.advance(4000);
    const late = putMany(store, 'next');
    await settle();
    clock.advance(1000);
    expect(await early).toMatchObject({ status: 'FLUSH_DISK_TIMEOUT', physicOffset: 0, queueOffset: 0, count: 1 });
    expect(late.statuses).toEqual([]);
    syncs.done();
    await settle();
    syncs.done();
    await settle();
    expect(late.statuses).toEqual(['PUT_OK']);
    expect(bodies(store)).toEqual(['slow', 'next']);
    letGo();
  });

  it('a failed fsync is never taken for success: what waits is told, and nothing more is taken', async () => {
    const { store, syncs, letGo } = await openSync();
    const waiting = putMany(store, 'a', 'b');
    await settle();
    const behind = putMany(store, 'c');
    await settle();
    syncs.fail(errno('EIO'));
    await settle();
    expect([...waiting.statuses, ...behind.statuses]).toEqual([
      'FLUSH_DISK_TIMEOUT',
      'FLUSH_DISK_TIMEOUT',
      'FLUSH_DISK_TIMEOUT',
    ]);
    letGo();
    expect(await put(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
    expect(store.notWriteableBecause).toBe('the commitlog cannot be flushed to the disk');
  });

  it('WAIT=false does not wait', async () => {
    const { store, syncs, letGo } = await openSync();
    expect(await put(store, { body: 'hurried', waitStoreMsgOK: false })).toMatchObject({ status: 'PUT_OK' });
    expect(syncs.total).toBe(1);
    letGo();
  });

  it('the mode may change while the store is open', async () => {
    const { store, syncs, letGo } = await openSync();
    store.change({ flushDiskType: 'ASYNC_FLUSH' });
    expect(await put(store)).toMatchObject({ status: 'PUT_OK' });
    expect(syncs.total).toBe(0);
    store.change({ flushDiskType: 'SYNC_FLUSH', syncFlushTimeout: 100 });
    const waiting = putMany(store, 'a');
    await settle();
    expect(waiting.statuses).toEqual([]);
    letGo();
    await settle();
    expect(waiting.statuses).toEqual(['PUT_OK']);
  });

  it('no more than 65,536 puts wait', async () => {
    const { store, letGo } = await openSync();
    const waiting = putMany(store, ...Array.from({ length: 65_536 }, () => 'x'));
    await settle();
    expect(await put(store)).toMatchObject({ status: 'OS_PAGECACHE_BUSY' });
    letGo();
    await expect.poll(() => waiting.statuses.filter((status) => status === 'PUT_OK').length).toBe(65_536);
    expect(await put(store)).toMatchObject({ status: 'PUT_OK' });
  });

  it('what was acknowledged is there after a stop in the middle', async () => {
    const { store, rootDir } = await openStore(SYNC);
    await put(store, { body: 'kept' });
    const { store: after } = await openStore({ ...SYNC, rootDir: crashCopy(rootDir) });
    expect(bodies(after)).toEqual(['kept']);
  });
});
