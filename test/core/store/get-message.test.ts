import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MessageStore } from '../../../src/core/store/message-store.ts';
import { bodies, messagesOf, numbered, type Opened, openStore, put, putMany, segmentPath } from './store-fixture.ts';

function outcomeOf(store: MessageStore, offset: number, topic = 'T'): [string, number, number, number] {
  const { status, nextBeginOffset, minOffset, maxOffset } = store.getMessage(topic, 0, offset, 32);
  return [status, nextBeginOffset, minOffset, maxOffset];
}

/** Ten messages, of which the commitlog file of the first ones is gone. */
async function withLostFile(): Promise<Opened> {
  const first = await openStore({ mappedFileSizeCommitLog: 512, mappedFileSizeConsumeQueue: 100 });
  await putMany(first.store, 12);
  await first.store.stop();
  rmSync(segmentPath(first.rootDir, 0));
  return openStore({ rootDir: first.rootDir, mappedFileSizeCommitLog: 512, mappedFileSizeConsumeQueue: 100 });
}

describe('the status of a get', () => {
  it('is that of the table in behaviours.md section 6', async () => {
    const { store } = await openStore();
    await putMany(store, 3);
    expect(outcomeOf(store, 0, 'unknown')).toEqual(['NO_MATCHED_LOGIC_QUEUE', 0, 0, 0]);
    expect(outcomeOf(store, 0)).toEqual(['FOUND', 3, 0, 3]);
    expect(outcomeOf(store, 2)).toEqual(['FOUND', 3, 0, 3]);
    expect(outcomeOf(store, 3)).toEqual(['OFFSET_OVERFLOW_ONE', 3, 0, 3]);
    expect(outcomeOf(store, 4)).toEqual(['OFFSET_OVERFLOW_BADLY', 3, 0, 3]);
    expect(outcomeOf(store, -1)).toEqual(['OFFSET_TOO_SMALL', 0, 0, 3]);
    store.watch('empty', 0);
    expect(outcomeOf(store, 0, 'empty')).toEqual(['NO_MESSAGE_IN_QUEUE', 0, 0, 0]);
  });

  it('is OFFSET_TOO_SMALL below what retention left', async () => {
    const { store } = await withLostFile();
    // 94 bytes a record: five in the first file of 512.
    expect(store.minOffsetInQueue('T', 0)).toBe(5);
    expect(outcomeOf(store, 4)).toEqual(['OFFSET_TOO_SMALL', 5, 5, 12]);
    expect(bodies(store)).toEqual(numbered(7, 5));
    expect(store.commitLogMinOffset).toBe(512);
  });

  it('stops at the end of a queue file', async () => {
    const { store } = await openStore({ mappedFileSizeConsumeQueue: 100 });
    await putMany(store, 12);
    expect(outcomeOf(store, 2)).toEqual(['FOUND', 5, 0, 12]);
    expect(outcomeOf(store, 5)).toEqual(['FOUND', 10, 0, 12]);
  });
});

describe('filtering by tag', () => {
  it('skips what does not match and says how far it looked', async () => {
    const { store } = await openStore();
    for (let i = 0; i < 10; i++) await put(store, { body: `m${i}`, properties: { TAGS: i % 2 === 0 ? 'A' : 'B' } });
    const result = store.getMessage('T', 0, 0, 3, (code) => code === 66);
    expect(messagesOf(result).map((message) => message.body.toString())).toEqual(['m1', 'm3', 'm5']);
    // As Java: the unit after the last taken one is looked at before the answer is found to be full.
    expect(result.nextBeginOffset).toBe(6);
    expect(store.getMessage('T', 0, 0, 32, () => false)).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 10,
    });
  });

  it('looks at 800 units at most', async () => {
    const { store } = await openStore({ mappedFileSizeConsumeQueue: 40_000, mappedFileSizeCommitLog: 1024 * 1024 });
    await putMany(store, 1500);
    expect(store.getMessage('T', 0, 100, 32, () => false)).toMatchObject({
      status: 'NO_MATCHED_MESSAGE',
      nextBeginOffset: 900,
      messageCount: 0,
    });
    expect(store.getMessage('T', 0, 0, 1000, () => false).nextBeginOffset).toBe(1000);
  });

  it('passes hashes beyond 31 bits and times of delivery as they are', async () => {
    const { store } = await openStore();
    await put(store, { properties: { TAGS: 'polygenelubricants' } });
    await put(store, { topic: 'SCHEDULE_TOPIC_XXXX', properties: { DELAY: '18' } });
    const codes: number[] = [];
    const note = (code: number): boolean => codes.push(code) > 0;
    store.getMessage('T', 0, 0, 1, note);
    store.getMessage('SCHEDULE_TOPIC_XXXX', 0, 0, 1, note);
    expect(codes).toEqual([-2147483648, 1_700_000_000_000 + 7_200_000]);
  });
});

