/** Waiting that a stop can end: every delay of a service is made here and released together. */

import type { Clock, Timer } from '../common/clock.ts';

export class Delays {
  readonly #clock: Clock;
  /** timer -> what its waiter is resumed with. */
  readonly #waiting = new Map<Timer, (elapsed: boolean) => void>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** true after `ms`, false as soon as end() is called. */
  wait(ms: number): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, () => {
        this.#waiting.delete(timer);
        resolve(true);
      });
      this.#waiting.set(timer, resolve);
    });
  }

  /** Cancels every delay, now and later. */
  end(): void {
    this.#ended = true;
    for (const [timer, resolve] of this.#waiting) {
      timer.cancel();
      resolve(false);
    }
    this.#waiting.clear();
  }
}
