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
import { type Disk, makeDurableDirectory } from './disk.ts';
import type { IndexService } from './index/index-service.ts';
import { recover } from './recovery.ts';
import { type ListedSegment, listCommitLog } from './segment-listing.ts';
import { takeStopNote } from './stop-note.ts';
import type { StoreLock } from './store-lock.ts';
import type { StorePaths } from './store-paths.ts';

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
  clock: Clock;
  logger: Logger;
}

/**
 * Returns the storeTimestamp of the last record, 0 if none was looked at. Throws PocketError IN_USE or STORE (then nothing of
 * the store's content was changed), or the disk's error. The lock is held after that; whoever called gives it back.
 */
export function openFiles(parts: OpeningParts): number {
  const { disk, paths, lock, commitLog, queues, index, checkpoint } = parts;
  const { segments } = commitLog;
  const made: string[] = [];
  let files: ListedSegment[];
  try {
    for (const dir of paths.directories) {
      if (disk.info(dir) === undefined) made.push(dir);
      makeDurableDirectory(disk, dir);
    }
    lock.acquire();
    files = listCommitLog(disk, paths.commitLog, segments.config.fileSize);
    queues.load();
    index?.load();
  } catch (error) {
    lock.release();
    removeMade(disk, made);
    throw error;
  }
  for (const dir of paths.stagingDirectories) {
    for (const name of disk.list(dir) ?? []) disk.unlink(join(dir, name));
  }
  const clean = disk.info(paths.abort) === undefined && !lock.tookOver;
  if (disk.info(paths.abort) === undefined) disk.close(disk.open(paths.abort, 'w'));
  disk.syncDirectory(paths.root);
  makeWhole(files, parts);
  segments.take(files[0]?.start ?? 0, files.length);
  checkpoint.load();
  const { delayLevels, checkCRCOnRecover, clock, logger } = parts;
  const lastStoreTimestamp = recover({
    ...{ commitLog, queues, checkpoint, delayLevels, clean, checkCRCOnRecover, logger },
    note: takeStopNote(disk, paths.stopNote),
    damagedDir: paths.damaged,
    now: clock.now(),
  });
  segments.ensure(commitLog.writtenOffset);
  index?.start(clean);
  return lastStoreTimestamp;
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

/** A refused directory is left as it was found. */
function removeMade(disk: Disk, made: readonly string[]): void {
  for (const dir of [...made].reverse()) {
    try {
      if (disk.list(dir)?.length === 0) disk.removeDirectory(dir);
    } catch {
      // Why the store is refused is what the caller wants to hear.
    }
  }
}
