/**
 * The log of one process: lines appended to a file, rotated by size (X.log, X.log.1 newest … X.log.N oldest), so that logs
 * never take more than maxBytes * (keep + 1). Line: `2026-11-23 05:59:23,123 INFO message`, local time.
 *
 * A level gets so many lines in ten seconds; how many were left out is said in the next one, so that nobody who makes a
 * server log can turn over what stands in it.
 *
 * Lines of one turn of the event loop go out in one write; an error goes out at once. A log that cannot be written loses
 * lines, says how many once it can again, and never disturbs the service.
 */

import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../common/clock.ts';
import { LineBudget } from '../common/line-budget.ts';
import type { Logger } from '../common/logger.ts';

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Lines of a level in BUDGET_MS: errors have stacks, and each is a write of its own. */
const BUDGETS: Readonly<Record<LogLevel, number>> = { DEBUG: 20_000, INFO: 2000, WARN: 2000, ERROR: 200 };
const BUDGET_MS = 10_000;

export interface LogFileOptions {
  path: string;
  clock?: Clock;
  /** Lines below this level are dropped; default INFO. */
  level?: LogLevel;
  /** Size at which the file is rotated; default 10 MiB. */
  maxBytes?: number;
  /** Rotated files kept; default 4. */
  keep?: number;
}

export class LogFile implements Logger {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #level: number;
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #budgets: Readonly<Record<LogLevel, LineBudget>>;
  #fd: number | undefined;
  #size = 0;
  #waiting = '';
  #scheduled = false;
  #lost = 0;
  #closed = false;

  constructor(options: LogFileOptions) {
    this.#path = options.path;
    this.#clock = options.clock ?? systemClock;
    const budget = (level: LogLevel): LineBudget => new LineBudget(this.#clock, BUDGETS[level], BUDGET_MS);
    this.#budgets = { DEBUG: budget('DEBUG'), INFO: budget('INFO'), WARN: budget('WARN'), ERROR: budget('ERROR') };
    this.#level = LEVELS.indexOf(options.level ?? 'INFO');
    this.#maxBytes = options.maxBytes ?? 10 * 1024 * 1024;
    this.#keep = options.keep ?? 4;
  }

  debug(message: string): void {
    this.#add('DEBUG', message);
  }

  info(message: string): void {
    this.#add('INFO', message);
  }

  warn(message: string): void {
    this.#add('WARN', message);
  }

  error(message: string, error?: unknown): void {
    this.#add('ERROR', error === undefined ? message : `${message}\n${traceOf(error)}`);
    this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting === '') return;
    let text = this.#waiting;
    this.#waiting = '';
    if (this.#lost > 0) text = `${this.#line('WARN', `${this.#lost} writes of this log failed`)}${text}`;
    try {
      const bytes = Buffer.from(text);
      const fd = this.#fileFor(bytes.length);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      this.#size += bytes.length;
      this.#lost = 0;
    } catch {
      this.#lost++;
      this.#closeFile();
    }
  }

  /** Writes what waits and closes the file; later lines are dropped. */
  close(): void {
    this.flush();
    this.#closed = true;
    this.#closeFile();
  }

  #add(level: LogLevel, message: string): void {
    if (this.#closed || LEVELS.indexOf(level) < this.#level) return;
    const leftOut = this.#budgets[level].take();
    if (leftOut === undefined) return;
    if (leftOut > 0) this.#waiting += this.#line('WARN', `${leftOut} lines of level ${level} were left out`);
    this.#waiting += this.#line(level, message);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.flush();
    });
  }

  #line(level: LogLevel, message: string): string {
    return `${formatTime(this.#clock.now())} ${level} ${message}\n`;
  }

  #fileFor(bytes: number): number {
    if (this.#fd !== undefined && this.#size > 0 && this.#size + bytes > this.#maxBytes) {
      this.#closeFile();
      this.#rotate();
    }
    if (this.#fd === undefined) {
      mkdirSync(dirname(this.#path), { recursive: true });
      this.#fd = openSync(this.#path, 'a');
      this.#size = fstatSync(this.#fd).size;
    }
    return this.#fd;
  }

  #rotate(): void {
    if (this.#keep === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    for (let n = this.#keep; n >= 1; n--) {
      try {
        renameSync(n === 1 ? this.#path : `${this.#path}.${n - 1}`, `${this.#path}.${n}`);
      } catch {
        // Not that many files yet.
      }
    }
  }

  #closeFile(): void {
    if (this.#fd === undefined) return;
    try {
      closeSync(this.#fd);
    } catch {
      // Nothing can be done for a file that does not close.
    }
    this.#fd = undefined;
  }
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const trace = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? trace : `${trace}\nCaused by: ${traceOf(error.cause)}`;
}

function formatTime(millis: number): string {
  const time = new Date(millis);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
}
