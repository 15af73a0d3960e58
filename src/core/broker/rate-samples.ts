/**
 * A counter sampled at a fixed interval, so that its rate over the samples that are kept can be told. Mirrors the snapshot
 * list of StatsItem.
 */

export class RateSamples {
  readonly #capacity: number;
  readonly #times: number[] = [];
  readonly #values: number[] = [];

  /** Keeps `capacity` samples. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Records the counter's value at the wall clock `now` (ms). */
  add(now: number, value: number): void {
    this.#times.push(now);
    this.#values.push(value);
    if (this.#times.length <= this.#capacity) return;
    this.#times.shift();
    this.#values.shift();
  }

  /** The rate in 1/s from the first to the last sample; 0 with fewer than two. */
  rate(): number {
    const last = this.#times.length - 1;
    const ms = (this.#times[last] ?? 0) - (this.#times[0] ?? 0);
    if (last < 1 || ms <= 0) return 0;
    return (((this.#values[last] ?? 0) - (this.#values[0] ?? 0)) * 1000) / ms;
  }
}
