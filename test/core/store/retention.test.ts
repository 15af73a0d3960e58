import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import {
  bodies,
  drain,
  names,
  numbered,
  openStore,
  put,
  putMany,
  queuePath,
  segmentPath,
  settle,
  testDisk,
} from './store-fixture.ts';

const RECORD = 94;
/** Records of a 4 KiB file. */
const PER_FILE = 43;
const HOUR = 3_600_000;

/** The disk's share that is used, percent; a store of `files` commitlog files, and a clock at an hour that is not deleteWhen. */
async function open(files: number, options: Partial<MessageStoreOptions> = {}) {
  const state = { used: 10 };
  const disk = testDisk();
  disk.usage = () => ({ total: 100, used: state.used, available: 100 - state.used });
  // Within the turn, so that only the clock says when something happens.
  disk.unlinkLater = async (path) => disk.unlink(path);
  const opened = await openStore({ disk, deleteWhen: 'never', ...options });
  await putMany(opened.store, (files - 1) * PER_FILE + 1);
  // The files were written to in the test's time, which the clock of the store knows nothing of.
  const age = (index: number, hours: number): void => {
    const at = new Date(opened.clock.time - hours * HOUR);
    utimesSync(segmentPath(opened.rootDir, index * 4096), at, at);
  };
  for (let index = 0; index < files; index++) age(index, 0);
  const round = async (): Promise<void> => {
    // In steps, because the pauses between files are the clock's, too.
    for (const ms of [...Array(60).fill(1000), ...Array(50).fill(100)]) {
      opened.clock.advance(ms);
      await settle();
    }
  };
  return { ...opened, state, age, round, left: () => names(join(opened.rootDir, 'commitlog')).map(Number) };
}

const hourOf = (time: number): string => String(new Date(time + 65_000).getHours()).padStart(2, '0');

describe('commitlog files', () => {
  it('go when they expired, in the hour of deleteWhen, up to the first that did not', async () => {
    const { store, clock, age, round, left } = await open(5, { fileReservedTime: 48 });
    for (const index of [0, 1, 3]) age(index, 49);
    await round();
    expect(left()).toHaveLength(5);
    store.change({ deleteWhen: `xx;${hourOf(clock.time)}` });
    await round();
    expect(left()).toEqual([2 * 4096, 3 * 4096, 4 * 4096]);
    expect(store.commitLogMinOffset).toBe(2 * 4096);
  });

  it('the one that is written to never goes, nor one made ahead of it', async () => {
    const { age, round, left, clock, store } = await open(3);
    store.change({ deleteWhen: hourOf(clock.time) });
    for (const index of [0, 1, 2]) age(index, 1000);
    await round();
    expect(left()).toEqual([2 * 4096]);
    expect(await put(store, { body: 'still' })).toMatchObject({ status: 'PUT_OK' });
  });

  it('no more than ten a round', async () => {
    const { age, round, left, clock, store } = await open(14);
    store.change({ deleteWhen: hourOf(clock.time), cleanResourceInterval: 1_000_000 });
    for (let index = 0; index < 14; index++) age(index, 1000);
    await round();
    expect(left()).toHaveLength(4);
  });

  it('expired ones go at any hour when the disk is fuller than diskMaxUsedSpaceRatio, or when it cannot be asked', async () => {
    const { age, round, left, state, disk } = await open(5, {
      diskMaxUsedSpaceRatio: 50,
      cleanFileForciblyEnable: false,
    });
    age(0, 100);
    state.used = 50;
    await round();
    expect(left()).toHaveLength(5);
    state.used = 51;
    await round();
    expect(left()).toHaveLength(4);
    age(1, 100);
    disk.usage = () => {
      throw new Error('EIO');
    };
    await round();
    expect(left()).toHaveLength(3);
  });

  it('the oldest go regardless of their age over diskSpaceCleanForciblyRatio, unless that is switched off', async () => {
    const { round, left, state, store } = await open(4, { cleanFileForciblyEnable: false });
    state.used = 86;
    await round();
    expect(left()).toHaveLength(4);
    store.change({ cleanFileForciblyEnable: true });
    await round();
    expect(left()).toEqual([3 * 4096]);
  });

  it('expired ones go when somebody asks, in twenty rounds', async () => {
    const { age, round, left, store } = await open(4);
    age(0, 100);
    store.deleteExpiredCommitLog();
    await expect.poll(left).toHaveLength(3);
    age(1, 100);
    await round();
    expect(left()).toHaveLength(2);
    for (let i = 0; i < 5; i++) await round();
    age(2, 100);
    await round();
    expect(left()).toHaveLength(2);
  });
});

