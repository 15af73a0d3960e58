/**
 * What can end a command before its work is done: a fault of the line typed, a request for help, an interruption. Failures
 * of the work itself are the core's PocketErrors. Each message is one whole sentence, ready for stderr.
 */

import type { ExitCode } from './exit-codes.ts';

export class CliFault extends Error {
  readonly exitCode: ExitCode;

  constructor(sentence: string, exitCode: ExitCode) {
    super(sentence);
    this.name = 'CliFault';
    this.exitCode = exitCode;
  }
}

/** The line cannot be understood: mqadmin prints the usage text on stdout for these, so do we. */
export class UsageFault extends CliFault {
  constructor(sentence: string) {
    super(sentence, 2);
    this.name = 'UsageFault';
  }
}

/** A value that cannot be used. Exit code as for a usage fault, but mqadmin prints no usage text here. */
export class ValueFault extends CliFault {
  constructor(sentence: string) {
    super(sentence, 2);
    this.name = 'ValueFault';
  }
}

/**
 * A rule of mqadmin that it reports on **stdout**, with or without a line end (`Please set the brokerName before queueId!`).
 * stderr stays empty: the sentence has been said.
 */
export class StdoutFault extends CliFault {
  constructor(text: string, exitCode: ExitCode = 2) {
    super(text, exitCode);
    this.name = 'StdoutFault';
  }
}

/** `-h` was given on a line without other faults. */
export class HelpRequest extends Error {
  constructor() {
    super('help');
    this.name = 'HelpRequest';
  }
}

export type InterruptingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const exitCodeBySignal = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** A signal came, or nobody reads stdout any more. Silent: who did it knows. */
export class Interruption extends CliFault {
  constructor(signal: InterruptingSignal | 'SIGPIPE') {
    super(`stopped by ${signal}`, exitCodeBySignal[signal]);
    this.name = 'Interruption';
  }
}
