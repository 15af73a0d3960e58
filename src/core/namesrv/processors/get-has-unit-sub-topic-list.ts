/**
 * GET_HAS_UNIT_SUB_TOPIC_LIST (312): topics with unit subscriptions.
 * Behaviour: decided on the first broker of a topic.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getHasUnitSubTopicList } from '../../protocol/requests/get-has-unit-sub-topic-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetHasUnitSubTopicList: NamesrvProcessor<typeof getHasUnitSubTopicList> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.hasUnitSubTopics()),
});
