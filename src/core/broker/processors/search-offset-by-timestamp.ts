/**
 * SEARCH_OFFSET_BY_TIMESTAMP (29): the offset of the message of a queue that was stored nearest to a time.
 * Behaviour: earlier than all: the first; later than all: the last (not the end); 0 for an unknown topic or queue.
 * Differences from 4.9: of several messages of exactly that time the first (Java: any of them); all files of the queue are
 *   looked at (Java: one, chosen by its modification time). See store/offset-by-time.ts.
 * Version notes: boundaryType of 5.x is not read; one Go client sends Topic and QueueId.
 */

import type { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processSearchOffsetByTimestamp: BrokerProcessor<typeof searchOffsetByTimestamp> = (context, request) => {
  const { topic, queueId, timestamp } = request.header;
  return {
    code: ResponseCode.SUCCESS,
    header: { offset: context.store.offsetInQueueByTime(topic, queueId, timestamp) },
  };
};
