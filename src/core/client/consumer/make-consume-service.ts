/** The consume service a push consumer's options ask for, and what its division of queues needs for it. */

import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { Delays } from '../delays.ts';
import type { Producer } from '../producer/producer.ts';
import { ConsumeConcurrentlyService } from './consume-concurrently-service.ts';
import type { ConsumeMessageService } from './consume-message-service.ts';
import { ConsumeOrderlyService } from './consume-orderly-service.ts';
import type { OffsetStore } from './offset-store.ts';
import type {
  AnyPushConsumerOptions,
  OrderedPushConsumerOptions,
  PushConsumerBaseOptions,
} from './push-consumer-options.ts';
import type { QueueLocks } from './queue-locks.ts';
import { sendBack, sendToRetryTopic } from './send-back.ts';

const CONCURRENCY = 20;
const MAX_RECONSUME_TIMES = 16;
const SUSPEND_MS = 1000;
const CONSUME_TIMEOUT_MINUTES = 15;

export interface ConsumeServiceContext {
  readonly instance: ClientInstance;
  readonly producer: Producer;
  readonly offsets: OffsetStore;
  readonly delays: Delays;
  /** Of an ordered consumer in clustering mode. */
  readonly locks: QueueLocks | undefined;
}

/** What the rebalancer asks of consumption in order. */
export interface OrderedQueues {
  admit(queues: readonly MessageQueue[]): Promise<MessageQueue[]>;
  settled(mq: MessageQueue): Promise<void>;
  released(mq: MessageQueue): Promise<void>;
  /** Gives back every lock but those of queues whose listener call has not ended: their order is kept by the lock's time. */
  unlockAll(queues: readonly MessageQueue[]): Promise<void>;
}

export interface ConsumeService {
  readonly service: ConsumeMessageService;
  /** Undefined when nothing is locked. */
  readonly ordered: OrderedQueues | undefined;
}

export function makeConsumeService(options: AnyPushConsumerOptions, context: ConsumeServiceContext): ConsumeService {
  if (options.ordered === true) return makeOrderly(options, context);
  const { instance, offsets, delays } = context;
  const back = backOf(options, context, MAX_RECONSUME_TIMES);
  const service = new ConsumeConcurrentlyService({
    listener: options.listener,
    concurrency: options.consumeThreadMax ?? CONCURRENCY,
    batchMaxSize: options.consumeMessageBatchMaxSize ?? 1,
    offsets,
    delays,
    logger: instance.logger,
    clock: instance.clock,
    consumeTimeoutMs: (options.consumeTimeout ?? CONSUME_TIMEOUT_MINUTES) * 60_000,
    sendBack:
      options.messageModel === 'BROADCASTING'
        ? undefined
        : (message: MessageExt, brokerName: string, delayLevel: number) =>
            sendBack({ ...back, delayLevel }, message, brokerName),
  });
  return { service, ordered: undefined };
}

function makeOrderly(options: OrderedPushConsumerOptions, context: ConsumeServiceContext): ConsumeService {
  const { instance, offsets, delays, locks } = context;
  const back = backOf(options, context, Number.POSITIVE_INFINITY);
  const service = new ConsumeOrderlyService({
    listener: options.listener,
    concurrency: options.consumeThreadMax ?? CONCURRENCY,
    batchMaxSize: options.consumeMessageBatchMaxSize ?? 1,
    suspendMs: options.suspendCurrentQueueTimeMillis ?? SUSPEND_MS,
    maxReconsumeTimes: back.maxReconsumeTimes,
    offsets,
    delays,
    logger: instance.logger,
    holds: (mq) => locks?.holds(mq) ?? true,
    sendBack: (message) => sendToRetryTopic(back, message),
  });
  const ordered = locks && {
    admit: (queues: readonly MessageQueue[]) => locks.lock(queues),
    settled: (mq: MessageQueue) => service.settled(mq),
    released: (mq: MessageQueue) => locks.unlock([mq]),
    unlockAll: (queues: readonly MessageQueue[]) => locks.unlock(queues.filter((mq) => !service.isCalling(mq))),
  };
  return { service, ordered };
}

function backOf(options: PushConsumerBaseOptions, { instance, producer }: ConsumeServiceContext, unlimited: number) {
  const { group, maxReconsumeTimes = -1 } = options;
  return { instance, producer, group, maxReconsumeTimes: maxReconsumeTimes < 0 ? unlimited : maxReconsumeTimes };
}
