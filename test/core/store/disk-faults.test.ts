import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bodies,
  crashCopy,
  errno,
  hexOf,
  names,
  numbered,
  openStore,
  put,
  putMany,
  segmentPath,
  settle,
} from './store-fixture.ts';

const RECORD = 94;

describe('a start on a full disk', () => {
  it('fails and leaves no lock and no draft of one', async () => {
    const { store, disk, rootDir } = await openStore();
    await store.stop();
    const before = names(rootDir);
    const { write } = disk;
    disk.write = () => {
      throw errno('ENOSPC');
    };
    await expect(openStore({ rootDir, disk })).rejects.toMatchObject({ code: 'STORE' });
    expect(names(rootDir)).toEqual(before);
    disk.write = write;
    await expect(openStore({ rootDir, disk })).resolves.toBeDefined();
  });
});

describe('a write to the commitlog that fails', () => {
  it.each([
    ['ENOSPC', 'SERVICE_NOT_AVAILABLE'],
    ['EDQUOT', 'SERVICE_NOT_AVAILABLE'],
    ['EIO', 'UNKNOWN_ERROR'],
  ])('with %s is answered %s by all of the tick, and leaves the store whole', async (code, status) => {
    const { store, disk, rootDir } = await openStore();
    await putMany(store, 3);
    const { write } = disk;
    disk.write = () => {
      throw errno(code);
    };
    const failed = await putMany(store, 5);
    expect(failed.map((answer) => answer.status)).toEqual(Array(5).fill(status));
    expect(failed[0]).toMatchObject({ physicOffset: -1, queueOffset: -1, count: 0 });
    expect([store.maxOffsetInQueue('T', 0), store.commitLogMaxOffset, store.dispatchBehindBytes]).toEqual([
      3,
      3 * RECORD,
      0,
    ]);
    expect(store.stats).toMatchObject({ putMessageTimesTotal: 3, putMessageFailedTimes: 5 });
    disk.write = write;
    expect(await put(store, { body: 'm3' })).toMatchObject({
      status: 'PUT_OK',
      queueOffset: 3,
      physicOffset: 3 * RECORD,
    });
    expect(bodies(store)).toEqual(numbered(4));
    const recovered = await openStore({ rootDir: crashCopy(rootDir) });
    expect(bodies(recovered.store)).toEqual(numbered(4));
  });

  it('half way leaves nothing of it behind', async () => {
    const { store, disk, rootDir } = await openStore();
    await putMany(store, 3);
    const { write } = disk;
    let calls = 0;
    disk.write = (fd, buffer, start, length, position) => {
      calls++;
      // A disk that fills up: the first call writes what still fits (two records and a half), the next one fails.
      if (calls === 1) return write(fd, buffer, start, 235, position);
      if (calls === 2) throw errno('ENOSPC');
      return write(fd, buffer, start, length, position);
    };
    const failed = await putMany(store, 5, {}, 50);
    expect(failed.map((answer) => answer.status)).toEqual(Array(5).fill('SERVICE_NOT_AVAILABLE'));
    expect(hexOf(segmentPath(rootDir, 0), 3 * RECORD, 4096)).toBe('00'.repeat(4096 - 3 * RECORD));
    await put(store, { queueId: 1, body: 'm0' });
    const recovered = await openStore({ rootDir: crashCopy(rootDir) });
    expect(bodies(recovered.store)).toEqual(numbered(3));
    expect(bodies(recovered.store, 'T', 1)).toEqual(['m0']);
  });

  it('is not followed by another write before what it left is wiped', async () => {
    const { store, disk, rootDir } = await openStore();
    await put(store, { body: 'm0' });
    const { write } = disk;
    let calls = 0;
    disk.write = (fd, buffer, start, _length, position) => {
      calls++;
      if (calls === 1) return write(fd, buffer, start, 120, position);
      throw errno('EIO');
    };
    expect((await putMany(store, 2)).map((answer) => answer.status)).toEqual(['UNKNOWN_ERROR', 'UNKNOWN_ERROR']);
    expect((await put(store)).status).toBe('UNKNOWN_ERROR');
    disk.write = write;
    expect((await put(store, { body: 'm1' })).status).toBe('PUT_OK');
    expect(hexOf(segmentPath(rootDir, 0), 2 * RECORD, 4096)).toBe('00'.repeat(4096 - 2 * RECORD));
    expect(bodies(store)).toEqual(numbered(2));
  });

  it('at the roll to a new file takes the BLANK back too', async () => {
    const { store, disk, rootDir } = await openStore({ mappedFileSizeCommitLog: 512 });
    await putMany(store, 4);
    const { rename } = disk;
    disk.rename = () => {
      throw errno('EACCES');
    };
    const failed = await putMany(store, 3, {}, 4);
    expect(failed.map((answer) => answer.status)).toEqual(Array(3).fill('CREATE_MAPEDFILE_FAILED'));
    expect(hexOf(segmentPath(rootDir, 0), 4 * RECORD, 512)).toBe('00'.repeat(512 - 4 * RECORD));
    disk.rename = rename;
    await putMany(store, 3, {}, 4);
    expect(bodies(store)).toEqual(numbered(7));
    const recovered = await openStore({ rootDir: crashCopy(rootDir), mappedFileSizeCommitLog: 512 });
    expect(bodies(recovered.store)).toEqual(numbered(7));
  });

  it('in short pieces is no failure', async () => {
    const { store, disk } = await openStore();
    const { write } = disk;
    disk.write = (fd, buffer, start, length, position) => write(fd, buffer, start, Math.min(length, 33), position);
    await putMany(store, 10);
    expect(bodies(store)).toEqual(numbered(10));
  });
});

