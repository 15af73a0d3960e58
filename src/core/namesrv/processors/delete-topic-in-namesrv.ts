/**
 * DELETE_TOPIC_IN_NAMESRV (216): removes the route of a topic, of one cluster's brokers when clusterName is given.
 * Behaviour: a broker that still has the topic announces it again with its next changed registration.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { deleteTopicInNamesrv } from '../../protocol/requests/delete-topic-in-namesrv.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processDeleteTopicInNamesrv: NamesrvProcessor<typeof deleteTopicInNamesrv> = (context, request) => {
  context.routes.deleteTopic(request.header.topic, request.header.clusterName);
  return { code: ResponseCode.SUCCESS };
};
