/**
 * GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST (313): topics with unit subscriptions that are no unit topics.
 * Behaviour: decided on the first broker of a topic.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getHasUnitSubUnunitTopicList } from '../../protocol/requests/get-has-unit-sub-ununit-topic-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetHasUnitSubUnunitTopicList: NamesrvProcessor<typeof getHasUnitSubUnunitTopicList> = (
  context,
) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.hasUnitSubUnUnitTopics()),
});
