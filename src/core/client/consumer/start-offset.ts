/**
 * Where a group begins in a queue it has just got. A committed offset wins; without one the group's consumeFromWhere
 * decides. Mirrors RebalancePushImpl.computePullFromWhereWithException (protocol/behaviours.md section 9).
 *
 * A broker answers 0 for a queue whose first message is still there, so a new group on a young topic starts at 0 even
 * with CONSUME_FROM_LAST_OFFSET. Retry topics: last means 0, so that no message waiting for its retry is lost.
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';

/** Where a group without a committed offset begins in a queue. */
export type StartFrom = 'CONSUME_FROM_LAST_OFFSET' | 'CONSUME_FROM_FIRST_OFFSET' | 'CONSUME_FROM_TIMESTAMP';

/** What the broker is asked; each may reject. */
export interface OffsetSource {
  /** The committed offset, undefined when there is none. */
  committed(mq: MessageQueue): Promise<number | undefined>;
  /** The offset of the next message to come. */
  max(mq: MessageQueue): Promise<number>;
  /** The offset of the message stored nearest to a time, ms. */
  byTime(mq: MessageQueue, timestamp: number): Promise<number>;
}

export async function startOffset(
  mq: MessageQueue,
  from: { readonly where: StartFrom; readonly timestamp: number },
  source: OffsetSource,
): Promise<number> {
  const committed = await source.committed(mq);
  if (committed !== undefined && committed >= 0) return committed;
  const isRetry = mq.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX);
  switch (from.where) {
    case 'CONSUME_FROM_FIRST_OFFSET':
      return 0;
    case 'CONSUME_FROM_LAST_OFFSET':
      return isRetry ? 0 : source.max(mq);
    case 'CONSUME_FROM_TIMESTAMP':
      return isRetry ? source.max(mq) : source.byTime(mq, from.timestamp);
  }
}
