/**
 * GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST (313): topics with unit subscriptions that are no unit topics themselves (body
 * TopicList).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getHasUnitSubUnunitTopicList = defineRequest({
  code: RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST,
});
