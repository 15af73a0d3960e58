/**
 * Makes the next commitlog file before it is needed, off the loop, so that a put that crosses into it does not wait for the
 * disk. Mirrors AllocateMappedFileService, which keeps two files ahead; one is enough at half a file's notice. A file that
 * is not ready in time is made at once, and this one is thrown away.
 */
import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { CommitLog } from './commit-log.ts';

/** Smaller files (tests) are made on demand. */
const MIN_FILE_SIZE = 1024 * 1024;
const RETRY_MS = 5000;

export class SegmentPreparer {
  readonly #commitLog: CommitLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #busy: Promise<void> | undefined;
  #notBefore = 0;
  #stopped = false;

  constructor(commitLog: CommitLog, clock: Clock, logger: Logger) {
    this.#commitLog = commitLog;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Called after every write; begins to make the next file when the last one is half full. */
  consider(): void {
    const { segments, writtenOffset } = this.#commitLog;
    const { fileSize } = segments.config;
    if (this.#busy !== undefined || segments.endOffset - writtenOffset > fileSize / 2) return;
    if (this.#stopped || fileSize < MIN_FILE_SIZE || this.#notBefore > this.#clock.monotonic()) return;
    this.#busy = this.#prepare(segments.endOffset)
      .catch((error: unknown) => {
        this.#notBefore = this.#clock.monotonic() + RETRY_MS;
        this.#logger.warn(`the next commitlog file cannot be made yet: ${String(error)}`);
      })
      .finally(() => {
        this.#busy = undefined;
      });
  }

  /** Waits for a file that is being made and deletes one that nothing was written to. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#busy;
    this.#commitLog.segments.deleteFrom(this.#commitLog.writtenOffset + 1);
  }

  async #prepare(start: number): Promise<void> {
    const { segments } = this.#commitLog;
    const { disk, fileSize } = segments.config;
    const staged = segments.stagedPath(start);
    await disk.createSparse(staged, fileSize);
    if (this.#stopped || segments.endOffset !== start) {
      disk.unlink(staged);
      return;
    }
    segments.moveIn(staged, start);
    // A put into the file may be acknowledged as durable, so its name must be durable first.
    await disk.syncDirectoryLater(segments.dir);
    if (segments.endOffset === start) segments.extend(start);
  }
}
