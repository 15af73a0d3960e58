/** The last ten seconds of a benchmark: what was counted, once a second, and a line about it every ten. */

const EVERY_MS = 1000;
const KEPT = 10;

export class Snapshots<S> {
  readonly #take: () => S;
  readonly #report: (first: S, last: S) => void;
  readonly #kept: S[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(take: () => S, report: (first: S, last: S) => void) {
    this.#take = take;
    this.#report = report;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One second has gone by. */
  tick(): void {
    this.#kept.push(this.#take());
    if (this.#kept.length > KEPT) this.#kept.shift();
    const [first, last] = [this.#kept[0], this.#kept.at(-1)];
    if (++this.#ticks % KEPT === 0 && first !== undefined && last !== undefined) this.#report(first, last);
  }

  /** The oldest and the newest, when there are two. */
  get ends(): readonly [first: S, last: S] | undefined {
    const [first, last] = [this.#kept[0], this.#kept.at(-1)];
    return this.#kept.length < 2 || first === undefined || last === undefined ? undefined : [first, last];
  }
}

/** `%7.3f` of Java. */
export const decimals = (value: number): string => value.toFixed(3).padStart(7);

/** A count per second, as a Java long: nothing where there is none. */
export const perSecond = (count: number, millis: number): number => Math.trunc((count / millis) * 1000) || 0;
