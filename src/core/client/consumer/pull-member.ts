/**
 * What DefaultMQPullConsumer tells the brokers of its group: it takes messages by itself, from queues it chooses, so there is
 * no subscription and no share of queues, nobody sends it elsewhere, and there is no listener to give a message to.
 */

import type { ClientInstance, ConsumerMember } from '../client-instance.ts';
import type { OffsetStore } from './offset-store.ts';
import { activityText, runningProperties } from './running-info.ts';

export function pullMember(group: string, instance: ClientInstance, offsets: OffsetStore): ConsumerMember {
  const startedAt = instance.clock.now();
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
    requests: {
      status: (topic) => offsets.known(topic),
      runningInfo: (jstack) => ({
        properties: runningProperties({
          namesrvAddrs: instance.namesrv.addrs,
          consumeType: 'CONSUME_ACTIVELY',
          ordered: false,
          consumeThreadMax: 0,
          startedAt,
          settings: { consumerGroup: group, messageModel: 'CLUSTERING' },
        }),
        subscriptionSet: [],
        mqTable: [],
        statusTable: {},
        jstack: jstack ? activityText([], instance.clock) : undefined,
      }),
    },
  };
}
