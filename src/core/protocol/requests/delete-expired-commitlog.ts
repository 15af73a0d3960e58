/** DELETE_EXPIRED_COMMITLOG (329): removes commit-log files past their time. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const deleteExpiredCommitlog = defineRequest({
  code: RequestCode.DELETE_EXPIRED_COMMITLOG,
});
