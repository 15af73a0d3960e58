import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BLANK_MAGIC, encodeMessage } from '../../../src/core/message/message-codec.ts';
import { bodies, numbered, openStore, put, queuePath, segmentPath, tempDir, testDisk } from './store-fixture.ts';

const GIB = 1024 ** 3;
const FILES = 100;
const UNITS = 300_000;
const FIRST_TIME = 1_700_000_000_000;
const HOUR = 3_600_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** 100 GiB of log, a message at the begin of each file and nothing after it, as Java leaves it: sparse on the disk. */
function largeStore(options: { crashed: boolean }): string {
  const rootDir = join(tempDir(), 'store');
  mkdirSync(join(rootDir, 'commitlog'), { recursive: true });
  mkdirSync(join(rootDir, 'consumequeue', 'T', '0'), { recursive: true });
  const units = Buffer.alloc(FILES * 20);
  for (let file = 0; file < FILES; file++) {
    const record = encodeMessage({
      topic: 'T',
      flag: 0,
      properties: {},
      body: Buffer.from(`m${file}`),
      storeSize: 0,
      bodyCRC: 0,
      queueId: 0,
      queueOffset: file,
      commitLogOffset: file * GIB,
      sysFlag: 0,
      bornTimestamp: FIRST_TIME,
      bornHost: '127.0.0.1:50000',
      storeTimestamp: FIRST_TIME + file * HOUR,
      storeHost: '127.0.0.1:10911',
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      msgId: '',
      offsetMsgId: '',
    });
    const blank = Buffer.alloc(8);
    blank.writeInt32BE(GIB - record.length, 0);
    blank.writeInt32BE(BLANK_MAGIC, 4);
    const path = segmentPath(rootDir, file * GIB);
    // The last file is not full.
    writeFileSync(path, file === FILES - 1 ? record : Buffer.concat([record, blank]));
    truncateSync(path, GIB);
    units.writeBigInt64BE(BigInt(file) * BigInt(GIB), file * 20);
    units.writeInt32BE(record.length, file * 20 + 8);
  }
  writeFileSync(queuePath(rootDir, 0), units);
  truncateSync(queuePath(rootDir, 0), UNITS * 20);
  const checkpoint = Buffer.alloc(4096);
  const safe = BigInt(FIRST_TIME + (FILES - 1) * HOUR);
  for (const at of [0, 8, 16]) checkpoint.writeBigInt64BE(safe, at);
  writeFileSync(join(rootDir, 'checkpoint'), checkpoint);
  if (options.crashed) writeFileSync(join(rootDir, 'abort'), '');
  return rootDir;
}

it.each([
  { how: 'stopped', crashed: false },
  // What stands behind the checkpoint is read again.
  { how: 'killed', crashed: true },
])('100 GiB that were $how open without being read whole', async ({ crashed }) => {
  const rootDir = largeStore({ crashed });
  const disk = testDisk();
  let bytes = 0;
  const { read, readLater } = disk;
  disk.read = (...args) => {
    const count = read(...args);
    bytes += count;
    return count;
  };
  disk.readLater = async (...args) => {
    const count = await readLater(...args);
    bytes += count;
    return count;
  };
  const { store } = await openStore({
    rootDir,
    disk,
    mappedFileSizeCommitLog: GIB,
    mappedFileSizeConsumeQueue: UNITS * 20,
  });
  expect(bytes).toBeLessThan(MOST_BYTES);
  expect([store.commitLogMinOffset, Math.floor(store.commitLogMaxOffset / GIB)]).toEqual([0, FILES - 1]);
  expect(bodies(store)).toEqual(numbered(FILES));
  expect(await put(store, { body: `m${FILES}` })).toMatchObject({ status: 'PUT_OK', queueOffset: FILES });
  expect(bodies(store)).toEqual(numbered(FILES + 1));
});
