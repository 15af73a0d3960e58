/**
 * What a store counts, for runtime info and broker statistics. Mirrors StoreStatsService: totals, maxima, rates over the
 * last 10, 60 and 600 seconds. Counters are plain numbers added to on the hot path; time is looked at once a tick.
 */

const SAMPLES = 600;
/** Upper bounds in ms of StoreStatsService's classes of put times: <=0, 10, 50, 100, ... 10 s, more. */
const PUT_TIME_BOUNDS = [0, 10, 50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 10_000];

interface Sample {
  at: number;
  put: number;
  getFound: number;
  getMiss: number;
  getTransferred: number;
}

/** Per second over the last 10, 60 and 600 seconds. */
export type Rates = readonly [number, number, number];

export class StoreStats {
  putMessageTimesTotal = 0;
  putMessageFailedTimes = 0;
  putMessageSizeTotal = 0;
  /** The longest time from the first put of a tick to the answer, in ms. */
  putMessageEntireTimeMax = 0;
  /** Messages by that time, classes as in PUT_TIME_BOUNDS, the last one beyond them all. */
  readonly putMessageDistributeTime: number[] = new Array<number>(PUT_TIME_BOUNDS.length + 1).fill(0);
  getMessageTimesTotalFound = 0;
  getMessageTimesTotalMiss = 0;
  getMessageTransferredMsgCount = 0;
  /** The longest getMessage, in ms. */
  getMessageEntireTimeMax = 0;
  readonly #samples: Sample[] = [];

  /** Counts a batch of puts that took `ms` from its first put to its answers. */
  putsAnswered(count: number, bytes: number, ms: number): void {
    this.putMessageTimesTotal += count;
    this.putMessageSizeTotal += bytes;
    if (ms > this.putMessageEntireTimeMax) this.putMessageEntireTimeMax = ms;
    let index = 0;
    while (index < PUT_TIME_BOUNDS.length && ms > (PUT_TIME_BOUNDS[index] as number)) index++;
    this.putMessageDistributeTime[index] = (this.putMessageDistributeTime[index] as number) + count;
  }

  /** Takes the sample of this second; `now` in monotonic ms. */
  sample(now: number): void {
    this.#samples.push({
      at: now,
      put: this.putMessageTimesTotal,
      getFound: this.getMessageTimesTotalFound,
      getMiss: this.getMessageTimesTotalMiss,
      getTransferred: this.getMessageTransferredMsgCount,
    });
    if (this.#samples.length > SAMPLES + 1) this.#samples.shift();
  }

  get putTps(): Rates {
    return this.#rates((sample) => sample.put);
  }

  get getFoundTps(): Rates {
    return this.#rates((sample) => sample.getFound);
  }

  get getMissTps(): Rates {
    return this.#rates((sample) => sample.getMiss);
  }

  get getTransferredTps(): Rates {
    return this.#rates((sample) => sample.getTransferred);
  }

  #rates(of: (sample: Sample) => number): Rates {
    return [this.#rate(of, 10), this.#rate(of, 60), this.#rate(of, 600)];
  }

  /** Over the last `seconds` samples, or as many as there are. */
  #rate(of: (sample: Sample) => number, seconds: number): number {
    const last = this.#samples[this.#samples.length - 1];
    const first = this.#samples[Math.max(0, this.#samples.length - 1 - seconds)];
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((of(last) - of(first)) * 1000) / (last.at - first.at);
  }
}
