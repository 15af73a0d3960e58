import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import { listeningLogger } from './damage-story.ts';
import {
  bodies,
  crashCopy,
  drain,
  hexOf,
  names,
  numbered,
  openStore,
  put,
  putMany,
  queuePath,
  segmentPath,
} from './store-fixture.ts';

const RECORD = 94;

/** Writes bytes into a file without changing its length. */
function patch(path: string, at: number, bytes: Buffer | string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.from(bytes), 0, undefined, at);
  closeSync(fd);
}

/** A store with `count` messages, as a crash would leave it now. */
async function crashed(count: number, options: Partial<MessageStoreOptions> = {}): Promise<string> {
  const { store, rootDir } = await openStore(options);
  await putMany(store, count);
  return crashCopy(rootDir);
}

/** A store with `count` messages that was stopped. */
async function stopped(count: number, options: Partial<MessageStoreOptions> = {}): Promise<string> {
  const { store, rootDir } = await openStore(options);
  await putMany(store, count);
  await store.stop();
  return rootDir;
}

/** What must hold of any store, however it was opened: it can be read from end to end and goes on. */
async function expectWhole(
  rootDir: string,
  expected: string[],
  options: Partial<MessageStoreOptions> = {},
): Promise<void> {
  const { store } = await openStore({ rootDir, ...options });
  expect(bodies(store)).toEqual(expected);
  expect(await put(store, { body: 'next' })).toMatchObject({ status: 'PUT_OK', queueOffset: expected.length });
  expect(drain(store).map((message) => message.queueOffset)).toEqual(numbered(expected.length + 1).map((_, i) => i));
  await store.stop();
  const again = await openStore({ rootDir, ...options });
  expect(bodies(again.store)).toEqual([...expected, 'next']);
}

describe('after a clean stop', () => {
  it('everything is found again, over several starts', async () => {
    const rootDir = await stopped(100);
    for (let round = 0; round < 3; round++) {
      const { store } = await openStore({ rootDir });
      expect(bodies(store)).toEqual(numbered(100 + round * 10));
      await putMany(store, 10, {}, 100 + round * 10);
      await store.stop();
    }
  });

  it('only the end of the log is read', async () => {
    const rootDir = await stopped(200);
    const opened = await openStore({ rootDir: await stopped(1) });
    const { disk } = opened;
    let bytes = 0;
    const { read } = disk;
    disk.read = (fd, buffer, start, length, position) => {
      const count = read(fd, buffer, start, length, position);
      bytes += count;
      return count;
    };
    await opened.store.stop();
    bytes = 0;
    const { store } = await openStore({ rootDir, disk });
    expect(store.commitLogMaxOffset).toBeGreaterThan(4 * 4096);
    // One queue file of 1,000 bytes, the last record's file, the look behind the end.
    expect(bytes).toBeLessThan(12_000);
  });

  it('queues that somebody deleted are built again from the log', async () => {
    const rootDir = await stopped(100);
    const before = hexOf(queuePath(rootDir, 0), 0, 1000);
    rmSync(join(rootDir, 'consumequeue'), { recursive: true });
    await expectWhole(rootDir, numbered(100));
    expect(hexOf(queuePath(rootDir, 0), 0, 1000)).toBe(before);
  });

  it('queues without a commitlog are emptied', async () => {
    const rootDir = await stopped(100);
    rmSync(join(rootDir, 'commitlog'), { recursive: true });
    await expectWhole(rootDir, []);
  });

  it('numbers go on where the files of older messages are gone', async () => {
    const rootDir = await stopped(120);
    rmSync(segmentPath(rootDir, 0));
    rmSync(join(rootDir, 'consumequeue'), { recursive: true });
    const { store } = await openStore({ rootDir });
    const first = Math.floor((4096 - 8) / RECORD);
    expect([store.minOffsetInQueue('T', 0), store.maxOffsetInQueue('T', 0)]).toEqual([first, 120]);
    expect(bodies(store)).toEqual(numbered(120).slice(first));
    await store.stop();
    // The first file of the queue is filled up as Java does.
    expect(hexOf(queuePath(rootDir, 0), 0, 20)).toBe('00000000000000007fffffff0000000000000000');
    const again = await openStore({ rootDir });
    expect(again.store.minOffsetInQueue('T', 0)).toBe(first);
    expect(bodies(again.store)).toEqual(numbered(120).slice(first));
  });
});

