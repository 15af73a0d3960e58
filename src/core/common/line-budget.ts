/**
 * So many lines of a kind in a time, for what strangers can make a server log: a client that connects in a loop must not
 * turn over the log in which the cause of something else stands.
 */

import type { Clock } from './clock.ts';

export class LineBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #lines: number;
  readonly #windowMs: number;
  #windowEnd = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #leftOut = 0;

  /** At most `lines` lines in any `windowMs` that begin with one. */
  constructor(clock: Pick<Clock, 'monotonic'>, lines: number, windowMs: number) {
    this.#clock = clock;
    this.#lines = lines;
    this.#windowMs = windowMs;
  }

  /** undefined: the line is left out. Otherwise how many were left out since the last one that was not. */
  take(): number | undefined {
    const now = this.#clock.monotonic();
    if (now >= this.#windowEnd) {
      this.#windowEnd = now + this.#windowMs;
      this.#taken = 0;
    }
    if (this.#taken >= this.#lines) {
      this.#leftOut++;
      return undefined;
    }
    this.#taken++;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
