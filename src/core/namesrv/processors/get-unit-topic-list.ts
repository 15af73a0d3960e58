/**
 * GET_UNIT_TOPIC_LIST (311): topics with the unit flag.
 * Behaviour: decided on the first broker of a topic.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getUnitTopicList } from '../../protocol/requests/get-unit-topic-list.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetUnitTopicList: NamesrvProcessor<typeof getUnitTopicList> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.unitTopics()),
});