describe('the size of an answer', () => {
  it('is 32 messages or 256 KiB in memory, one message at least', async () => {
    const { store } = await openStore({ mappedFileSizeCommitLog: 4 * 1024 * 1024 });
    await putMany(store, 45);
    expect(store.getMessage('T', 0, 0, 100)).toMatchObject({ messageCount: 32, nextBeginOffset: 32 });
    expect(store.getMessage('T', 0, 0, 5)).toMatchObject({ messageCount: 5, nextBeginOffset: 5 });
    expect(store.getMessage('T', 0, 0, 0)).toMatchObject({ messageCount: 1, nextBeginOffset: 1 });
    for (let i = 0; i < 4; i++) await put(store, { topic: 'big', body: Buffer.alloc(100_000) });
    expect(store.getMessage('big', 0, 0, 32)).toMatchObject({ messageCount: 2, nextBeginOffset: 2 });
    await put(store, { topic: 'huge', body: Buffer.alloc(300_000) });
    await put(store, { topic: 'huge', body: 'x' });
    expect(store.getMessage('huge', 0, 0, 32)).toMatchObject({ messageCount: 1, totalBytes: 300_000 + 91 + 4 });
  });

  it('is 8 messages or 64 KiB when more than 40 percent of memory was written since', async () => {
    const { store } = await openStore({ physicalMemory: 10_000, mappedFileSizeCommitLog: 1024 * 1024 });
    await putMany(store, 100);
    const far = store.getMessage('T', 0, 0, 32);
    expect(far).toMatchObject({ messageCount: 8, suggestPullingFromSlave: true });
    // 4,000 bytes are 42 records.
    expect(store.getMessage('T', 0, 60, 32)).toMatchObject({ messageCount: 32, suggestPullingFromSlave: false });
    expect([store.isInDisk('T', 0, 0), store.isInDisk('T', 0, 60), store.isInDisk('T', 0, 1000)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the records of an answer', () => {
  it('are slices of memory, adjacent ones as one segment', async () => {
    const { store } = await openStore();
    await putMany(store, 5);
    await put(store, { queueId: 1 });
    await putMany(store, 2, {}, 5);
    const result = store.getMessage('T', 0, 0, 32);
    expect(result.segments.map(({ start, end }) => [start, end])).toEqual([
      [0, 470],
      [567, 755],
    ]);
    expect(result.segments[0]?.buffer).toBe(result.segments[1]?.buffer);
    expect(store.getMessage('T', 0, 0, 32).segments[0]?.buffer).toBe(result.segments[0]?.buffer);
  });

  it('come from the files when memory has them no more, and stay what they were', async () => {
    const size = 1024 * 1024;
    const { store } = await openStore({ mappedFileSizeCommitLog: 16 * size, tailBytes: size });
    await putMany(store, 10);
    const early = store.getMessage('T', 0, 0, 32);
    for (let i = 0; i < 5; i++) await put(store, { topic: 'filler', body: Buffer.alloc(size - 300, 65 + i) });
    await putMany(store, 10, {}, 10);
    expect(messagesOf(early).map((message) => message.body.toString())).toEqual(numbered(10));
    const late = store.getMessage('T', 0, 0, 32);
    expect(late.cold.length).toBeGreaterThanOrEqual(10);
    await store.readCold(late);
    expect(late.cold).toEqual([]);
    expect(late.segments[0]?.buffer).not.toBe(early.segments[0]?.buffer);
    expect(messagesOf(late).map((message) => message.body.toString())).toEqual(numbered(20));
  });

  it('are read with one call where they lie side by side', async () => {
    const first = await openStore();
    await putMany(first.store, 20);
    await first.store.stop();
    const { store, disk } = await openStore({ rootDir: first.rootDir });
    let reads = 0;
    const { readLater } = disk;
    disk.readLater = (...args) => {
      reads++;
      return readLater(...args);
    };
    const result = store.getMessage('T', 0, 0, 32);
    await store.readCold(result);
    expect(messagesOf(result)).toHaveLength(20);
    expect(reads).toBe(1);
  });
});

describe('looking up by commitlog offset', () => {
  it('finds only where a record begins', async () => {
    const { store } = await openStore();
    const [, second] = await putMany(store, 2);
    expect(store.lookMessageByOffset(second?.physicOffset ?? -1)?.length).toBe(94);
    for (const offset of [1, 93, 188, 4095, 4096, 1e15, -1, 0.5, Number.NaN]) {
      expect(store.lookMessageByOffset(offset)).toBeUndefined();
    }
  });
});

describe('offsets by time', () => {
  it('are the exact message, else the nearer neighbour, the earlier one on a tie', async () => {
    const { store, clock } = await openStore();
    const start = clock.time;
    for (const at of [0, 100, 100, 100, 200, 300]) {
      clock.time = start + at;
      await put(store);
    }
    const at = (ms: number): number => store.offsetInQueueByTime('T', 0, start + ms);
    expect([at(-50), at(0), at(100), at(200), at(149), at(151), at(150), at(250), at(300), at(999)]).toEqual([
      0, 0, 1, 4, 3, 4, 3, 4, 5, 5,
    ]);
    expect(store.offsetInQueueByTime('unknown', 0, start)).toBe(0);
    expect(store.storeTimestampAt('T', 0, 4)).toBe(start + 200);
    expect(store.storeTimestampAt('T', 0, 6)).toBe(-1);
    expect(store.earliestMessageTime()).toBe(start);
  });
});
