/**
 * Time as a dependency: services take a Clock so that a unit test can hold it. Timers made here never keep a process alive.
 */

/** Something that will run. */
export interface Timer {
  /** It will not run any more. */
  cancel(): void;
}

/** Time as a service takes it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  /** Runs once after `ms`. */
  after(ms: number, task: () => void): Timer;
  /** Runs every `ms`, first after `ms`. */
  every(ms: number, task: () => void): Timer;
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, task) {
    const handle = setTimeout(task, ms);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(ms, task) {
    const handle = setInterval(task, ms);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};
