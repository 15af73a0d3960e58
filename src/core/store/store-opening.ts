/**
 * What happens between the call of start() and the first put: the directory is looked at, locked, checked, and recovered.
 * Mirrors DefaultMessageStore.load. Whatever makes a store be refused is found before anything of it is changed.
 */
import { join } from 'node:path';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { DelayLevels } from '../message/delay-level.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import { Redispatch } from './consumequeue/redispatch.ts';
import { type Disk, makeDurableDirectory } from './disk.ts';
import { refuseForeignLayout } from './foreign-layout.ts';
import type { IndexService } from './index/index-service.ts';
import { type Recovered, recover } from './recovery.ts';
import type { RecoveryProgress } from './recovery-progress.ts';
import { type ListedSegment, listCommitLog } from './segment-listing.ts';
import { takeStopNote } from './stop-note.ts';
import type { StoreLock } from './store-lock.ts';
import type { StorePaths } from './store-paths.ts';
import { readUnflushedMark, writeAgain } from './unflushed-mark.ts';

export interface OpeningParts {
  disk: Disk;
  paths: StorePaths;
  lock: StoreLock;
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  index: IndexService | undefined;
  checkpoint: Checkpoint;
  delayLevels: DelayLevels;
  checkCRCOnRecover: boolean;
  progress: RecoveryProgress;
  clock: Clock;
  logger: Logger;
}

/**
 * Resolves with what was found of the log. Rejects with PocketError IN_USE or STORE (for
 * what was found before anything was changed), or with the disk's error. The lock is held after that; whoever called gives it back.
 */
export async function openFiles(parts: OpeningParts): Promise<Recovered> {
  const { disk, paths, lock, commitLog, queues, index, checkpoint } = parts;
  const { segments } = commitLog;
  lock.refuseOwner();
  const before = traces(disk, paths);
  let files = inspect(parts);
  takeDirectory(parts);
  // Another process may have had the store for a moment.
  if (traces(disk, paths) !== before) files = inspect(parts);
  for (const dir of paths.stagingDirectories) {
    for (const name of disk.list(dir) ?? []) disk.unlink(join(dir, name));
  }
  const clean = disk.info(paths.abort) === undefined && !lock.tookOver;
  if (disk.info(paths.abort) === undefined) disk.close(disk.open(paths.abort, 'w'));
  disk.syncDirectory(paths.root);
  makeWhole(files, parts);
  segments.take(files[0]?.start ?? 0, files.length);
  checkpoint.load();
  const unflushed = readUnflushedMark(disk, paths.unflushedMark);
  if (unflushed !== undefined) checkpoint.reset();
  const { delayLevels, checkCRCOnRecover, progress, clock, logger } = parts;
  const recovered = await recover({
    ...{ commitLog, queues, checkpoint, delayLevels, clean, checkCRCOnRecover, progress, logger },
    redispatch: new Redispatch(queues, logger),
    note: takeStopNote(disk, paths.stopNote),
    damagedDir: paths.damaged,
    now: clock.now(),
  });
  if (unflushed !== undefined) {
    const until = Math.max(0, commitLog.writtenOffset - unflushed);
    logger.warn(`an fsync had failed: the last ${until} bytes of the commitlog are written to the disk again`);
    writeAgain(segments, unflushed, commitLog.writtenOffset);
    disk.unlink(paths.unflushedMark);
  }
  segments.ensure(commitLog.writtenOffset);
  index?.start(unflushed !== undefined ? 'unflushed' : clean ? 'clean' : 'crashed');
  return recovered;
}

/** Takes the files that are there, and returns those of the commitlog. Changes nothing; throws PocketError STORE. */
function inspect({ disk, paths, commitLog, queues, index }: OpeningParts): ListedSegment[] {
  refuseForeignLayout(disk, paths);
  const files = listCommitLog(disk, paths.commitLog, commitLog.segments.config.fileSize);
  queues.load();
  index?.load();
  return files;
}

/** What differs when somebody has opened the store. */
function traces(disk: Disk, { abort, stopNote, root }: StorePaths): string {
  return [abort, stopNote, join(root, 'checkpoint')].map((path) => disk.info(path)?.mtimeMs ?? 0).join(' ');
}

/** Makes the directories, and locks the store. When that fails the directory is left as it was found. */
function takeDirectory({ disk, paths, lock }: OpeningParts): void {
  const made: string[] = [];
  try {
    for (const dir of paths.directories) {
      if (disk.info(dir) === undefined) made.push(dir);
      makeDurableDirectory(disk, dir);
    }
    lock.acquire();
  } catch (error) {
    removeMade(disk, made);
    throw error;
  }
}

/** A commitlog file that was cut short gets its length back: what is missing reads as zeros. */
function makeWhole(files: readonly ListedSegment[], { disk, commitLog, logger }: OpeningParts): void {
  const { fileSize } = commitLog.segments.config;
  for (const { path, size } of files) {
    if (size === fileSize) continue;
    logger.error(
      `${path} was cut short: it has ${size} of ${fileSize} bytes, and the messages that were behind are lost`,
    );
    const fd = disk.open(path, 'r+');
    try {
      disk.truncate(fd, fileSize);
      disk.sync(fd);
    } finally {
      disk.close(fd);
    }
  }
}

/** One whose name is not durable must not be taken for durable next time. */
function removeMade(disk: Disk, made: readonly string[]): void {
  for (const dir of [...made].reverse()) {
    try {
      disk.removeDirectory(dir);
    } catch {
      // Something is in it, or it was not made; why the store is refused is what the caller wants to hear.
    }
  }
}
