/**
 * Latencies of any number of sends in a memory that does not grow: counts by ranges of which each is a 32nd of its power of two
 * wide, so that a percentile is at most 3 % too high.
 */

const STEPS = 32;
/** 2^32 microseconds are 71 minutes. */
const POWERS = 32;

export class LatencyHistogram {
  readonly #counts = new Float64Array(STEPS * POWERS);
  #count = 0;
  #max = 0;

  add(millis: number): void {
    this.#count++;
    if (millis > this.#max) this.#max = millis;
    const row = rowOf(Math.max(1, Math.round(millis * 1000)));
    this.#counts[row] = (this.#counts[row] ?? 0) + 1;
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds that so many of a hundred did not exceed; 0 when there was nothing. */
  percentile(percent: number): number {
    if (percent >= 100) return this.#max;
    let left = Math.ceil((this.#count * percent) / 100);
    if (left === 0) return 0;
    for (const [row, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(this.#max, endOf(row) / 1000);
    }
    return this.#max;
  }
}

function rowOf(micros: number): number {
  const power = Math.min(POWERS - 1, Math.floor(Math.log2(micros)));
  const step = Math.min(STEPS - 1, Math.floor((micros / 2 ** power - 1) * STEPS));
  return power * STEPS + step;
}

const endOf = (row: number): number => 2 ** Math.floor(row / STEPS) * (1 + ((row % STEPS) + 1) / STEPS);
