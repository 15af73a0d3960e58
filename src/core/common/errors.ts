/**
 * The one table of errors. Every failure the core reports on purpose is a PocketError with a code from this table; the
 * command line maps the code to one sentence and an exit code, a program switches on `code`. `cause` keeps what lay below.
 */

/** code -> whether the same call may succeed when it is repeated. */
const retriableByCode = {
  /** A frame, header or body could not be read. */
  PROTOCOL: false,
  /** No TCP connection could be made, or it broke before the answer came. */
  CONNECT: true,
  /** The answer did not come in time. */
  TIMEOUT: true,
  /** The peer answered with a response code other than success; `responseCode` has it. */
  RESPONSE: false,
  /** No namesrv address is known. */
  NO_NAMESRV: false,
  /** A topic, cluster, broker or group does not exist. */
  NOT_FOUND: false,
  /** The caller gave a value that cannot be used. */
  ILLEGAL_ARGUMENT: false,
  /** A configuration file or key cannot be used. */
  CONFIG: false,
  /** Another live process holds the store or the port. */
  IN_USE: false,
  /** The store cannot be opened, read or written. */
  STORE: false,
  /** The service was stopped while the call was under way. */
  STOPPED: false,
  /** Some parts succeeded, some failed. */
  PARTLY: false,
} as const;

export type ErrorCode = keyof typeof retriableByCode;

export class PocketError extends Error {
  readonly code: ErrorCode;
  /** RocketMQ response code, only with code RESPONSE (or NOT_FOUND where the peer said so). */
  readonly responseCode: number | undefined;
  /** The peer's remark or address, where there is one. */
  readonly detail: string | undefined;
  /** Exit code of the process this is about, only with code STOPPED. */
  readonly exitCode: number | undefined;

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

  get retriable(): boolean {
    return retriableByCode[this.code];
  }
}

/** The errno name of a Node system error (ENOSPC, EADDRINUSE, …), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
