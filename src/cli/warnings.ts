/** What a client has to tell while a command goes on. */

import type { Logger } from '../core/common/logger.ts';

/** Writes warnings and errors, a line each; the same again is told once. */
export function warningsTo(write: (text: string) => void): Logger {
  let last = '';
  const tell = (message: string): void => {
    if (message === last) return;
    last = message;
    write(`${message}\n`);
  };
  return { debug: () => {}, info: () => {}, warn: tell, error: tell };
}