describe('after a crash', () => {
  it('what was written is found, although no queue file was', async () => {
    const rootDir = await crashed(100);
    expect(names(join(rootDir, 'consumequeue'))).toEqual([]);
    await expectWhole(rootDir, numbered(100));
  });

  it('a record of which only a part arrived is dropped, at every length', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 4);
    await put(store, { body: 'torn', properties: { TAGS: 'A', KEYS: 'key' } });
    const whole = readFileSync(segmentPath(rootDir, 0));
    for (let kept = 0; kept < store.commitLogMaxOffset - 4 * RECORD; kept++) {
      const copy = crashCopy(rootDir);
      const torn = Buffer.from(whole);
      torn.fill(0, 4 * RECORD + kept);
      writeFileSync(segmentPath(copy, 0), torn);
      const recovered = await openStore({ rootDir: copy });
      expect(bodies(recovered.store)).toEqual(numbered(4));
      expect(recovered.store.commitLogMaxOffset).toBe(4 * RECORD);
      await recovered.store.stop();
      expect(
        readFileSync(segmentPath(copy, 0))
          .subarray(4 * RECORD)
          .every((byte) => byte === 0),
      ).toBe(true);
    }
  });

  it.each([
    ['a body of which a byte is wrong', 3 * RECORD + 88, 'X'],
    ['a wrong physical offset', 3 * RECORD + 35, '\xff'],
    ['a total size beyond the file', 3 * RECORD, '\x7f'],
    ['a negative total size', 3 * RECORD, '\x80'],
    ['an unknown magic code', 3 * RECORD + 4, '\x00'],
    ['a body length beyond the record', 3 * RECORD + 84, '\x7f'],
  ])('the log ends before %s', async (_, at, bytes) => {
    const rootDir = await crashed(6);
    patch(segmentPath(rootDir, 0), at, Buffer.from(bytes, 'latin1'));
    const { store } = await openStore({ rootDir: crashCopy(rootDir) });
    expect(store.commitLogMaxOffset).toBe(3 * RECORD);
    await expectWhole(rootDir, numbered(3));
  });

  it.each([
    ['beyond all that was ever stored', '10ffffffffffffff'],
    ['below zero', 'ffffffffffffff00'],
  ])('a record whose queue is unknown and whose queue offset is %s is left out', async (_, queueOffset) => {
    const rootDir = await crashed(6);
    patch(segmentPath(rootDir, 0), 2 * RECORD + 15, '\x07');
    patch(segmentPath(rootDir, 0), 2 * RECORD + 20, Buffer.from(queueOffset, 'hex'));
    const { store } = await openStore({ rootDir });
    expect(store.maxOffsetInQueue('T', 7)).toBe(0);
    expect(bodies(store)).toEqual([...numbered(2), ...numbered(6).slice(3)]);
  });

  it('with any bytes at the end of the log, the rest is found and the store goes on', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 8);
    const noise = fc.uint8Array({ minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.nat(RECORD - 1), noise, async (record, within, bytes) => {
        const copy = crashCopy(rootDir);
        const at = (record - 1) * RECORD + within;
        patch(segmentPath(copy, 0), at, Buffer.from(bytes));
        const recovered = await openStore({ rootDir: copy });
        const found = bodies(recovered.store);
        expect(found.slice(0, record - 1)).toEqual(numbered(record - 1));
        // A record whose queueId was hit is missing in its queue; the numbers of the others stay.
        const last = drain(recovered.store).at(-1)?.queueOffset ?? -1;
        expect(await put(recovered.store, { body: 'next' })).toMatchObject({ queueOffset: last + 1 });
        await recovered.store.stop();
        const again = await openStore({ rootDir: copy });
        expect(bodies(again.store)).toEqual([...found, 'next']);
        await again.store.stop();
      }),
      { numRuns: 40 },
    );
  });

  it('records that were cut off do not come back behind new ones', async () => {
    const rootDir = await crashed(10);
    patch(segmentPath(rootDir, 0), 4 * RECORD + 88, 'X');
    const first = await openStore({ rootDir });
    expect(bodies(first.store)).toEqual(numbered(4));
    // Exactly as long as the broken record: record 5 would be found right behind it.
    await put(first.store, { body: 'nw' });
    await expectWhole(crashCopy(rootDir), [...numbered(4), 'nw']);
  });

  it('units of messages the log lost are cut, and files behind the end deleted', async () => {
    const { store, rootDir, clock } = await openStore({ mappedFileSizeConsumeQueue: 100 });
    await putMany(store, 100);
    clock.advance(200);
    const copy = crashCopy(rootDir);
    expect(names(join(copy, 'commitlog'))).toHaveLength(3);
    patch(segmentPath(copy, 0), 7 * RECORD + 88, 'X');
    const recovered = await openStore({ rootDir: crashCopy(copy), mappedFileSizeConsumeQueue: 100 });
    expect(names(join(recovered.rootDir, 'commitlog'))).toHaveLength(1);
    await expectWhole(copy, numbered(7), { mappedFileSizeConsumeQueue: 100 });
    expect(names(join(copy, 'commitlog'))).toHaveLength(1);
    expect(names(join(copy, 'consumequeue/T/0'))).toHaveLength(2);
  });

  it('torn and stale units are not taken', async () => {
    const { store, rootDir, clock } = await openStore();
    await putMany(store, 10);
    clock.advance(1000);
    await expect.poll(() => existsSync(queuePath(rootDir, 0))).toBe(true);
    const hole = crashCopy(rootDir);
    patch(queuePath(hole, 0), 4 * 20, Buffer.alloc(40));
    await expectWhole(hole, numbered(10));
    const zeros = crashCopy(rootDir);
    patch(queuePath(zeros, 0), 0, Buffer.alloc(1000));
    await expectWhole(zeros, numbered(10));
    const half = crashCopy(rootDir);
    patch(queuePath(half, 0), 9 * 20 + 8, Buffer.alloc(12));
    await expectWhole(half, numbered(10));
  });

  it('a queue whose files are gone is built again, also from files before the checkpoint', async () => {
    const { store, rootDir, clock } = await openStore();
    await putMany(store, 60);
    clock.advance(10_000);
    await putMany(store, 40, {}, 60);
    await put(store, { topic: 'U' });
    await store.stop();
    const second = await openStore({ rootDir });
    const copy = crashCopy(second.rootDir);
    rmSync(join(copy, 'consumequeue/T'), { recursive: true });
    const recovered = await openStore({ rootDir: copy });
    expect(bodies(recovered.store)).toEqual(numbered(100));
    expect(bodies(recovered.store, 'U')).toEqual(['hello']);
  });

  it('a unit whose record never reached the disk does not make the log be gone through from the one before it', async () => {
    const { store, rootDir, clock } = await openStore();
    await put(store, { topic: 'U', body: 'm0' });
    await putMany(store, 300);
    await store.stop();
    const second = await openStore({ rootDir, clock });
    clock.advance(100_000);
    await putMany(second.store, 50, {}, 300);
    const { physicOffset } = await put(second.store, { topic: 'U', body: 'torn' });
    await second.store.stop();
    const copy = crashCopy(rootDir);
    writeFileSync(join(copy, 'abort'), '');
    patch(segmentPath(copy, physicOffset - (physicOffset % 4096)), physicOffset % 4096, Buffer.alloc(90));
    const { logger, lines } = listeningLogger();
    const recovered = await openStore({ rootDir: copy, logger });
    expect([bodies(recovered.store, 'U'), bodies(recovered.store).length]).toEqual([['m0'], 350]);
    const from = Number(/checked from offset (\d+) on/.exec(lines.join('\n'))?.[1]);
    expect(from).toBeGreaterThan(20_000);
  });

  it('an unused file made ahead is accepted', async () => {
    const rootDir = await crashed(10);
    writeFileSync(segmentPath(rootDir, 4096), Buffer.alloc(4096));
    await expectWhole(rootDir, numbered(10));
  });

  it('a log that ends with a BLANK goes on in the next file, or at the BLANK', async () => {
    const rootDir = await crashed(44);
    expect(names(join(rootDir, 'commitlog'))).toHaveLength(2);
    const cut = crashCopy(rootDir);
    rmSync(segmentPath(cut, 4096));
    await expectWhole(cut, numbered(43));
    const zero = crashCopy(rootDir);
    writeFileSync(segmentPath(zero, 4096), Buffer.alloc(4096));
    await expectWhole(zero, numbered(43));
  });

  it('delayed messages keep the time they are due', async () => {
    const { store, rootDir } = await openStore();
    await put(store, { topic: 'SCHEDULE_TOPIC_XXXX', queueId: 2, properties: { DELAY: '3', TAGS: 'A' } });
    const copy = crashCopy(rootDir);
    const recovered = await openStore({ rootDir: copy });
    const codes: number[] = [];
    recovered.store.getMessage('SCHEDULE_TOPIC_XXXX', 2, 0, 1, (code) => codes.push(code) > 0);
    expect(codes).toEqual([1_700_000_010_000]);
  });

  it('a topic that was deleted and made anew has its new messages', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 20);
    store.destroyTopic('T');
    await putMany(store, 3, {}, 100);
    await expectWhole(crashCopy(rootDir), numbered(3, 100));
  });

  it('a checkpoint that promises nothing, or is missing, makes it look at everything', async () => {
    const rootDir = await crashed(100);
    rmSync(join(rootDir, 'checkpoint'), { force: true });
    await expectWhole(rootDir, numbered(100));
  });

  it('a crash during recovery changes nothing: the next start finds the same', async () => {
    const rootDir = await crashed(50);
    // Bodies from m10 on are a byte longer.
    patch(segmentPath(rootDir, 0), 30 * RECORD + 20 + 88, 'X');
    const first = await openStore({ rootDir });
    const copy = crashCopy(first.rootDir);
    await expectWhole(crashCopy(copy), numbered(30));
  });
});

it('files among topics and queues whose names are none are left alone, as Java does', async () => {
  const rootDir = await stopped(3);
  writeFileSync(join(rootDir, 'consumequeue/README'), 'x');
  writeFileSync(join(rootDir, 'consumequeue/T/x'), 'x');
  writeFileSync(join(rootDir, 'whatever'), 'x');
  await expectWhole(rootDir, numbered(3));
  expect(names(join(rootDir, 'consumequeue'))).toContain('README');
});
