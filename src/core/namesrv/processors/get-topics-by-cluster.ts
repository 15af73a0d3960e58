/**
 * GET_TOPICS_BY_CLUSTER (224): the topics on the brokers of a cluster.
 * Behaviour: an empty list for an unknown cluster.
 * Differences from 4.9: the order of the names.
 * Version notes: none.
 */

import { encodeTopicList } from '../../protocol/bodies/topic-list.ts';
import type { getTopicsByCluster } from '../../protocol/requests/get-topics-by-cluster.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetTopicsByCluster: NamesrvProcessor<typeof getTopicsByCluster> = (context, request) => ({
  code: ResponseCode.SUCCESS,
  body: encodeTopicList(context.routes.topicsByCluster(request.header.cluster)),
});
