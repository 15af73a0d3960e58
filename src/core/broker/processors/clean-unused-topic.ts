/**
 * CLEAN_UNUSED_TOPIC (316): deletes the queues of topics that topics.json does not name.
 * Behaviour: success whatever there was to do; the topics of delayed and of ended transactional messages stay.
 * Differences from 4.9: held pulls of such topics are answered at once.
 * Version notes: none.
 */

import type { cleanUnusedTopic } from '../../protocol/requests/clean-unused-topic.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processCleanUnusedTopic: BrokerProcessor<typeof cleanUnusedTopic> = (context) => {
  const { store, topics, pullHold, logger } = context;
  const cleaned = store.cleanUnusedTopics((topic) => topics.select(topic) !== undefined);
  for (const topic of cleaned) pullHold.wakeTopic(topic);
  logger.info(`the queues of ${cleaned.length} topics were deleted because nobody uses them`);
  return { code: ResponseCode.SUCCESS };
};
