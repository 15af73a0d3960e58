/**
 * Deletes what is old. Commitlog files go when nothing was written to them for fileReservedTime hours: in the hours that
 * deleteWhen names, when the disk is fuller than diskMaxUsedSpaceRatio, or when somebody asks; and regardless of their age
 * when it is fuller than diskSpaceCleanForciblyRatio. Queues and index follow: their files whose messages are gone, and the
 * queues' first offsets. The file that is written to never goes. Mirrors CleanCommitLogService, CleanConsumeQueueService.
 *
 * Differences from 4.9: files are not mapped, so none "hangs" because a reader holds it (destroyMapedFileIntervalForcibly and
 * redeleteHangedFileInterval have nothing to do); a queue all of whose messages are gone begins at its end, where Java leaves
 * its first offset as it was.
 */
import type { Clock, Timer } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { CommitLog } from './commitlog/commit-log.ts';
import type { ConsumeQueueStore } from './consumequeue/consume-queue-store.ts';
import type { DiskWatch } from './disk-watch.ts';
import type { IndexService } from './index/index-service.ts';

const DISK_CHECK_MS = 10_000;
const FIRST_DISK_CHECK_MS = 1000;
const FIRST_ROUND_MS = 60_000;
const HOUR_MS = 3_600_000;
const MAX_FILES_PER_ROUND = 10;
/** Rounds in which expired files go after somebody asked (DELETE_EXPIRED_COMMITLOG). */
const MANUAL_ROUNDS = 20;

export interface RetentionSettings {
  /** ms between two rounds. */
  cleanResourceInterval: number;
  /** ms between two files. */
  deleteCommitLogFilesInterval: number;
  /** ms between two queues of which files were deleted. */
  deleteConsumeQueueFilesInterval: number;
  /** Hours of the day, local time: `04` or `03;04`. */
  deleteWhen: string;
  /** Hours. */
  fileReservedTime: number;
  cleanFileForciblyEnable: boolean;
}

export interface RetentionOptions {
  commitLog: CommitLog;
  queues: ConsumeQueueStore;
  index: IndexService | undefined;
  diskWatch: DiskWatch;
  clock: Clock;
  logger: Logger;
  settings: () => RetentionSettings;
}

export class Retention {
  readonly #options: RetentionOptions;
  #timers: Timer[] = [];
  #rounds: Timer | undefined;
  #running: Promise<void> | undefined;
  #manualRounds = 0;
  #trimmedTo = 0;
  #endPause = (): void => {};
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, diskWatch, commitLog } = this.#options;
    this.#trimmedTo = commitLog.minOffset;
    this.#timers = [
      clock.after(FIRST_DISK_CHECK_MS, () => void diskWatch.check()),
      clock.every(DISK_CHECK_MS, () => void diskWatch.check()),
      clock.after(FIRST_ROUND_MS, () => {
        void this.round();
        this.restartRounds();
      }),
    ];
  }

  /** The interval of the rounds is another one now. */
  restartRounds(): void {
    const { clock, settings } = this.#options;
    this.#rounds?.cancel();
    if (!this.#stopped) this.#rounds = clock.every(settings().cleanResourceInterval, () => void this.round());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#rounds?.cancel();
    this.#endPause();
    await this.#running;
  }

  /** Expired files go in this and the next 19 rounds, whatever the hour. */
  deleteExpiredNow(): void {
    this.#manualRounds = MANUAL_ROUNDS;
    void this.round();
  }

  /** Looks for what may go, and deletes it. One round at a time. Never rejects. */
  round(): Promise<void> {
    this.#running ??= this.#round()
      .catch((error: unknown) => this.#options.logger.error('old files cannot be deleted', error))
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { commitLog, queues, index, diskWatch, settings, logger } = this.#options;
    const { spaceFull, cleanForcibly } = diskWatch.check();
    const isTime = this.#isTimeToDelete();
    if (isTime || spaceFull || this.#manualRounds > 0) {
      if (this.#manualRounds > 0) this.#manualRounds--;
      const deleted = await this.#deleteFiles(cleanForcibly && settings().cleanFileForciblyEnable);
      if (deleted === 0 && spaceFull) logger.warn('the disk is getting full, and no file may be deleted');
    }
    const { minOffset } = commitLog;
    if (minOffset === this.#trimmedTo || this.#stopped) return;
    const pauseMs = settings().deleteConsumeQueueFilesInterval;
    await queues.trim(minOffset, () => this.#pause(pauseMs));
    index?.deleteExpired(minOffset);
    this.#trimmedTo = minOffset;
  }

  /** Deletes expired files, oldest first, up to the first that is not; returns how many. */
  async #deleteFiles(regardless: boolean): Promise<number> {
    const { commitLog, clock, settings, logger } = this.#options;
    const { segments } = commitLog;
    const { fileReservedTime, deleteCommitLogFilesInterval } = settings();
    let count = 0;
    while (count < MAX_FILES_PER_ROUND && !this.#stopped) {
      const start = segments.firstStart;
      if (start >= segments.fileStart(commitLog.writtenOffset)) break;
      const age = clock.now() - (segments.modified(start) ?? clock.now());
      if (!regardless && age < fileReservedTime * HOUR_MS) break;
      if (count > 0) await this.#pause(deleteCommitLogFilesInterval);
      const why =
        age < fileReservedTime * HOUR_MS ? 'the disk is too full' : `it is ${Math.floor(age / HOUR_MS)} h old`;
      logger.info(`the commitlog file ${segments.path(start)} is deleted: ${why}`);
      await segments.deleteFirst();
      count++;
    }
    return count;
  }

  #isTimeToDelete(): boolean {
    const hour = new Date(this.#options.clock.now()).getHours();
    return this.#options
      .settings()
      .deleteWhen.split(';')
      .some((when) => when.trim() !== '' && Number(when) === hour);
  }

  /** Ends early at the stop: nothing else may keep the process alive until then. */
  #pause(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#endPause = resolve;
      this.#options.clock.after(ms, resolve);
    });
  }
}
