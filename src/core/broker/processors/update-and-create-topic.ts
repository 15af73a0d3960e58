/**
 * UPDATE_AND_CREATE_TOPIC (17): creates or replaces the configuration of one topic.
 * Behaviour: answers after the topic is written and every namesrv that can be reached has it. `order` is not taken from
 *   the request: it comes from the namesrvs. Fewer queues than before keep their data.
 * Differences from 4.9: negative queue numbers and those above 65536 are refused; Java stores them. The remark of a success is absent (Java:
 *   "not set any response code").
 * Version notes: attributes and force of 5.x are not read.
 */

import { topicFault } from '../../message/topic-validator.ts';
import type { updateAndCreateTopic } from '../../protocol/requests/update-and-create-topic.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { MAX_QUEUES_OF_TOPIC, tooMany } from '../table-limits.ts';
import { newTopicConfig } from '../topic-config-text.ts';

export const processUpdateAndCreateTopic: BrokerProcessor<typeof updateAndCreateTopic> = async (context, request) => {
  const { topic, readQueueNums, writeQueueNums, perm, topicFilterType, topicSysFlag = 0 } = request.header;
  const fault = topicFault(topic);
  if (fault !== undefined) throw new ReplyError(ResponseCode.SYSTEM_ERROR, fault);
  if (context.topics.isSystemTopic(topic)) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `The topic[${topic}] is conflict with system topic.`);
  }
  if (readQueueNums < 0 || writeQueueNums < 0) {
    const remark = `The topic[${topic}] cannot have ${readQueueNums} read and ${writeQueueNums} write queues.`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
  }
  const queues = Math.max(readQueueNums, writeQueueNums);
  if (queues > MAX_QUEUES_OF_TOPIC)
    throw tooMany(`The topic[${topic}] would have ${queues} queues`, MAX_QUEUES_OF_TOPIC);
  const config = newTopicConfig(topic, {
    readQueueNums,
    writeQueueNums,
    perm,
    topicSysFlag,
    topicFilterType: topicFilterType === 'MULTI_TAG' ? 'MULTI_TAG' : 'SINGLE_TAG',
  });
  if (!(await context.topics.update(config))) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `the topic[${topic}] could not be written to topics.json`);
  }
  await context.registerTopics();
  return { code: ResponseCode.SUCCESS };
};
