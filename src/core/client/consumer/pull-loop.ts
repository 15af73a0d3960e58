/**
 * Pulls one queue for as long as it is held: long polling, flow control, and what to do after each outcome. Mirrors
 * DefaultMQPushConsumerImpl.pullMessage; the loop of a queue replaces PullMessageService and its pull requests.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { MASTER_ID } from '../broker-addr.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { Delays } from '../delays.ts';
import { brokerNotFound } from '../find-broker.ts';
import type { ProcessQueue } from './process-queue.ts';
import { type PullResult, pullQueue } from './pull.ts';

/** The broker holds a pull this long, ms (BROKER_SUSPEND_MAX_TIME_MILLIS). */
const SUSPEND_MS = 15_000;
/** Time-out of a held pull, ms (CONSUMER_TIMEOUT_MILLIS_WHEN_SUSPEND). */
const PULL_TIMEOUT_MS = 30_000;
/** Pause after a failed pull, ms (pullTimeDelayMillsWhenException). */
const FAILURE_PAUSE_MS = 1000;
/** Pause after the broker refused for flow control, ms. */
const FLOW_CONTROL_PAUSE_MS = 20;

export interface PullLoopContext {
  readonly instance: ClientInstance;
  readonly group: string;
  readonly delays: Delays;
  /** Messages of one pull. */
  readonly batchSize: number;
  /** Pulls bring their subscription; else the broker takes that of the group's heartbeat. */
  readonly bringSubscription: boolean;
  /** The subscription, of which the brokers must have been told unless pulls bring it. */
  subscription(topic: string): SubscriptionData | undefined;
  /** A pull was answered after so many ms. */
  pulled?: (topic: string, messages: number, ms: number) => void;
  /** An offset that a pull of the queue commits by the way; undefined when there is none. */
  commitOffset?: (mq: MessageQueue) => number | undefined;
  /** There was nothing to deliver before `nextOffset`, and the queue holds nothing. */
  passedOver(queue: ProcessQueue, nextOffset: number): void;
  /** Takes pulled messages for consumption. */
  deliver(queue: ProcessQueue, messages: MessageExt[]): void;
  /** The broker does not have the offset asked for; the queue is dropped already. */
  offsetMoved(queue: ProcessQueue, nextOffset: number): void;
}

/** Resolves when the queue is dropped or the delays are ended. Never rejects. */
export async function pullLoop(context: PullLoopContext, queue: ProcessQueue, offset: number): Promise<void> {
  let next = offset;
  let brokerId = MASTER_ID;
  for (;;) {
    await queue.room();
    if (queue.dropped) return;
    let result: PullResult;
    const askedAt = context.instance.clock.monotonic();
    try {
      result = await pullOnce(context, queue.mq, next, brokerId);
    } catch (error) {
      if (queue.dropped || !(await pause(context, queue.mq, error))) return;
      continue;
    }
    if (queue.dropped) return;
    next = result.nextBeginOffset;
    brokerId = result.suggestWhichBrokerId;
    if (result.status === 'OFFSET_ILLEGAL') {
      queue.drop();
      context.offsetMoved(queue, next);
      return;
    }
    context.pulled?.(queue.mq.topic, result.messages.length, context.instance.clock.monotonic() - askedAt);
    const fresh = queue.put(result.messages);
    if (fresh.length > 0) context.deliver(queue, fresh);
    // Nothing held: what was passed over (other tags, nothing new) needs no message to be committed.
    else if (queue.messageCount === 0) context.passedOver(queue, next);
  }
}

async function pullOnce(
  context: PullLoopContext,
  mq: MessageQueue,
  offset: number,
  brokerId: number,
): Promise<PullResult> {
  const { instance } = context;
  const place = instance.routes.readAddr(mq.brokerName, brokerId);
  const subscription = context.subscription(mq.topic);
  if (place === undefined || subscription === undefined) {
    throw brokerNotFound(mq.brokerName);
  }
  await instance.greeted(place.addr);
  const known = context.commitOffset?.(mq) ?? 0;
  return pullQueue(instance.client, place.addr, {
    mq,
    consumerGroup: context.group,
    offset,
    maxMsgNums: context.batchSize,
    subscription,
    bringSubscription: context.bringSubscription,
    suspendTimeoutMillis: SUSPEND_MS,
    commitOffset: known > 0 && !place.isSlave ? known : undefined,
    timeoutMs: PULL_TIMEOUT_MS,
  });
}

/** false: stop pulling. */
function pause(context: PullLoopContext, mq: MessageQueue, error: unknown): Promise<boolean> {
  const isFlowControl = error instanceof PocketError && error.responseCode === ResponseCode.FLOW_CONTROL;
  if (!isFlowControl) {
    context.instance.logger.warn(`pulling ${mq.topic} ${mq.brokerName} ${mq.queueId} failed: ${String(error)}`);
    context.instance.routes.refreshSoon(mq.topic);
  }
  return context.delays.wait(isFlowControl ? FLOW_CONTROL_PAUSE_MS : FAILURE_PAUSE_MS);
}
