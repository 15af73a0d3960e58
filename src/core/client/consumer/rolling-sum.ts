/** A sum over the last while, in steps, without a timer: what is older than the span falls out when it is looked at. */

const STEPS = 6;

export class RollingSum {
  readonly #stepMs: number;
  readonly #sums = new Array<number>(STEPS).fill(0);
  /** Number of the step that is being added to. */
  #step = 0;

  /** Of the last `spanMs`, give or take a sixth. */
  constructor(spanMs: number) {
    this.#stepMs = spanMs / STEPS;
  }

  add(now: number, value: number): void {
    this.#advance(now);
    const place = this.#step % STEPS;
    this.#sums[place] = (this.#sums[place] ?? 0) + value;
  }

  sum(now: number): number {
    this.#advance(now);
    return this.#sums.reduce((sum, value) => sum + value, 0);
  }

  #advance(now: number): void {
    const step = Math.floor(now / this.#stepMs);
    const passed = Math.min(STEPS, step - this.#step);
    for (let i = 1; i <= passed; i++) this.#sums[(step - passed + i) % STEPS] = 0;
    if (step > this.#step) this.#step = step;
  }
}
