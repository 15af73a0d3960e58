/**
 * Messages as mqadmin's sendMessage and consumeMessage handle them. Mirrors SendMessageCommand and ConsumeMessageCommand
 * with the producer and the pull consumer they make. The producer announces itself to the brokers and leaves at the end.
 *
 * Known differences: the offsets of all queues are asked at the same time; a queue whose minimum is -1 is read from 0
 * instead of failing.
 */

import { PocketError } from '../../common/errors.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { ClientInstance } from '../client-instance.ts';
import type { PullResult, PullStatus } from '../consumer/pull.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import { Producer } from '../producer/producer.ts';
import type { SendOptions } from '../producer/producer-options.ts';
import { selectQueueByHash } from '../producer/queue-selector.ts';
import type { SendStatus } from '../producer/send-result.ts';
import type { TransactionListener } from '../producer/transaction-listener.ts';
import { TransactionProducer } from '../producer/transaction-producer.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { delayLevelsOf } from './delay-levels.ts';
import { type OffsetRange, PullSession, type TimeWindow } from './pull-session.ts';

export interface SendMessageOptions {
  readonly topic: string;
  /** Sent as UTF-8 when a text. */
  readonly body: string | Buffer;
  readonly tags?: string | undefined;
  /** Several keys are separated by blanks. */
  readonly keys?: string | undefined;
  /** Both or none: one without the other is ignored, as mqadmin does with -b alone. */
  readonly brokerName?: string | undefined;
  readonly queueId?: number | undefined;
  /** Of the user. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Delay level as its number or its time, by the brokers' messageDelayLevel: `3`, `10s`. */
  readonly delay?: string | undefined;
  /** Messages of one key go to one queue, as of a Java producer with SelectMessageQueueByHash; a queue that is named wins. */
  readonly shardingKey?: string | undefined;
  /** Tell RMQ_SYS_TRACE_TOPIC of it, too. */
  readonly msgTraceEnable?: boolean | undefined;
  /** Hears of a trace that is lost; default the Admin's. */
  readonly logger?: Logger | undefined;
  /** Send it in a transaction that ends so. */
  readonly transaction?: 'commit' | 'rollback' | 'unknown' | undefined;
  /** Default: the time, as mqadmin's. Of a transaction: whose producers a broker asks. */
  readonly producerGroup?: string | undefined;
}

export interface SendMessageResult {
  readonly brokerName: string;
  readonly queueId: number;
  readonly sendStatus: SendStatus;
  /** The unique id the client made (UNIQ_KEY). */
  readonly msgId: string;
}

/**
 * Sends one message. An unknown topic is made from the template topic where the broker allows it. Rejects with NOT_FOUND
 * for an unknown topic or broker, else with the last try's failure.
 */
export async function sendMessage(admin: Admin, options: SendMessageOptions): Promise<SendMessageResult> {
  const instance = new ClientInstance({
    clock: admin.clock,
    logger: options.logger ?? admin.logger,
    random: admin.random,
    shared: admin,
  });
  // mqadmin's producer group is the time it was made.
  const { topic, brokerName, queueId, msgTraceEnable: enableMsgTrace, transaction } = options;
  const group = options.producerGroup ?? String(admin.clock.now());
  const producerOptions = { group, instance, sendMsgTimeout: admin.timeoutMs, enableMsgTrace };
  const producer =
    transaction === undefined
      ? new Producer(producerOptions)
      : new TransactionProducer({ ...producerOptions, transactionListener: ending(transaction) });
  const { body, tags, keys, shardingKey } = options;
  try {
    const properties = await propertiesOf(admin, options);
    await producer.start();
    const message = { topic, body, tags: tags || undefined, keys: keys || undefined, properties };
    const route: SendOptions =
      brokerName === undefined || queueId === undefined
        ? { ...(shardingKey !== undefined && { selector: selectQueueByHash, arg: shardingKey }) }
        : { queue: { topic, brokerName, queueId } };
    const result = await (producer instanceof TransactionProducer
      ? producer.sendMessageInTransaction(message, undefined, route)
      : producer.send(message, route));
    const { messageQueue: mq, sendStatus, msgId } = result;
    return { brokerName: mq.brokerName, queueId: mq.queueId, sendStatus, msgId };
  } finally {
    await producer.stop();
    await instance.stop();
  }
}

async function propertiesOf(
  admin: Admin,
  { topic, properties, delay, shardingKey }: SendMessageOptions,
): Promise<Record<string, string>> {
  return {
    ...properties,
    ...(shardingKey !== undefined && { [Property.SHARDING_KEY]: shardingKey }),
    ...(delay !== undefined && { [Property.DELAY]: String((await delayLevelsOf(admin, topic)).levelOf(delay)) }),
  };
}

const states = { commit: 'COMMIT_MESSAGE', rollback: 'ROLLBACK_MESSAGE', unknown: 'UNKNOW' } as const;

/** A local transaction that ends as it is told to. */
function ending(transaction: keyof typeof states): TransactionListener {
  const state = () => states[transaction];
  return { executeLocalTransaction: state, checkLocalTransaction: state };
}

