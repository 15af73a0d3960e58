/**
 * GET_ALL_TOPIC_CONFIG (21): the whole topic table with its version; slaves and admin tools copy it.
 * Behaviour: built-in topics included.
 * Differences from 4.9: the order of the topics.
 * Version notes: none.
 */

import { encodeTopicConfigSerializeWrapper } from '../../protocol/bodies/topic-config.ts';
import type { getAllTopicConfig } from '../../protocol/requests/get-all-topic-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetAllTopicConfig: BrokerProcessor<typeof getAllTopicConfig> = (context) => ({
  code: ResponseCode.SUCCESS,
  header: {},
  body: encodeTopicConfigSerializeWrapper(context.topics.serializeWrapper()),
});
