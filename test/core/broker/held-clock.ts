/** A clock that stands still until it is told to go on; timers run in the order they are due. */
import type { Clock, Timer } from '../../../src/core/common/clock.ts';

interface Due {
  at: number;
  every: number | undefined;
  task: () => void;
}

export class HeldClock implements Clock {
  #now: number;
  #elapsed = 0;
  #due: Due[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, task: () => void): Timer {
    return this.#add({ at: this.#elapsed + ms, every: undefined, task });
  }

  every(ms: number, task: () => void): Timer {
    return this.#add({ at: this.#elapsed + ms, every: ms, task });
  }

  /** Timers that would still run. */
  get pending(): number {
    return this.#due.length;
  }

  /** Somebody sets the wall clock; no timer notices. */
  set(now: number): void {
    this.#now = now;
  }

  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#goTo(next.at);
      if (next.every === undefined) this.#due.splice(this.#due.indexOf(next), 1);
      else next.at += next.every;
      next.task();
    }
    this.#goTo(end);
  }

  #goTo(elapsed: number): void {
    this.#now += elapsed - this.#elapsed;
    this.#elapsed = elapsed;
  }

  #add(due: Due): Timer {
    this.#due.push(due);
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== due);
      },
    };
  }
}
