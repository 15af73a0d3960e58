/** CLONE_GROUP_OFFSET (314): copies the committed offsets of a topic from one group to another. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const cloneGroupOffset = defineRequest({
  code: RequestCode.CLONE_GROUP_OFFSET,
  javaClass: 'CloneGroupOffsetRequestHeader',
  request: {
    srcGroup: required('string'),
    destGroup: required('string'),
    topic: optional('string'),
    offline: optional('boolean'),
  },
});
