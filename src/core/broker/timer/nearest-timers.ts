/**
 * The timers that are due first, a heap of bounded size. When it is full the later half is let go, and `horizon` is the first
 * that is not held any more: who owns the heap finds those from there on again.
 */

/** A waiting message. Timers are ordered by when they are due, then by their place in the queue. */
export interface TimerUnit {
  /** ms since 1970. */
  readonly dueMs: number;
  readonly queueOffset: number;
}

/** The timers looked at to find the middle of all. */
const SAMPLES = 1001;

export function isBefore(a: TimerUnit, b: TimerUnit): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.queueOffset < b.queueOffset);
}

export class NearestTimers {
  readonly limit: number;
  /** Timers from this one on are not taken, and none of them is held; undefined: all are. */
  horizon: TimerUnit | undefined;
  #heap: TimerUnit[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): TimerUnit | undefined {
    return this.#heap[0];
  }

  push(unit: TimerUnit): void {
    if (this.horizon !== undefined && !isBefore(unit, this.horizon)) return;
    this.#heap.push(unit);
    this.#up(this.#heap.length - 1);
    if (this.#heap.length > this.limit) this.#halve();
  }

  pop(): TimerUnit | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #halve(): void {
    const step = Math.max(1, Math.floor(this.#heap.length / SAMPLES));
    const samples = this.#heap.filter((_, i) => i % step === 0).sort((a, b) => (isBefore(a, b) ? -1 : 1));
    const middle = samples[samples.length >> 1] as TimerUnit;
    this.horizon = middle;
    this.#heap = this.#heap.filter((unit) => isBefore(unit, middle));
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#down(at);
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #down(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right] as TimerUnit, heap[left] as TimerUnit) ? right : left;
      if (!this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const heap = this.#heap;
    const [a, b] = [heap[child] as TimerUnit, heap[parent] as TimerUnit];
    if (!isBefore(a, b)) return false;
    heap[parent] = a;
    heap[child] = b;
    return true;
  }
}