/** The message at the end time is delivered, too. */
export interface ConsumeMessageOptions extends TimeWindow {
  readonly topic: string;
  /** Only with queueId; without both, every queue of the topic. */
  readonly brokerName?: string | undefined;
  readonly queueId?: number | undefined;
  /** First offset; only with queueId. */
  readonly offset?: number | undefined;
  /** Default TOOLS_CONSUMER. No offset is stored for it. */
  readonly consumerGroup?: string | undefined;
  /** At most about this many messages, default 128; see `older`. */
  readonly messageNumber?: number | undefined;
}

/** In the order mqadmin prints; the text it prints stands behind each. */
export type ConsumeEvent =
  /** There are more: whole topic `The older {count} message of the {queueId} queue will be provided`, one queue `The oldler {count} message will be provided`. */
  | { kind: 'older'; mq: MessageQueue; count: number; wholeTopic: boolean }
  /** `Consume ok` and one `MSGID: ...` line for each message. */
  | { kind: 'batch'; mq: MessageQueue; messages: MessageExt[] }
  /** `{mq} no matched msg. status={status}, offset={offset}` */
  | { kind: 'noMatch'; mq: MessageQueue; status: PullStatus; offset: number }
  /** `{mq} print msg finished. status={status}, offset={offset}` */
  | { kind: 'end'; mq: MessageQueue; status: PullStatus; offset: number }
  /** The wanted first offset lies behind the last: `{mq} no matched msg, offset={offset}` */
  | { kind: 'beyondEnd'; mq: MessageQueue; offset: number }
  /** A pull failed (stack trace on stderr); the other queues follow. */
  | { kind: 'failed'; mq: MessageQueue; error: PocketError };

/**
 * Pulls what there is, queue by queue in Java's hash order, and ends; stores no offset. Rejects with NOT_FOUND for an
 * unknown topic or broker and ILLEGAL_ARGUMENT for a queueId without brokerName or an offset without queueId.
 */
export async function* consumeMessage(admin: Admin, options: ConsumeMessageOptions): AsyncGenerator<ConsumeEvent> {
  checkConsumeOptions(options);
  const session = await PullSession.open(admin, options.topic, options.consumerGroup);
  const { brokerName, queueId } = options;
  if (brokerName === undefined || queueId === undefined) yield* wholeTopic(session, options);
  else yield* oneQueue(session, options, { topic: options.topic, brokerName, queueId });
}

async function* wholeTopic(session: PullSession, options: ConsumeMessageOptions): AsyncGenerator<ConsumeEvent> {
  const queues = session.queues();
  const ranges = await mapBounded(queues, (mq) => session.range(mq, options));
  let left = options.messageNumber ?? 128;
  for (const [index, mq] of queues.entries()) {
    const range = ranges[index];
    if (left === 0 || range === undefined) return;
    const span = range.max - range.min;
    if (span > left) {
      yield { kind: 'older', mq, count: left, wholeTopic: true };
      range.max = range.min + left - 1;
      left = 0;
    } else {
      // As the original: a queue read to its end counts one message more than it has, and may make the rest negative.
      left -= span + 1;
    }
    yield* readRange(session, mq, range);
  }
}

async function* oneQueue(
  session: PullSession,
  options: ConsumeMessageOptions,
  mq: MessageQueue,
): AsyncGenerator<ConsumeEvent> {
  const range = await session.range(mq, options);
  const first = options.offset ?? 0;
  if (first > range.max) {
    yield { kind: 'beyondEnd', mq, offset: first };
    return;
  }
  const count = options.messageNumber ?? 128;
  range.min = Math.max(range.min, first);
  if (range.max - range.min > count) {
    yield { kind: 'older', mq, count, wholeTopic: false };
    range.max = range.min + count - 1;
  }
  yield* readRange(session, mq, range);
}

async function* readRange(session: PullSession, mq: MessageQueue, range: OffsetRange): AsyncGenerator<ConsumeEvent> {
  const everything = tagSubscription(mq.topic, SUBSCRIBE_ALL, 0);
  let offset = Math.max(0, range.min);
  while (offset <= range.max) {
    let result: PullResult;
    try {
      result = await session.pull(mq, offset, range.max - offset + 1, everything);
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      yield { kind: 'failed', mq, error };
      return;
    }
    const { status, messages } = result;
    offset = result.nextBeginOffset;
    if (status === 'FOUND') yield { kind: 'batch', mq, messages };
    else if (status === 'NO_MATCHED_MSG') yield { kind: 'noMatch', mq, status, offset };
    else {
      yield { kind: 'end', mq, status, offset };
      return;
    }
  }
}

function checkConsumeOptions({ brokerName, queueId, offset }: ConsumeMessageOptions): void {
  if (queueId !== undefined && brokerName === undefined) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'Please set the brokerName before queueId!');
  }
  if (offset !== undefined && queueId === undefined) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'Please set queueId before offset!');
  }
}
