import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { javaHashCode } from '../../../src/core/common/java-string.ts';
import { decodeMessage } from '../../../src/core/message/message-codec.ts';
import { decodeProperties } from '../../../src/core/message/properties.ts';
import { IndexKeys, indexKeyHash, topicHash } from '../../../src/core/store/index/index-keys.ts';
import type { MessageStore, MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import { crashCopy, errno, openStore, put, putMany, settle, testDisk } from './store-fixture.ts';

const EVER = { begin: 0, end: Number.MAX_SAFE_INTEGER };

async function query(store: MessageStore, key: string, more: object = {}): Promise<string[]> {
  const { records } = await store.queryMessage({ topic: 'T', key, maxNum: 64, ...EVER, ...more });
  return records.map((record) => decodeMessage(record).body.toString());
}

const keyed = (store: MessageStore, body: string, keys: string, uniqKey?: string) =>
  put(store, { body, properties: { KEYS: keys, ...(uniqKey !== undefined && { UNIQ_KEY: uniqKey }) } });

/** `count` messages m0, m1, ... with the key k0, k1, ... and the common key `all`, all of one tick. */
async function fill(store: MessageStore, count: number, from = 0): Promise<void> {
  const sent = Array.from({ length: count }, (_, i) =>
    keyed(store, `m${from + i}`, `k${from + i} all`, `U${from + i}`),
  );
  await Promise.all(sent);
}

/** Every message is found by each of its keys, once, and nothing else is. */
async function expectIndexed(store: MessageStore, count: number): Promise<void> {
  await expect.poll(() => query(store, `k${count - 1}`)).toEqual([`m${count - 1}`]);
  for (let i = 0; i < count; i++) {
    expect(await query(store, `k${i}`)).toEqual([`m${i}`]);
    expect(await query(store, `U${i}`)).toEqual([`m${i}`]);
  }
  expect(await query(store, `k${count}`)).toEqual([]);
}

/** A key for which the hash of `T#key` is the smallest int. */
function keyOfSmallestHash(): string {
  for (let number = 0; number < 1_000_000; number++) {
    const prefix = `k${number}`;
    // What two more chars, 31 a + b, must add up to.
    const missing = (-(2 ** 31) - Math.imul(Math.imul(javaHashCode(`T#${prefix}`), 31), 31)) >>> 0;
    if (missing > 31 && missing < 31 * 0xd000) {
      const a = Math.floor(missing / 31) - 1;
      return prefix + String.fromCharCode(a, missing - 31 * a);
    }
  }
  throw new Error('there is none');
}

const indexDir = (rootDir: string): string => join(rootDir, 'index');
const indexPaths = (rootDir: string): string[] =>
  readdirSync(indexDir(rootDir)).map((name) => join(indexDir(rootDir), name));

describe('the bytes of an index file', () => {
  it('are those of the worked example', async () => {
    const { store, rootDir, clock } = await openStore({ maxHashSlotNum: 5_000_000, maxIndexNum: 20_000_000 });
    clock.time = 1_700_000_000_123;
    // The records end where those of the example do: 108 bytes, and one that begins at 108.
    const first = await put(store, { body: 'hi', properties: { KEYS: 'k1', TAGS: 'A' } });
    clock.time = 1_700_000_005_623;
    await put(store, { body: 'hi', properties: { UNIQ_KEY: '0A000001', KEYS: 'k1 k2', TAGS: 'BB' } });
    expect(first).toMatchObject({ physicOffset: 0 });
    expect(store.commitLogOffsetAt('T', 0, 1)).toBe(108);
    await store.stop();
    const [path = ''] = indexPaths(rootDir);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(420_000_040);
    const hex = (at: number, length: number): string => bytes.toString('hex', at, at + length);
    expect(hex(0, 40)).toBe('0000018bcfe5687b0000018bcfe57df70000000000000000000000000000006c0000000300000005');
    expect([hex(10157820, 4), hex(10157824, 4), hex(19635364, 4)]).toEqual(['00000003', '00000004', '00000002']);
    expect(hex(20000060, 20)).toBe('0026bfb5000000000000000000000000' + '00000000');
    expect(hex(20000080, 20)).toBe('553aad5f000000000000006c00000005' + '00000000');
    expect(hex(20000100, 20)).toBe('0026bfb5000000000000006c00000005' + '00000001');
    expect(hex(20000120, 20)).toBe('0026bfb6000000000000006c00000005' + '00000000');
    expect(/^\d{17}$/.test(readdirSync(indexDir(rootDir))[0] ?? '')).toBe(true);
  });

  it('the hash of a key: Java keeps it positive, and the smallest int becomes 0', () => {
    expect(indexKeyHash('T', 'k1')).toBe(2539445);
    expect(indexKeyHash('T', '0A000001')).toBe(1429908831);
    expect(indexKeyHash('T', 'polygenelubricants')).toBe(Math.abs(javaHashCode('T#polygenelubricants')));
    const smallest = keyOfSmallestHash();
    expect([javaHashCode(`T#${smallest}`), indexKeyHash('T', smallest)]).toEqual([-(2 ** 31), 0]);
  });
});

describe('IndexKeys', () => {
  it('finds what a reader of the properties finds', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'B', ' ', 'é', '😀', '7'), maxLength: 8 });
    const name = fc.constantFrom('KEYS', 'UNIQ_KEY', 'TAGS', 'KEY', 'UNIQ_KEYS', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, word)), (pairs) => {
        const text = pairs.map(([key, value]) => `${key}\x01${value}`).join('\x02');
        const { KEYS, UNIQ_KEY } = decodeProperties(text);
        const expected = [
          ...(UNIQ_KEY === undefined ? [] : [UNIQ_KEY]),
          ...(KEYS ?? '').split(' ').filter((key) => key !== ''),
        ].map((key) => indexKeyHash('主题', key));
        const keys = new IndexKeys();
        const bytes = Buffer.from(`__${text}__`);
        keys.read(topicHash('主题'), bytes, 2, bytes.length - 2);
        expect(keys.hashes.slice(0, keys.count)).toEqual(expected);
      }),
    );
  });
});

