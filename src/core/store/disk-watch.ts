/**
 * How full the disks of the store are. Over diskSpaceWarningLevelRatio writes are refused, with a sentence that names the
 * ratio and its limit; over diskMaxUsedSpaceRatio expired files are deleted whatever the hour, over
 * diskSpaceCleanForciblyRatio the oldest files regardless of age. Mirrors the disk part of CleanCommitLogService.
 * A ratio is used / (used + available to us), in hundredths, rounded up.
 */
import type { Logger } from '../common/logger.ts';
import type { Disk } from './disk.ts';
import type { StorePaths } from './store-paths.ts';
import type { WriteGate } from './write-gate.ts';

/** Percent. */
export interface DiskWatchSettings {
  diskMaxUsedSpaceRatio: number;
  diskSpaceCleanForciblyRatio: number;
  diskSpaceWarningLevelRatio: number;
}

export interface DiskWatchOptions {
  paths: StorePaths;
  disk: Disk;
  gate: WriteGate;
  logger: Logger;
  settings: () => DiskWatchSettings;
}

export interface DiskState {
  /** Expired files should go, whatever the hour. */
  spaceFull: boolean;
  /** So much is used that files may go that are not expired. */
  cleanForcibly: boolean;
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Used share of the file system that holds the commitlog, 0 to 1, -1 if unknown. */
  get commitLogRatio(): number {
    return this.#ratioOf(this.#options.paths.commitLog);
  }

  get consumeQueueRatio(): number {
    return this.#ratioOf(this.#options.paths.consumeQueue);
  }

  /** Looks at the disks, and opens or closes the gate. */
  check(): DiskState {
    const { diskMaxUsedSpaceRatio, diskSpaceCleanForciblyRatio, diskSpaceWarningLevelRatio } = this.#options.settings();
    const disks = [
      { what: 'commitlog', ratio: this.commitLogRatio },
      { what: 'consumequeue', ratio: this.consumeQueueRatio },
    ];
    const limit = diskSpaceWarningLevelRatio / 100;
    const full = disks.find(({ ratio }) => ratio > limit);
    this.#tell(
      full === undefined
        ? undefined
        : `the disk of the ${full.what} is ${full.ratio.toFixed(2)} full, over the limit of ${limit.toFixed(2)} (diskSpaceWarningLevelRatio)`,
    );
    const maxUsed = Math.min(Math.max(diskMaxUsedSpaceRatio, 10), 95) / 100;
    return {
      spaceFull: disks.some(({ ratio }) => ratio < 0 || ratio > maxUsed),
      cleanForcibly: disks.some(({ ratio }) => ratio > diskSpaceCleanForciblyRatio / 100),
    };
  }

  #tell(reason: string | undefined): void {
    const { gate, logger } = this.#options;
    const before = gate.reasonOf('disk');
    if (reason !== undefined) {
      gate.close('disk', reason);
      if (before === undefined) logger.error(`${reason}: nothing is stored until there is room`);
    } else if (before !== undefined) {
      gate.open('disk');
      logger.info('there is room on the disk again: messages are stored');
    }
  }

  #ratioOf(path: string): number {
    try {
      const { used, available } = this.#options.disk.usage(path);
      return Math.ceil((100 * used) / Math.max(1, used + available)) / 100;
    } catch {
      return -1;
    }
  }
}
