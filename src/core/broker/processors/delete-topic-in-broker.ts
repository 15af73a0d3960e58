/**
 * DELETE_TOPIC_IN_BROKER (215): removes a topic and its queues; its records stay in the commitlog until that is cleaned.
 * Behaviour: success for a topic that is not there; system topics are refused. The namesrvs keep the route until they are
 *   told to drop it (216). A topic of that name begins at offset 0 again.
 * Differences from 4.9: held pulls of the topic are answered at once; committed offsets of the topic go with it, because
 *   they would make groups skip the messages of a new topic of that name.
 * Version notes: none.
 */

import { topicFault } from '../../message/topic-validator.ts';
import type { deleteTopicInBroker } from '../../protocol/requests/delete-topic-in-broker.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processDeleteTopicInBroker: BrokerProcessor<typeof deleteTopicInBroker> = async (context, request) => {
  const { topic } = request.header;
  context.logger.info(`deleteTopic called by ${request.connection.remoteAddr}`);
  const fault = topicFault(topic);
  if (fault !== undefined) throw new ReplyError(ResponseCode.SYSTEM_ERROR, fault);
  if (context.topics.isSystemTopic(topic)) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `The topic[${topic}] is conflict with system topic.`);
  }
  // In one turn: a message that comes between would be stored in a queue that is about to go.
  const saved = context.topics.delete(topic);
  context.store.destroyTopic(topic);
  context.offsets.removeTopic(topic);
  context.pullHold.wakeTopic(topic);
  if (!(await saved)) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `topics.json without the topic[${topic}] could not be written`);
  }
  return { code: ResponseCode.SUCCESS };
};
