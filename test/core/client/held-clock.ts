/** A clock that stands still until a test moves it; timers run in order of their time, those of one time in order of making. */

import type { Clock, Timer } from '../../../src/core/common/clock.ts';

interface Pending {
  at: number;
  task: () => void;
  every: number | undefined;
}

export class HeldClock implements Clock {
  #now: number;
  #pending: Pending[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Timer {
    return this.#add({ at: this.#now + ms, task, every: undefined });
  }

  every(ms: number, task: () => void): Timer {
    return this.#add({ at: this.#now + ms, task, every: ms });
  }

  /** Timers that would still run. */
  get pending(): number {
    return this.#pending.length;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#pending.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = next.at;
      if (next.every === undefined) this.#remove(next);
      else next.at += next.every;
      next.task();
    }
    this.#now = end;
  }

  #add(pending: Pending): Timer {
    this.#pending.push(pending);
    return { cancel: () => this.#remove(pending) };
  }

  #remove(pending: Pending): void {
    this.#pending = this.#pending.filter((timer) => timer !== pending);
  }
}
