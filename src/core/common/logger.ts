/**
 * The logger every service takes. The core never prints: a process wires this to its log file, a test to an array.
 */

/** Where log lines go; console is one. */
export interface Logger {
  /** What helps to follow a single request. */
  debug(message: string): void;
  /** What a person may want to know. */
  info(message: string): void;
  /** Something failed and will be tried again, or matters little. */
  warn(message: string): void;
  /** Something failed for good. `error` keeps its stack in the log. */
  error(message: string, error?: unknown): void;
}

const nothing = (): void => {};

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
