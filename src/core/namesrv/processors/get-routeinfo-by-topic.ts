/**
 * GET_ROUTEINFO_BY_TOPIC (105): brokers and queues of a topic.
 * Behaviour: 17 unless a queue and a broker are known; orderTopicConf only with orderMessageEnable=true.
 * Differences from 4.9: none.
 * Version notes: broker ids are quoted (standard JSON) for clients from V4_9_4 on and for acceptStandardJsonOnly.
 */

import { encodeTopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import type { getRouteinfoByTopic } from '../../protocol/requests/get-routeinfo-by-topic.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { NAMESPACE_ORDER_TOPIC_CONFIG } from '../kv-config-manager.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

const V4_9_4 = 401;
const FAQ = 'See http://rocketmq.apache.org/docs/faq/ for further details.';

export const processGetRouteinfoByTopic: NamesrvProcessor<typeof getRouteinfoByTopic> = (context, request) => {
  const { topic, acceptStandardJsonOnly } = request.header;
  const route = context.routes.pickupTopicRouteData(topic);
  if (route === undefined) {
    const remark = `No topic route info in name server for the topic: ${topic}\n${FAQ}`;
    throw new ReplyError(ResponseCode.TOPIC_NOT_EXIST, remark);
  }
  if (context.config.orderMessageEnable) route.orderTopicConf = context.kv.get(NAMESPACE_ORDER_TOPIC_CONFIG, topic);
  const standardJson = request.command.version >= V4_9_4 || acceptStandardJsonOnly === true;
  return { code: ResponseCode.SUCCESS, body: encodeTopicRouteData(route, { standardJson }) };
};