describe('a queue that cannot be written', () => {
  it('closes the store for puts until it can, and loses nothing', async () => {
    const { store, disk, clock, rootDir } = await openStore();
    await putMany(store, 10);
    const { open } = disk;
    disk.open = () => {
      throw errno('ENOSPC');
    };
    clock.advance(200);
    expect(store.notWriteableBecause).toBe('a consumequeue cannot be written');
    expect((await put(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    expect(bodies(store)).toEqual(numbered(10));
    disk.open = open;
    clock.advance(200);
    expect(store.notWriteableBecause).toBeUndefined();
    expect(await put(store, { body: 'm10' })).toMatchObject({ status: 'PUT_OK', queueOffset: 10 });
    await store.stop();
    const again = await openStore({ rootDir });
    expect(bodies(again.store)).toEqual(numbered(11));
  });
});

it('a queue file that cannot be moved into place is tried again, and the checkpoint waits for it', async () => {
  const { store, disk, clock, rootDir } = await openStore({ flushConsumeQueueThoroughInterval: 1000 });
  await putMany(store, 3);
  const { rename } = disk;
  disk.rename = (from, to) => {
    if (to.includes('consumequeue')) throw errno('ENOSPC');
    rename(from, to);
  };
  clock.advance(3000);
  await settle();
  await expect.poll(() => names(join(rootDir, 'staging')).length).toBe(1);
  expect(names(rootDir)).not.toContain('checkpoint');
  expect(await put(store, { body: 'm3' })).toMatchObject({ status: 'PUT_OK' });
  expect(bodies(store)).toEqual(numbered(4));
  disk.rename = rename;
  const advanced = (): string[] => {
    clock.advance(1000);
    return names(rootDir);
  };
  await expect.poll(advanced).toContain('checkpoint');
  expect(names(join(rootDir, 'staging'))).toEqual([]);
  expect(bodies((await openStore({ rootDir: crashCopy(rootDir) })).store)).toEqual(numbered(4));
});

describe('an fsync that fails', () => {
  it('closes the store for good, keeps abort, and the next start recovers', async () => {
    const { store, disk, clock, rootDir } = await openStore({ mappedFileSizeCommitLog: 1024 * 1024 });
    await put(store, { body: Buffer.alloc(30_000) });
    disk.dataSync = () => Promise.reject(errno('EIO'));
    clock.advance(500);
    await settle();
    expect(store.notWriteableBecause).toBe('the commitlog cannot be flushed to the disk');
    expect((await put(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    expect(store.flushBehindBytes).toBeGreaterThan(30_000);
    await store.stop();
    expect(names(rootDir)).toContain('abort');
    const again = await openStore({ rootDir, mappedFileSizeCommitLog: 1024 * 1024 });
    expect(bodies(again.store)).toHaveLength(1);
    expect(again.store.notWriteableBecause).toBeUndefined();
  });
});

describe('a disk that cannot be opened', () => {
  it('is a STORE error that names the directory, and gives the lock back', async () => {
    const { store, disk, rootDir } = await openStore();
    await store.stop();
    const { list } = disk;
    disk.list = () => {
      throw errno('EIO');
    };
    await expect(openStore({ rootDir, disk })).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringContaining(rootDir),
    });
    disk.list = list;
    await expect(openStore({ rootDir, disk })).resolves.toBeDefined();
  });
});
