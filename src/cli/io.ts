/**
 * The terminal as a dependency: where results (stdout) and everything else (stderr) go. Commands never touch process.stdout,
 * so that a test can run one in process and look at exactly what a shell would have seen.
 */

import type { Interfaces } from '@oclif/core';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
  /** Writes to stdout exactly these characters. */
  out(text: string): void;
  /** Writes to stderr exactly these characters. */
  err(text: string): void;
}

export const processIo: Io = {
  env: process.env,
  get stdoutIsTerminal() {
    return process.stdout.isTTY === true;
  },
  get stderrIsTerminal() {
    return process.stderr.isTTY === true;
  },
  get columns() {
    return process.stdout.columns ?? 80;
  },
  out(text) {
    process.stdout.write(text);
  },
  err(text) {
    process.stderr.write(text);
  },
};

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