describe('queries', () => {
  it('by each key of several, by unique key, oldest first, across files', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 300);
    expect(indexPaths(rootDir)).toHaveLength(3);
    await expectIndexed(store, 300);
    expect(await query(store, 'all', { maxNum: 3 })).toEqual(['m297', 'm298', 'm299']);
    expect(await query(store, 'all')).toHaveLength(64);
    expect(await query(store, 'all', { maxNum: 1000 })).toHaveLength(64);
  });

  it('within a time range', async () => {
    const { store, clock } = await openStore();
    const start = clock.time;
    for (let i = 0; i < 5; i++) {
      await keyed(store, `m${i}`, 'k');
      clock.time += 10_000;
    }
    expect(await query(store, 'k', { begin: start + 10_000, end: start + 30_000 })).toEqual(['m1', 'm2', 'm3']);
    expect(await query(store, 'k', { begin: start + 1, end: start + 9999 })).toEqual([]);
    expect(await query(store, 'k', { begin: start + 50_000 })).toEqual([]);
  });

  it('of another topic find nothing, and messages of the same hash come along', async () => {
    const { store } = await openStore();
    await keyed(store, 'one', 'Aa');
    await keyed(store, 'two', 'BB');
    expect(await query(store, 'Aa')).toEqual(['one', 'two']);
    expect(await query(store, 'Aa', { topic: 'U' })).toEqual([]);
  });

  it('say up to where the index goes', async () => {
    const { store, clock } = await openStore();
    expect(await store.queryMessage({ topic: 'T', key: 'k', maxNum: 1, ...EVER })).toEqual({
      ...{ indexLastUpdateTimestamp: 0, indexLastUpdatePhyoffset: 0, records: [] },
    });
    await put(store);
    const { physicOffset } = await keyed(store, 'm', 'k');
    expect(await store.queryMessage({ topic: 'T', key: 'other', maxNum: 1, ...EVER })).toEqual({
      ...{ indexLastUpdateTimestamp: clock.time, indexLastUpdatePhyoffset: physicOffset, records: [] },
    });
  });

  it('find nothing with messageIndexEnable=false, and there is no directory', async () => {
    const { store, rootDir } = await openStore({ messageIndexEnable: false });
    await keyed(store, 'm', 'k');
    expect(await query(store, 'k')).toEqual([]);
    await store.stop();
    expect(existsSync(indexDir(rootDir))).toBe(false);
  });
});

