/**
 * QUERY_SUBSCRIPTION_BY_CONSUMER (345): what an online group subscribes to of one topic.
 * Behaviour: {"group":S,"subscriptionData":{},"topic":S}, without subscriptionData when there is none.
 * Differences from 4.9: 4.9 does not know the request.
 * Version notes: asked by admin tools of 5.x.
 */

import { stringifyFastJson } from '../../common/fastjson.ts';
import type { querySubscriptionByConsumer } from '../../protocol/requests/query-subscription-by-consumer.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processQuerySubscriptionByConsumer: BrokerProcessor<typeof querySubscriptionByConsumer> = (
  context,
  request,
) => {
  const { group, topic } = request.header;
  const subscriptionData = topic === undefined ? undefined : context.consumers.subscription(group, topic)?.data;
  return { code: ResponseCode.SUCCESS, body: Buffer.from(stringifyFastJson({ group, topic, subscriptionData })) };
};
