/**
 * The logger every service takes. The core never prints: a process wires this to its log file, a test to an array.
 */

export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  /** `error` keeps its stack in the log. */
  error(message: string, error?: unknown): void;
}

const nothing = (): void => {};

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
