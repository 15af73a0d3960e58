/**
 * INVOKE_BROKER_TO_RESET_OFFSET (222): sends the members of a group back or forward to a time (body ResetOffsetBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const invokeBrokerToResetOffset = defineRequest({
  code: RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
  javaClass: 'ResetOffsetRequestHeader',
  request: {
    topic: required('string'),
    group: required('string'),
    /** Milliseconds; -1 means the end of each queue. */
    timestamp: required('long'),
    isForce: required('boolean'),
    /** 5.x with useServerSideResetOffset: one queue, to this offset instead of the time. */
    queueId: optional('int'),
    offset: optional('long'),
  },
});
