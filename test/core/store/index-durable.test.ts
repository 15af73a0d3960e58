/** What the checkpoint says of index files holds over a power cut. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { MessageStore } from '../../../src/core/store/message-store.ts';
import { crashCopy, openStore, put, testDisk } from './store-fixture.ts';

/** Several index files of 400 entries. */
const MESSAGES = 900;

async function fill(store: MessageStore): Promise<void> {
  await Promise.all(Array.from({ length: MESSAGES }, (_, i) => put(store, { properties: { KEYS: `k${i}` } })));
}

const indexMsgTimestamp = (rootDir: string): bigint => readFileSync(join(rootDir, 'checkpoint')).readBigInt64BE(16);

it('the name of the index directory is synced, too', async () => {
  const disk = testDisk();
  const { syncDirectory } = disk;
  const synced: string[] = [];
  disk.syncDirectory = (path) => {
    synced.push(path);
    syncDirectory(path);
  };
  const { store, rootDir } = await openStore({ disk });
  synced.length = 0;
  await fill(store);
  expect(synced).toContain(rootDir);
});

it('files made in place of others do not count as durable before they are', async () => {
  const { store, rootDir } = await openStore();
  await fill(store);
  await store.stop();
  expect(indexMsgTimestamp(rootDir)).toBeGreaterThan(0n);
  rmSync(join(rootDir, 'index'), { recursive: true });
  const again = await openStore({ rootDir });
  expect(indexMsgTimestamp(crashCopy(rootDir))).toBe(0n);
  await again.store.stop();
});