it('a file that is deleted before it was flushed takes nothing else with it', async () => {
  const { store, state, round, clock } = await open(3, {
    ...{ flushCommitLogLeastPages: 1000, flushCommitLogThoroughInterval: 10_000_000 },
    // A checkpoint has the log flushed, too.
    flushConsumeQueueThoroughInterval: 10_000_000,
  });
  state.used = 86;
  await round();
  expect(store.commitLogMinOffset).toBe(2 * 4096);
  expect(store.flushBehindBytes).toBeGreaterThan(2 * 4096);
  store.change({ flushCommitLogLeastPages: 0 });
  clock.advance(500);
  await expect.poll(() => store.flushBehindBytes).toBe(0);
  expect(store.notWriteableBecause).toBeUndefined();
  expect(await put(store)).toMatchObject({ status: 'PUT_OK' });
});

describe('a full disk', () => {
  it('refuses writes over diskSpaceWarningLevelRatio, says the ratio and the limit, and takes them again', async () => {
    const { store, state, clock } = await open(1);
    state.used = 91;
    clock.advance(1000);
    expect(store.notWriteableBecause).toBe(
      'the disk of the commitlog is 0.91 full, over the limit of 0.90 (diskSpaceWarningLevelRatio)',
    );
    expect(await put(store)).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
    state.used = 90;
    clock.advance(10_000);
    expect(store.notWriteableBecause).toBeUndefined();
    state.used = 97;
    clock.advance(10_000);
    expect(store.notWriteableBecause).toContain('0.97');
    store.change({ diskSpaceWarningLevelRatio: 98 });
    expect(await put(store)).toMatchObject({ status: 'PUT_OK' });
  });
});

describe('what follows the commitlog', () => {
  it('queue files and first offsets, and what a slow consumer is told', async () => {
    // 20 units a file.
    const { store, rootDir, age, round, clock } = await open(4, { mappedFileSizeConsumeQueue: 400 });
    store.change({ deleteWhen: hourOf(clock.time) });
    await put(store, { topic: 'Other', body: 'old' });
    await putMany(store, 3 * PER_FILE, {}, 1000);
    const queueFiles = (): number[] => names(join(rootDir, 'consumequeue', 'T', '0')).map(Number);
    const settled = (): boolean => {
      clock.advance(1000);
      return (
        existsSync(queuePath(rootDir, 0)) && queueFiles().length === Math.ceil(store.maxOffsetInQueue('T', 0) / 20)
      );
    };
    await expect.poll(settled).toBe(true);
    for (const index of [0, 1, 2, 3]) age(index, 100);
    const first = drain(store).find((message) => message.commitLogOffset >= 4 * 4096)?.queueOffset ?? 0;
    await round();
    expect(store.commitLogMinOffset).toBe(4 * 4096);
    expect(store.minOffsetInQueue('T', 0)).toBe(first);
    expect(existsSync(queuePath(rootDir, 0))).toBe(false);
    expect(queueFiles()[0]).toBe(Math.floor(first / 20) * 400);
    expect(store.getMessage('T', 0, 0, 32)).toMatchObject({ status: 'OFFSET_TOO_SMALL', nextBeginOffset: first });
    expect(drain(store)[0]?.queueOffset).toBe(first);
    const units = (index: number) => store.queueUnits({ topic: 'T', queueId: 0, index, count: 100 })?.units;
    expect(units(first - 1)).toBeUndefined();
    expect(units(first)).toHaveLength(20 - (first % 20));
    // Nothing is left of the other queue: it begins at its end.
    expect([store.minOffsetInQueue('Other', 0), store.maxOffsetInQueue('Other', 0)]).toEqual([1, 1]);
    expect(store.getMessage('Other', 0, 0, 32)).toMatchObject({ status: 'OFFSET_TOO_SMALL', nextBeginOffset: 1 });
    expect(await put(store, { topic: 'Other', body: 'new' })).toMatchObject({ queueOffset: 1 });
    expect(bodies(store, 'Other')).toEqual(['new']);
  });

  it('messages that are in memory only keep their place', async () => {
    const { store, age, round, clock } = await open(3);
    store.change({ deleteWhen: hourOf(clock.time) });
    for (const index of [0, 1]) age(index, 100);
    await round();
    expect(await put(store, { body: 'fresh' })).toMatchObject({ status: 'PUT_OK' });
    expect(store.minOffsetInQueue('T', 0)).toBe(2 * PER_FILE);
    expect(bodies(store)).toEqual([`m${2 * PER_FILE}`, 'fresh']);
  });

  it('index files', async () => {
    const { store, rootDir, age, round, clock } = await open(1, { maxIndexNum: 50 });
    for (let i = 0; i < 200; i++) void put(store, { body: `k${i}`, properties: { KEYS: `k${i}` } });
    await put(store, { body: 'last', properties: { KEYS: 'last' } });
    const before = names(join(rootDir, 'index')).length;
    store.change({ deleteWhen: hourOf(clock.time) });
    for (let index = 0; index < 6; index++) if (existsSync(segmentPath(rootDir, index * 4096))) age(index, 100);
    await round();
    expect(names(join(rootDir, 'index')).length).toBeLessThan(before);
    const find = async (key: string) =>
      (await store.queryMessage({ topic: 'T', key, maxNum: 1, begin: 0, end: 2 ** 50 })).records.length;
    expect([await find('k0'), await find('last')]).toEqual([0, 1]);
  });

  it('the next start finds the same', async () => {
    const { store, rootDir, age, round, clock } = await open(4);
    store.change({ deleteWhen: hourOf(clock.time) });
    for (const index of [0, 1]) age(index, 100);
    await round();
    await store.stop();
    const { store: again } = await openStore({ rootDir });
    expect(again.commitLogMinOffset).toBe(2 * 4096);
    expect(again.minOffsetInQueue('T', 0)).toBe(2 * PER_FILE);
    expect(bodies(again)).toEqual(numbered(PER_FILE + 1, 2 * PER_FILE));
    expect(RECORD * PER_FILE).toBeLessThan(4096);
  });
});

