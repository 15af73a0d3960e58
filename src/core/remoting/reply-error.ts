/**
 * The one exception a processor throws on purpose: a response code and the remark the client sees. Anything else a
 * processor throws becomes SYSTEM_ERROR and is logged with its stack.
 */
export class ReplyError extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, remark: string) {
    super(remark);
    this.name = 'ReplyError';
    this.responseCode = responseCode;
  }
}