describe('after a start', () => {
  const reopen = async (rootDir: string, options: Partial<MessageStoreOptions> = {}) =>
    (await openStore({ rootDir, ...options })).store;

  it.each([
    ['a clean stop', true],
    ['a crash', false],
  ])('following %s everything is found and the index goes on', async (_, clean) => {
    const { store, rootDir } = await openStore();
    await fill(store, 250);
    if (clean) await store.stop();
    const again = await reopen(clean ? rootDir : crashCopy(rootDir));
    await expectIndexed(again, 250);
    await fill(again, 50, 250);
    await expectIndexed(again, 300);
    expect(await query(again, 'all')).toHaveLength(64);
  });

  it('the index is made from the commitlog where its directory is missing, or was never there', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 200);
    await store.stop();
    rmSync(indexDir(rootDir), { recursive: true });
    await expectIndexed(await reopen(rootDir), 200);
    const { store: without, rootDir: other } = await openStore({ messageIndexEnable: false });
    await fill(without, 200);
    await without.stop();
    await expectIndexed(await reopen(other), 200);
  });

  it('after a clean stop a log without any key is not gone through again; after a crash it is', async () => {
    const { store, rootDir } = await openStore();
    await putMany(store, 300);
    const crash = crashCopy(rootDir);
    await store.stop();
    const bytesOfStart = async (dir: string): Promise<number> => {
      const disk = testDisk();
      const { read } = disk;
      let bytes = 0;
      disk.read = (...args) => {
        const count = read(...args);
        bytes += count;
        return count;
      };
      await openStore({ rootDir: dir, disk });
      return bytes;
    };
    expect(await bytesOfStart(rootDir)).toBeLessThan(16_000);
    expect(await bytesOfStart(crash)).toBeGreaterThan(300 * 94);
  });

  it('a note of the last stop that no longer fits the log does not count', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 20);
    await store.stop();
    const [name] = readdirSync(indexDir(rootDir));
    for (const note of [`999999999 ${name}\n`, `95 ${name}\n`, 'x', `-1 ${name}\n`, '', '2000 none\n', '2000 1\n']) {
      writeFileSync(join(rootDir, 'pocketmq.indexed'), note);
      const again = await reopen(rootDir);
      await expectIndexed(again, 20);
      await again.stop();
    }
  });

  it('a file that was cut short goes, with the younger ones, and is made anew', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 300);
    await store.stop();
    const [, second = ''] = indexPaths(rootDir);
    truncateSync(second, 100);
    await expectIndexed(await reopen(rootDir), 300);
  });

  it('files of another configuration are refused and nothing is changed', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 10);
    await store.stop();
    const before = readFileSync(indexPaths(rootDir)[0] ?? '');
    await expect(openStore({ rootDir, maxIndexNum: 100 })).rejects.toThrow(
      /has 8440 bytes where index files of 2440 are configured \(maxHashSlotNum, maxIndexNum\)/,
    );
    expect(readFileSync(indexPaths(rootDir)[0] ?? '').equals(before)).toBe(true);
  });

  it('a file that is none is left alone', async () => {
    const { store, rootDir } = await openStore();
    await fill(store, 10);
    await store.stop();
    writeFileSync(join(indexDir(rootDir), 'notes.txt'), 'mine');
    await expectIndexed(await reopen(rootDir), 10);
    expect(readFileSync(join(indexDir(rootDir), 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('following a crash any damage to the newest file is mended from the commitlog', async () => {
    const { store, rootDir, clock } = await openStore();
    await fill(store, 200);
    clock.advance(10_000);
    await settle();
    const damage = fc.record({
      at: fc.nat(8439),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      zeros: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bytes, zeros }) => {
        const copy = crashCopy(rootDir);
        const path = indexPaths(copy).at(-1) ?? '';
        const file = readFileSync(path);
        // A disk loses what was not synced: to zeros, or to anything at all.
        if (zeros) file.fill(0, at);
        else file.set(bytes.subarray(0, file.length - at), at);
        writeFileSync(path, file);
        const again = await openStore({ rootDir: copy });
        for (const i of [0, 1, 99, 132, 133, 134, 198, 199]) {
          expect(await query(again.store, `k${i}`)).toContain(`m${i}`);
        }
        expect(await query(again.store, 'all', { maxNum: 2 })).toEqual(['m198', 'm199']);
        await again.store.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('following a crash that took the end of the commitlog, what was lost there is not listed', async () => {
    const { store, rootDir, clock } = await openStore();
    await fill(store, 20);
    clock.advance(10_000);
    const copy = crashCopy(rootDir);
    const log = join(copy, 'commitlog', '00000000000000000000');
    const bytes = readFileSync(log);
    bytes.fill(0, store.commitLogOffsetAt('T', 0, 10));
    writeFileSync(log, bytes);
    const again = await reopen(copy);
    await keyed(again, 'new', 'k15');
    expect(await query(again, 'k15')).toEqual(['new']);
    expect(await query(again, 'all')).toHaveLength(10);
  });
});

describe('a disk that refuses', () => {
  it('puts are refused until the index can be written again, and nothing is missing in it', async () => {
    const disk = testDisk();
    const { write, open } = disk;
    const indexFds = new Set<number>();
    disk.open = (path, flags) => {
      const fd = open(path, flags);
      if (path.includes(`${sep}index${sep}`)) indexFds.add(fd);
      else indexFds.delete(fd);
      return fd;
    };
    let full = false;
    disk.write = (fd, ...rest) => {
      if (full && indexFds.has(fd)) throw errno('ENOSPC');
      return write(fd, ...rest);
    };
    const { store, clock } = await openStore({ disk });
    await fill(store, 10);
    full = true;
    clock.advance(200);
    expect(store.notWriteableBecause).toBe('the index cannot be written');
    expect(await keyed(store, 'refused', 'k')).toMatchObject({ status: 'SERVICE_NOT_AVAILABLE' });
    full = false;
    clock.advance(200);
    expect(store.notWriteableBecause).toBeUndefined();
    await fill(store, 10, 10);
    await expectIndexed(store, 20);
  });
});
