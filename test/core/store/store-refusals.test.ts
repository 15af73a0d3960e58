/**
 * Directories that are no store of ours, or not to be used now: one sentence that names the matter, and nothing in them is
 * changed, not even a time.
 */
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PocketError } from '../../../src/core/common/errors.ts';
import type { Disk } from '../../../src/core/store/disk.ts';
import type { MessageStoreOptions } from '../../../src/core/store/message-store.ts';
import { consume } from './damage-story.ts';
import {
  bodies,
  errno,
  makeStore,
  numbered,
  openStore,
  putMany,
  queuePath,
  segmentPath,
  tempDir,
  testDisk,
} from './store-fixture.ts';

/** Three commitlog files, three files of a queue and an index, after an orderly stop. */
async function stoppedStore(): Promise<string> {
  const { store, rootDir } = await openStore();
  await putMany(store, 120, { properties: { KEYS: 'k' } });
  await store.stop();
  return rootDir;
}

/** Every file and directory with its time, size and content. */
function snapshot(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return ['.', ...entries.map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))]
    .sort()
    .map((name) => {
      const path = join(dir, name);
      const stats = statSync(path);
      const content = stats.isFile() ? readFileSync(path).toString('base64') : '';
      return `${name} ${stats.mtimeMs} ${stats.size} ${content}`;
    });
}

/** The sentence with which the directory is refused; it is as it was after that. */
async function refusal(rootDir: string, options: Partial<MessageStoreOptions> = {}): Promise<PocketError> {
  const before = snapshot(rootDir);
  const { store } = makeStore({ rootDir, ...options });
  const error = await store.start().then(
    () => expect.fail('it opens'),
    (reason: PocketError) => reason,
  );
  expect(snapshot(rootDir)).toEqual(before);
  expect(error.message).not.toContain('\n');
  return error;
}

describe('files that do not belong there', () => {
  it.each<[string, (dir: string) => string]>([
    ['notes among the commitlog files', (dir) => write(join(dir, 'commitlog/notes.txt'))],
    ['a directory among the commitlog files', (dir) => make(join(dir, 'commitlog/more'))],
    [
      'a commitlog file whose name has 19 digits',
      (dir) => rename(segmentPath(dir, 8192), join(dir, 'commitlog', '8192'.padStart(19, '0'))),
    ],
    [
      'a commitlog file whose name is no multiple of its size',
      (dir) => rename(segmentPath(dir, 8192), segmentPath(dir, 8000)),
    ],
    ['a commitlog file that is longer than the others', (dir) => resize(segmentPath(dir, 0), 8192)],
    ['a commitlog file missing between two others', (dir) => remove(segmentPath(dir, 4096))],
    ['notes in a queue', (dir) => write(join(dir, 'consumequeue/T/0/notes.txt'))],
    ['a queue file that is longer than the others', (dir) => resize(queuePath(dir, 0), 2000)],
    ['batch queues of RocketMQ 5', (dir) => make(join(dir, 'batchconsumequeue/T'), join(dir, 'batchconsumequeue'))],
    ['a consumequeue of RocksDB', (dir) => make(join(dir, 'consumequeue_rocksdb'))],
    ['RocksDB in the consumequeue', (dir) => write(join(dir, 'consumequeue/CURRENT'))],
    ['a tiered store', (dir) => write(make(join(dir, 'config')) && join(dir, 'config/tieredStoreMetadata.json'))],
    ['a store of DLedger', (dir) => make(join(dir, 'dledger-n0'))],
    ['a commitlog that is a file', (dir) => write(remove(join(dir, 'commitlog')))],
  ])('%s: refused by name', async (_, damage) => {
    const rootDir = await stoppedStore();
    const path = damage(rootDir);
    expect(await refusal(rootDir)).toMatchObject({ code: 'STORE', message: expect.stringContaining(path) });
  });

  it('an empty directory of batch queues is none', async () => {
    const rootDir = await stoppedStore();
    make(join(rootDir, 'batchconsumequeue'));
    expect(bodies((await openStore({ rootDir })).store)).toEqual(numbered(120));
  });

  it('the file that is missing is made, empty, on request: the others are served then', async () => {
    const { store, rootDir } = await openStore();
    const puts = await putMany(store, 120);
    await store.stop();
    const path = remove(segmentPath(rootDir, 4096));
    const { message } = await refusal(rootDir);
    expect(message).toContain(`truncate -s 4096 ${path}`);
    writeFileSync(path, '');
    truncateSync(path, 4096);
    const again = await openStore({ rootDir });
    const kept = puts.filter(({ physicOffset }) => physicOffset < 4096 || physicOffset >= 8192);
    const offsets = kept.map(({ queueOffset }) => queueOffset);
    expect([...(await consume(again.store, 'T', 0))]).toEqual(offsets.map((offset) => [offset, `m${offset}`]));
    expect(again.store.maxOffsetInQueue('T', 0)).toBe(120);
  });
});

