/**
 * What a push consumer answers when a broker asks for it: other offsets (220), how far it is (221), what it is doing (307),
 * one message now (309). Mirrors the parts of MQClientInstance, DefaultMQPushConsumerImpl and the consume services for them.
 *
 * Known difference: a queue that is sent elsewhere is taken again as soon as its listener calls allow; Java waits ten seconds
 * in any case.
 */

import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import type { ConsumeMessageDirectlyResult } from '../../protocol/bodies/consume-message-directly-result.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { MemberRequests } from '../client-processors.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { GroupSubscriptions } from './group-subscriptions.ts';
import type { OrderedQueues } from './make-consume-service.ts';
import type { OffsetStore } from './offset-store.ts';
import type { AnyPushConsumerOptions } from './push-consumer-options.ts';
import type { QueueLocks } from './queue-locks.ts';
import type { Rebalancer } from './rebalancer.ts';
import { activityText, runningProperties, runningQueue } from './running-info.ts';

const CONCURRENCY = 20;

export interface PushRequestsContext {
  readonly options: AnyPushConsumerOptions;
  readonly instance: ClientInstance;
  readonly offsets: OffsetStore;
  readonly rebalancer: Rebalancer;
  readonly subscriptions: GroupSubscriptions;
  readonly stats: ConsumerStats;
  /** Of an ordered consumer in clustering mode. */
  readonly locks: QueueLocks | undefined;
  readonly ordered: OrderedQueues | undefined;
  rebalanceSoon(): void;
}

/** The options with a listener whose calls are counted. */
export function measuredListener(options: AnyPushConsumerOptions, stats: ConsumerStats): AnyPushConsumerOptions {
  if (options.ordered === true) {
    return {
      ...options,
      listener: stats.measured(options.listener, (status) => status !== 'SUSPEND_CURRENT_QUEUE_A_MOMENT'),
    };
  }
  const { listener } = options;
  const measured = stats.measured(
    (messages) => listener(messages),
    (status) => status !== 'RECONSUME_LATER',
  );
  return { ...options, listener: (messages) => measured(messages, undefined) };
}

export function pushRequests(context: PushRequestsContext): MemberRequests {
  const { options, instance, offsets, rebalancer, subscriptions, stats, locks } = context;
  const startedAt = instance.clock.now();
  return {
    resetOffset: (targets) => void reset(context, targets),
    consumeDirectly: (message) => consumeDirectly(context, message),
    status: (topic) => offsets.known(topic),
    runningInfo: (jstack) => ({
      properties: runningProperties({
        namesrvAddrs: instance.namesrv.addrs,
        consumeType: 'CONSUME_PASSIVELY',
        ordered: options.ordered === true,
        consumeThreadMax: options.consumeThreadMax ?? CONCURRENCY,
        startedAt,
        settings: settingsOf(options),
      }),
      subscriptionSet: subscriptions.announced(),
      mqTable: rebalancer.queues().flatMap((mq) => {
        const queue = rebalancer.held(mq);
        return queue === undefined ? [] : runningQueue(queue, offsets.read(mq), lockOf(locks, mq));
      }),
      statusTable: Object.fromEntries(subscriptions.topics().map((topic) => [topic, stats.status(topic)])),
      jstack: jstack ? activityText(stats.calls(), instance.clock) : undefined,
    }),
  };
}

function settingsOf(options: AnyPushConsumerOptions) {
  const { group: consumerGroup, consumeThreadMax = CONCURRENCY, pullBatchSize = 32 } = options;
  const {
    messageModel = 'CLUSTERING',
    consumeFromWhere = 'CONSUME_FROM_LAST_OFFSET',
    maxReconsumeTimes = -1,
  } = options;
  const { consumeMessageBatchMaxSize = 1, pullThresholdForQueue = 1000, pullThresholdSizeForQueue = 100 } = options;
  return {
    ...{ consumerGroup, messageModel, consumeFromWhere, consumeThreadMax, consumeMessageBatchMaxSize, pullBatchSize },
    ...{ pullThresholdForQueue, pullThresholdSizeForQueue, maxReconsumeTimes },
  };
}

/** An ordered consumer has every queue it holds locked. */
function lockOf(locks: QueueLocks | undefined, mq: MessageQueue) {
  const lastLockTimestamp = locks?.lockedAt(mq) ?? 0;
  return { locked: lastLockTimestamp > 0, lastLockTimestamp };
}

/** Never rejects. */
async function reset(
  { rebalancer, offsets, ordered, rebalanceSoon }: PushRequestsContext,
  targets: readonly QueueOffset[],
) {
  const moving = targets.flatMap(({ mq, offset }) => {
    const queue = rebalancer.held(mq);
    return queue === undefined ? [] : { queue, offset };
  });
  for (const { queue } of moving) queue.drop();
  await Promise.all(
    moving.map(async ({ queue, offset }) => {
      await ordered?.settled(queue.mq);
      if (!rebalancer.isHeld(queue)) return;
      offsets.update(queue.mq, offset, false);
      await offsets.persist(queue.mq);
      rebalancer.release(queue);
    }),
  );
  rebalanceSoon();
}

/** The listener as the program gave it: what it makes of the message changes neither offsets nor retries. */
async function consumeDirectly(
  { options, instance }: PushRequestsContext,
  message: MessageExt,
): Promise<ConsumeMessageDirectlyResult> {
  message.topic = message.properties[Property.RETRY_TOPIC] ?? message.topic;
  const { clock } = instance;
  const order = options.ordered === true;
  const begun = clock.monotonic();
  const outcome = await listen(options, message);
  return { order, autoCommit: true, ...outcome, spentTimeMills: Math.round(clock.monotonic() - begun) };
}

type Outcome = Pick<ConsumeMessageDirectlyResult, 'consumeResult' | 'remark'>;

async function listen(options: AnyPushConsumerOptions, message: MessageExt): Promise<Outcome> {
  try {
    const { topic, queueId, brokerName = '' } = message;
    const context = { messageQueue: { topic, brokerName, queueId }, suspendCurrentQueueTimeMillis: 0 };
    const status: unknown =
      options.ordered === true ? await options.listener([message], context) : await options.listener([message]);
    const isDone = typeof status !== 'string' || status === 'CONSUME_SUCCESS' || status === 'SUCCESS';
    return { consumeResult: isDone ? 'CR_SUCCESS' : 'CR_LATER' };
  } catch (error) {
    return { consumeResult: 'CR_THROW_EXCEPTION', remark: String(error) };
  }
}
