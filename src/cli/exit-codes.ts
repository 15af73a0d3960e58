/**
 * The exit codes of every command, and which one an error gets. mqadmin itself ends with 0 after most failures; ours never
 * does. Interrupted and terminated runs end as a shell reports a death by signal: 128 + the signal's number.
 */

import { errnoOf, PocketError } from '../core/common/errors.ts';
import { ResponseCode } from '../core/protocol/response-code.ts';
import { CliFault } from './faults.ts';

export const ExitCode = {
  DONE: 0,
  FAILED: 1,
  USAGE: 2,
  /** No name server is known, or nothing answers at the address. */
  CONNECT: 3,
  NOT_FOUND: 4,
  DENIED: 5,
  TIMED_OUT: 6,
  /** Some brokers did it, some did not. */
  PARTLY: 7,
  HUNG_UP: 129,
  INTERRUPTED: 130,
  BROKEN_PIPE: 141,
  TERMINATED: 143,
  /** The launchers only, as RocketMQ's: an address list that is none, and any start that failed. */
  LAUNCH_REFUSED: 253,
  LAUNCH_FAILED: 255,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const exitCodeByErrorCode: Readonly<Partial<Record<PocketError['code'], ExitCode>>> = {
  CONNECT: ExitCode.CONNECT,
  NO_NAMESRV: ExitCode.CONNECT,
  NOT_FOUND: ExitCode.NOT_FOUND,
  TIMEOUT: ExitCode.TIMED_OUT,
  PARTLY: ExitCode.PARTLY,
  ILLEGAL_ARGUMENT: ExitCode.USAGE,
};

const exitCodeByResponseCode = new Map<number, ExitCode>([
  [ResponseCode.NO_PERMISSION, ExitCode.DENIED],
  [ResponseCode.TOPIC_NOT_EXIST, ExitCode.NOT_FOUND],
  [ResponseCode.QUERY_NOT_FOUND, ExitCode.NOT_FOUND],
  [ResponseCode.CONSUMER_NOT_ONLINE, ExitCode.NOT_FOUND],
  [ResponseCode.NO_MESSAGE, ExitCode.NOT_FOUND],
]);

/** Rejections by access control come as SYSTEM_ERROR with the name of Java's exception in the text. */
const isAccessControlText = (text: string): boolean => text.includes('acl.common.AclException');

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliFault) return error.exitCode;
  if (error instanceof PocketError) {
    if (isAccessControlText(`${error.message} ${error.detail ?? ''}`)) return ExitCode.DENIED;
    if (error.exitCode !== undefined && isFailure(error.exitCode)) return error.exitCode;
    const byResponse = error.responseCode === undefined ? undefined : exitCodeByResponseCode.get(error.responseCode);
    return byResponse ?? exitCodeByErrorCode[error.code] ?? causeCode(error);
  }
  return ofErrno(error);
}

/** Codes of a failure: a started process that ended with one failed for the same reason as the command that started it. */
const isFailure = (code: number): code is ExitCode =>
  code > ExitCode.DONE && code <= ExitCode.PARTLY && Number.isInteger(code);

/** An error without a code of its own takes the one of what lay below: a store that may not be written is a denial. */
function causeCode(error: PocketError): ExitCode {
  return error.cause === undefined ? ExitCode.FAILED : exitCodeOf(error.cause);
}

function ofErrno(error: unknown): ExitCode {
  const errno = errnoOf(error);
  return errno === 'EACCES' || errno === 'EPERM' ? ExitCode.DENIED : ExitCode.FAILED;
}
