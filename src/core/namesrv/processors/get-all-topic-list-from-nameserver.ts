/**
 * GET_ALL_TOPIC_LIST_FROM_NAMESERVER (206): every topic known here.
 * Behaviour: system and retry topics included.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getAllTopicListFromNameserver } from '../../protocol/requests/get-all-topic-list-from-nameserver.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetAllTopicListFromNameserver: NamesrvProcessor<typeof getAllTopicListFromNameserver> = (
  context,
) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.allTopics()),
});
