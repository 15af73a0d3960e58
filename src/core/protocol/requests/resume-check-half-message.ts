/**
 * RESUME_CHECK_HALF_MESSAGE (323): sets the check count of a half message back to 0 and puts it up for checks again.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional } from '../schema.ts';

export const resumeCheckHalfMessage = defineRequest({
  code: RequestCode.RESUME_CHECK_HALF_MESSAGE,
  javaClass: 'ResumeCheckHalfMessageRequestHeader',
  request: {
    /** An offsetMsgId. */
    msgId: optional('string'),
  },
});
