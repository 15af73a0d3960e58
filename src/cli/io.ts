/**
 * The terminal as a dependency: where results (stdout) and everything else (stderr) go. Commands never touch process.stdout,
 * so that a test can run one in process and look at exactly what a shell would have seen.
 */

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Interfaces } from '@oclif/core';
import { errnoOf } from '../core/common/errors.ts';
import { Interruption } from './faults.ts';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
  /** Writes to stdout exactly these characters. Throws an Interruption when nobody reads them any more. */
  out(text: string): void;
  /** Writes to stderr exactly these characters. */
  err(text: string): void;
}

/**
 * process.stdout and process.stderr are left alone where they are no terminal: Node makes a pipe non-blocking for everybody
 * who shares it, and then `cat` in the same script loses output while a server of ours runs in the background.
 */
export const processIo: Io = {
  env: process.env,
  get stdoutIsTerminal() {
    return isatty(STDOUT);
  },
  get stderrIsTerminal() {
    return isatty(STDERR);
  },
  get columns() {
    return isatty(STDOUT) ? (process.stdout.columns ?? 80) : 80;
  },
  out(text) {
    if (!writeAll(STDOUT, text)) throw new Interruption('SIGPIPE');
  },
  err(text) {
    try {
      writeAll(STDERR, text);
    } catch {
      // A log on a full disk: there is nowhere left to say so, and the exit code still counts.
    }
  },
};

const STDOUT = 1;
const STDERR = 2;
const FULL_PIPE_PAUSE_MS = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** False when nobody reads any more. */
function writeAll(fd: number, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EPIPE' || errno === 'EBADF') return false;
      if (errno !== 'EAGAIN') throw error;
      // Somebody else made the pipe non-blocking, and it is full.
      Atomics.wait(pause, 0, 0, FULL_PIPE_PAUSE_MS);
    }
  }
  return true;
}

/**
 * Several sentences of mqadmin have no line end. On a terminal the prompt would stick to them, so `finish` adds it there,
 * and only there: through a pipe the bytes are mqadmin's.
 */
export class LineKeepingIo implements Io {
  readonly #below: Io;
  #endsLine = true;

  constructor(below: Io) {
    this.#below = below;
  }

  get env() {
    return this.#below.env;
  }
  get stdoutIsTerminal() {
    return this.#below.stdoutIsTerminal;
  }
  get stderrIsTerminal() {
    return this.#below.stderrIsTerminal;
  }
  get columns() {
    return this.#below.columns;
  }

  out(text: string): void {
    if (text === '') return;
    this.#endsLine = text.endsWith('\n');
    this.#below.out(text);
  }

  err(text: string): void {
    this.finish();
    this.#below.err(text);
  }

  finish(): void {
    if (this.#endsLine || !this.stdoutIsTerminal) return;
    this.#endsLine = true;
    this.#below.out('\n');
  }
}

const ioByConfig = new WeakMap<Interfaces.Config, Io>();

/** oclif hands a command its Config and nothing else, so the Io of a run hangs on that. */
export function bindIo(config: Interfaces.Config, io: Io): void {
  ioByConfig.set(config, io);
}

export function ioOf(config: Interfaces.Config): Io {
  return ioByConfig.get(config) ?? processIo;
}
