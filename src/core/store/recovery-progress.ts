/**
 * What a long recovery says while it goes on, and what it did when it is over. Java says nothing before it is done.
 */
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';

const MIB = 1024 * 1024;

export interface ProgressOptions {
  clock: Clock;
  /** ms between two lines. */
  intervalMs: number;
  logger: Logger;
  /** Takes the lines of a recovery that takes long, for whoever waits. */
  onProgress: ((line: string) => void) | undefined;
}

export class RecoveryProgress {
  readonly #options: ProgressOptions;
  #from = 0;
  #to = 0;
  #begun = 0;
  #told = 0;
  #isLong = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** The commitlog is gone through from here to there at most. */
  begin(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    this.#begun = this.#options.clock.monotonic();
    this.#told = this.#begun;
  }

  /** It came to this offset. Says so when there was no line for a while. */
  at(offset: number): void {
    const { clock, intervalMs } = this.#options;
    const now = clock.monotonic();
    if (now - this.#told < intervalMs) return;
    this.#told = now;
    this.#isLong = true;
    const done = offset - this.#from;
    const all = Math.max(1, this.#to - this.#from);
    const rate = (done / MIB / (now - this.#begun)) * 1000;
    this.#tell(
      `recovering the commitlog: ${Math.floor((100 * done) / all)} %, ${mib(done)} of ${mib(all)} MiB, ${rate.toFixed(0)} MiB/s`,
    );
  }

  /** It is done: this is what it did. */
  over(line: string): void {
    this.#tell(line);
  }

  #tell(line: string): void {
    this.#options.logger.info(line);
    if (this.#isLong) this.#options.onProgress?.(line);
  }
}

export function mib(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 100 * MIB ? 1 : 0);
}
