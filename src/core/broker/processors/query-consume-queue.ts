/**
 * QUERY_CONSUME_QUEUE (321): units of a queue as they lie in its file, and what a group subscribes to.
 * Behaviour: units from `index` on, `count` of them, to the end of the file the index lies in at most. 1 for a queue that has
 *   never had a message; an index before the first or behind the last unit is a success without a body, told in the remark.
 *   `eval` stays false and the extended members absent: both come from the extended queue, which is not kept.
 * Differences from 4.9: a queue of which somebody only asked the offsets is unknown (Java makes an empty one then);
 *   at most 65536 units an answer, which stay below the frame limit; filterData is `null` for SQL92, too.
 * Version notes: none.
 */

import { type ConsumeQueueAnswer, encodeConsumeQueueAnswer } from '../../protocol/bodies/query-consume-queue.ts';
import type { queryConsumeQueue } from '../../protocol/requests/query-consume-queue.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';

const MAX_UNITS = 65_536;

export const processQueryConsumeQueue: BrokerProcessor<typeof queryConsumeQueue> = (context, request) => {
  const { topic = '', queueId = 0, index = 0, count = 0, consumerGroup } = request.header;
  const queue = context.store.queueUnits({ topic, queueId, index, count: Math.min(count, MAX_UNITS) });
  if (queue === undefined) throw new ReplyError(ResponseCode.SYSTEM_ERROR, `${queueId}@${topic} is not exist!`);
  if (queue.units === undefined) {
    return { code: ResponseCode.SUCCESS, remark: `Index ${index} of ${queueId}@${topic} is not exist!` };
  }
  const body = encodeConsumeQueueAnswer({
    ...(consumerGroup !== undefined && filterOf(context, consumerGroup, topic)),
    minQueueIndex: queue.minOffset,
    maxQueueIndex: queue.maxOffset,
    queueData: queue.units.map((unit) => ({ ...unit, eval: false })),
  });
  return { code: ResponseCode.SUCCESS, body };
};

function filterOf(
  context: BrokerContext,
  group: string,
  topic: string,
): Pick<ConsumeQueueAnswer, 'subscriptionData' | 'filterData'> {
  const subscription = context.consumers.subscription(group, topic);
  if (subscription === undefined) return { filterData: `${group}@${topic} is not online!` };
  return { subscriptionData: subscription.data, filterData: 'null' };
}
