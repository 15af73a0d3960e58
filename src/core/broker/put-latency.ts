/**
 * How long puts take from their arrival to the write, as a histogram over the last whole minute. Mirrors the buckets and
 * the interpolation of StoreStatsService.findPutMessageEntireTimePX; the values become putLatency99 and putLatency999.
 *
 * Difference from 4.9: one measurement a batch. All puts of one turn of the event loop are written together, so the time
 * from the first of them to the write stands for each of them.
 */

/** Step in ms and number of buckets with that step: up to 20 ms by 1, ... up to 10 s by 1 s. */
const STEPS: readonly (readonly [number, number])[] = [
  [1, 20],
  [2, 15],
  [5, 10],
  [10, 10],
  [50, 6],
  [100, 5],
  [1000, 9],
];

/** Upper bounds of the buckets in ms, ascending; the last bucket has none. */
const BOUNDS: readonly number[] = upperBounds();

export class PutLatency {
  #buckets = new Float64Array(BOUNDS.length + 1);
  #lastBuckets = new Float64Array(BOUNDS.length + 1);

  /** `count` puts took `ms`. */
  add(ms: number, count: number): void {
    let bucket = 0;
    while (bucket < BOUNDS.length && ms > (BOUNDS[bucket] ?? 0)) bucket++;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
  }

  /** Ends the running minute: its figures are what percentile() tells from now on. */
  turnOver(): void {
    this.#lastBuckets = this.#buckets;
    this.#buckets = new Float64Array(BOUNDS.length + 1);
  }

  /** The time in ms that `share` (0..1) of the puts of the last whole minute stayed below. */
  percentile(share: number): number {
    const total = this.#lastBuckets.reduce((sum, count) => sum + count, 0);
    const wanted = Math.floor(total * share);
    let passed = 0;
    for (const [bucket, count] of this.#lastBuckets.entries()) {
      if (wanted <= passed + count) {
        const lower = bucket === 0 ? 0 : (BOUNDS[bucket - 1] ?? 0);
        const upper = BOUNDS[bucket] ?? lower;
        return count === 0 ? lower : lower + ((upper - lower) * (wanted - passed)) / count;
      }
      passed += count;
    }
    return 0;
  }
}

function upperBounds(): number[] {
  const bounds: number[] = [];
  let bound = 0;
  for (const [step, times] of STEPS) {
    for (let i = 0; i < times; i++) {
      bound += step;
      bounds.push(bound);
    }
  }
  return bounds;
}
