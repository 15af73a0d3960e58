/**
 * What RocketMQ's launch scripts answer when something goes wrong: usage and exit code 1, a sentence on stdout and 253 for
 * addresses that are none and for a slave with a master's id, 255 for a start that failed. Where Java prints a stack, one
 * sentence goes to stderr.
 */

import { PocketError } from '../core/common/errors.ts';
import { type CommandFacts, usageTexts } from './base-command.ts';
import { ExitCode } from './exit-codes.ts';
import { CliFault, HelpRequest, Interruption, StdoutFault, UsageFault } from './faults.ts';
import type { Io } from './io.ts';
import { sentenceOf } from './sentences.ts';

/** Runs `work`; what it throws becomes the launcher's answer. */
export async function asLauncher(command: CommandFacts, io: Io, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw faultOf(error, command, io);
  }
}

function faultOf(error: unknown, command: CommandFacts, io: Io): Error {
  if (error instanceof HelpRequest || error instanceof Interruption || error instanceof StdoutFault) return error;
  if (error instanceof UsageFault) io.out(usageTexts(command).usage);
  if (error instanceof CliFault) return withCause(new CliFault(error.message, ExitCode.FAILED), error);
  if (error instanceof PocketError && error.code === 'ILLEGAL_ARGUMENT') {
    if (/^The Name Server/.test(error.message)) return new StdoutFault(`${error.message}\n`, ExitCode.LAUNCH_REFUSED);
    // Java forgets the line end here.
    if (/^Slave's brokerId/.test(error.message)) return new StdoutFault(error.message, ExitCode.LAUNCH_REFUSED);
  }
  return withCause(new CliFault(sentenceOf(error), ExitCode.LAUNCH_FAILED), error);
}

function withCause(fault: Error, cause: unknown): Error {
  fault.cause = cause;
  return fault;
}
