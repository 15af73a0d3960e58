/**
 * GET_TOPIC_CONFIG (351): the configuration of one topic.
 * Behaviour: 17 for an unknown topic.
 * Differences from 4.9: 4.9 does not know the request.
 * Version notes: mqadmin of 5.x asks it in topicStatus and consumerProgress; there is no mappingDetail.
 */

import { encodeTopicConfig } from '../../protocol/bodies/topic-config.ts';
import type { getTopicConfig } from '../../protocol/requests/get-topic-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetTopicConfig: BrokerProcessor<typeof getTopicConfig> = (context, request) => {
  const { topic } = request.header;
  const config = context.topics.select(topic);
  if (config === undefined)
    throw new ReplyError(ResponseCode.TOPIC_NOT_EXIST, `No topic in this broker. topic: ${topic}`);
  return { code: ResponseCode.SUCCESS, body: encodeTopicConfig(config) };
};
