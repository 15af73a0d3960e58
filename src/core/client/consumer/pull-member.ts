/**
 * What consumers that take messages by themselves answer for their group. Mirrors DefaultMQPullConsumer and
 * DefaultLitePullConsumer: nobody sends them to other offsets, and there is no listener to give a message to.
 */

import type { ConsumerData } from '../../protocol/bodies/heartbeat-data.ts';
import type { ClientInstance, ConsumerMember } from '../client-instance.ts';
import type { MemberRequests } from '../client-processors.ts';
import type { OffsetStore } from './offset-store.ts';
import { activityText, runningProperties } from './running-info.ts';

export interface PullRequestsOptions {
  instance: ClientInstance;
  offsets: OffsetStore;
  /** What the brokers are told of the group now. */
  consumerData: () => ConsumerData;
}

export function pullRequests({ instance, offsets, consumerData }: PullRequestsOptions): MemberRequests {
  const startedAt = instance.clock.now();
  return {
    status: (topic) => offsets.known(topic),
    runningInfo: (jstack) => {
      const { groupName: consumerGroup, messageModel = 'CLUSTERING', subscriptionDataSet } = consumerData();
      return {
        properties: runningProperties({
          namesrvAddrs: instance.namesrv.addrs,
          consumeType: 'CONSUME_ACTIVELY',
          ordered: false,
          consumeThreadMax: 0,
          startedAt,
          settings: { consumerGroup, messageModel },
        }),
        subscriptionSet: subscriptionDataSet,
        mqTable: [],
        statusTable: {},
        jstack: jstack ? activityText([], instance.clock) : undefined,
      };
    },
  };
}

/**
 * The pull consumer takes messages from queues it chooses: it has no subscription and no share of queues.
 */
export function pullMember(group: string, instance: ClientInstance, offsets: OffsetStore): ConsumerMember {
  const consumerData = (): ConsumerData => ({
    groupName: group,
    consumeType: 'CONSUME_ACTIVELY',
    messageModel: 'CLUSTERING',
    consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    subscriptionDataSet: [],
    unitMode: false,
  });
  return { group, consumerData, rebalanceSoon: () => {}, requests: pullRequests({ instance, offsets, consumerData }) };
}
