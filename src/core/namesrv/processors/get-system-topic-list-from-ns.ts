/**
 * GET_SYSTEM_TOPIC_LIST_FROM_NS (304): the names of clusters and brokers, which are topics too.
 * Behaviour: brokerAddr is some broker, to be asked for its own system topics; absent when there is none.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getSystemTopicListFromNs } from '../../protocol/requests/get-system-topic-list-from-ns.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetSystemTopicListFromNs: NamesrvProcessor<typeof getSystemTopicListFromNs> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.systemTopics()),
});
