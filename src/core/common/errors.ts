/**
 * The one table of errors. Every failure the core reports on purpose is a PocketError with a code from this table; the
 * command line maps the code to one sentence and an exit code, a program switches on `code`. `cause` keeps what lay below.
 */

/** Which failure it was. */
export type ErrorCode =
  /** A frame, header or body could not be read. */
  | 'PROTOCOL'
  /** No TCP connection could be made, or it broke before the answer came. */
  | 'CONNECT'
  /** The answer did not come in time. */
  | 'TIMEOUT'
  /** The peer answered with a response code other than success; `responseCode` has it. */
  | 'RESPONSE'
  /** No namesrv address is known. */
  | 'NO_NAMESRV'
  /** A topic, cluster, broker or group does not exist. */
  | 'NOT_FOUND'
  /** The caller gave a value that cannot be used. */
  | 'ILLEGAL_ARGUMENT'
  /** A configuration file or key cannot be used. */
  | 'CONFIG'
  /** Another live process holds the store or the port. */
  | 'IN_USE'
  /** The store cannot be opened, read or written. */
  | 'STORE'
  /** The service was stopped while the call was under way, or before. */
  | 'STOPPED'
  /** Some parts succeeded, some failed. */
  | 'PARTLY';

/** The same call may succeed when it is repeated. */
const retriable: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONNECT', 'TIMEOUT']);

/** Every failure that is reported on purpose. `cause` keeps what lay below. */
export class PocketError extends Error {
  /** Which failure it was. */
  readonly code: ErrorCode;
  /** RocketMQ response code, only with code RESPONSE (or NOT_FOUND where the peer said so). */
  readonly responseCode: number | undefined;
  /** The peer's remark or address, where there is one. */
  readonly detail: string | undefined;
  /** Exit code of the process this is about, only with code STOPPED. */
  readonly exitCode: number | undefined;

  /** `cause`: what lay below. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; responseCode?: number; detail?: string; exitCode?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PocketError';
    this.code = code;
    this.responseCode = options.responseCode;
    this.detail = options.detail;
    this.exitCode = options.exitCode;
  }

  /** Whether the same call may succeed when it is repeated. */
  get retriable(): boolean {
    return retriable.has(this.code);
  }
}

/** The errno name of a Node system error (ENOSPC, EADDRINUSE, …), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
