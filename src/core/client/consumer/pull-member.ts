/**
 * What DefaultMQPullConsumer tells the brokers of its group: it takes messages by itself, from queues it chooses, so there is
 * no subscription and no share of queues.
 */

import type { ConsumerMember } from '../client-instance.ts';

export function pullMember(group: string): ConsumerMember {
  return {
    group,
    consumerData: () => ({
      groupName: group,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: [],
      unitMode: false,
    }),
    rebalanceSoon: () => {},
  };
}