describe('on request', () => {
  it('queues whose messages are all gone are deleted and begin at 0 again', async () => {
    const { store, rootDir, age, round, clock } = await open(1);
    await put(store, { topic: 'Gone', queueId: 3 });
    await put(store, { topic: 'SCHEDULE_TOPIC_XXXX', queueId: 3 });
    await putMany(store, 2 * PER_FILE);
    expect(store.cleanExpiredQueues()).toBe(0);
    const kept = join(rootDir, 'consumequeue', 'SCHEDULE_TOPIC_XXXX', '3');
    const settled = (): boolean => {
      clock.advance(1000);
      return existsSync(kept) && existsSync(join(rootDir, 'consumequeue', 'Gone', '3'));
    };
    await expect.poll(settled).toBe(true);
    store.change({ deleteWhen: hourOf(clock.time) });
    age(0, 100);
    await round();
    expect(store.cleanExpiredQueues()).toBe(1);
    expect(existsSync(join(rootDir, 'consumequeue', 'Gone', '3'))).toBe(false);
    expect(existsSync(kept)).toBe(true);
    expect(await put(store, { topic: 'Gone', queueId: 3, body: 'anew' })).toMatchObject({ queueOffset: 0 });
    expect(bodies(store, 'Gone', 3)).toEqual(['anew']);
  });

  it('queues of topics nobody uses are deleted', async () => {
    const { store, rootDir } = await open(1);
    for (const topic of ['Unused', 'SCHEDULE_TOPIC_XXXX', 'RMQ_SYS_TRANS_OP_HALF_TOPIC']) await put(store, { topic });
    expect(store.cleanUnusedTopics((topic) => topic === 'T')).toEqual(['Unused']);
    expect(existsSync(join(rootDir, 'consumequeue', 'Unused'))).toBe(false);
    expect(store.maxOffsetInQueue('Unused', 0)).toBe(0);
    expect([store.maxOffsetInQueue('T', 0), store.maxOffsetInQueue('SCHEDULE_TOPIC_XXXX', 0)]).toEqual([1, 1]);
  });
});