describe('another configuration than the one the store was made with', () => {
  it.each<[string, Partial<MessageStoreOptions>, string]>([
    ['larger commitlog files', { mappedFileSizeCommitLog: 8192 }, 'mappedFileSizeCommitLog'],
    ['smaller commitlog files', { mappedFileSizeCommitLog: 2048 }, 'mappedFileSizeCommitLog'],
    ['larger queue files', { mappedFileSizeConsumeQueue: 2000 }, 'mappedFileSizeConsumeQueue'],
    ['smaller queue files', { mappedFileSizeConsumeQueue: 500 }, 'mappedFileSizeConsumeQueue'],
    ['smaller index files', { maxIndexNum: 300 }, 'maxIndexNum'],
  ])('%s: refused by the key', async (_, options, key) => {
    const rootDir = await stoppedStore();
    expect(await refusal(rootDir, options)).toMatchObject({ code: 'STORE', message: expect.stringContaining(key) });
    expect(bodies((await openStore({ rootDir })).store)).toEqual(numbered(120));
  });
});

describe('a directory that is in use', () => {
  it('by a live process of ours', async () => {
    const rootDir = await stoppedStore();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    writeFileSync(join(rootDir, 'pocketmq.pid'), `${child.pid} \n`);
    expect(await refusal(rootDir)).toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining(`in use by process ${child.pid}`),
    });
  });

  it('by a JVM', async () => {
    const rootDir = await stoppedStore();
    const disk = testDisk();
    const inode = disk.inode(join(rootDir, 'lock'));
    const { readText } = disk;
    disk.readText = (path) =>
      path === '/proc/locks' ? `1: POSIX  ADVISORY  WRITE 4711 fe:01:${inode} 0 0\n` : readText(path);
    expect(await refusal(rootDir, { disk })).toMatchObject({
      code: 'IN_USE',
      message: expect.stringContaining('process 4711'),
    });
  });
});

describe('a disk that takes nothing', () => {
  const writing = ['write', 'truncate', 'createSparse', 'makeDirectory', 'rename', 'link', 'unlink'] as const;

  function refusing(code: string): Disk {
    const disk = testDisk();
    const refuse = (): never => {
      throw errno(code);
    };
    for (const name of writing) disk[name] = refuse;
    const { open } = disk;
    disk.open = (path, flags) => (flags === 'r' ? open(path, flags) : refuse());
    return disk;
  }

  it.each(['EROFS', 'EACCES', 'ENOSPC'])('%s: refused in one sentence', async (code) => {
    const rootDir = await stoppedStore();
    const error = await refusal(rootDir, { disk: refusing(code) });
    expect(error).toMatchObject({ code: 'STORE', message: expect.stringContaining(rootDir) });
    expect(error.message).toContain(code);
    expect(bodies((await openStore({ rootDir })).store)).toEqual(numbered(120));
  });

  it('a directory that cannot be made is named', async () => {
    const rootDir = join(tempDir(), 'new');
    const { store } = makeStore({ rootDir, disk: refusing('EACCES') });
    await expect(store.start()).rejects.toMatchObject({ code: 'STORE', message: expect.stringContaining(rootDir) });
  });
});

it('a store that is refused for its files leaves a new directory as empty as it was', async () => {
  const rootDir = tempDir();
  make(join(rootDir, 'dledger-n1'));
  await refusal(rootDir);
  expect(readdirSync(rootDir)).toEqual(['dledger-n1']);
});

function write(path: string): string {
  writeFileSync(path, 'x');
  return path;
}

function make(path: string, named = path): string {
  mkdirSync(path, { recursive: true });
  return named;
}

function rename(from: string, to: string): string {
  renameSync(from, to);
  return to;
}

function resize(path: string, length: number): string {
  truncateSync(path, length);
  return path;
}

function remove(path: string): string {
  rmSync(path, { recursive: true });
  return path;
}
