/** What a PushConsumer takes, and within which limits. Mirrors the properties and checkConfig of DefaultMQPushConsumer. */

import { PocketError } from '../../common/errors.ts';
import { type ClientOptions, checkRange, MAX_INT } from '../client-options.ts';
import { checkGroup } from '../group-name.ts';
import type { MessageListener } from './message-listener.ts';
import type { StartFrom } from './start-offset.ts';

/** What a PushConsumer takes. */
export interface PushConsumerOptions extends ClientOptions {
  /** Consumer group. */
  readonly group: string;
  /** topic -> `*` or `TagA || TagB`. All members of a group must subscribe to the same. */
  readonly subscriptions: Readonly<Record<string, string>>;
  /** Is given each message, several calls at a time. */
  readonly listener: MessageListener;
  /** Where a group without offsets begins; default CONSUME_FROM_LAST_OFFSET. */
  readonly consumeFromWhere?: StartFrom | undefined;
  /** ms, for CONSUME_FROM_TIMESTAMP; default half an hour before the start. */
  readonly consumeTimestamp?: number | undefined;
  /** Listener calls at the same time; default 20. */
  readonly consumeThreadMax?: number | undefined;
  /** Messages of one listener call; default 1. */
  readonly consumeMessageBatchMaxSize?: number | undefined;
  /** Messages of one pull; default 32. */
  readonly pullBatchSize?: number | undefined;
  /** Messages held of one queue; default 1000. */
  readonly pullThresholdForQueue?: number | undefined;
  /** MiB held of one queue; default 100. */
  readonly pullThresholdSizeForQueue?: number | undefined;
  /** How often a message is delivered again before it becomes a dead letter; default 16. */
  readonly maxReconsumeTimes?: number | undefined;
  /** How long stop() waits for the listener, ms; default 5000. */
  readonly awaitTerminationMillisWhenShutdown?: number | undefined;
}

/** Throws PocketError ILLEGAL_ARGUMENT. */
export function checkPushOptions(options: PushConsumerOptions): void {
  checkGroup(options?.group);
  const { subscriptions, listener } = options;
  if (typeof listener !== 'function') throw new PocketError('ILLEGAL_ARGUMENT', 'the listener must be a function');
  const expressions = Object.values(subscriptions ?? {});
  if (expressions.length === 0 || expressions.some((expression) => typeof expression !== 'string')) {
    throw new PocketError('ILLEGAL_ARGUMENT', "subscriptions name topics and their tags, { orders: '*' }");
  }
  checkRange('consumeThreadMax', options.consumeThreadMax, 1, 1000);
  checkRange('consumeMessageBatchMaxSize', options.consumeMessageBatchMaxSize, 1, 1024);
  checkRange('pullBatchSize', options.pullBatchSize, 1, 1024);
  checkRange('pullThresholdForQueue', options.pullThresholdForQueue, 1, 65_535);
  checkRange('pullThresholdSizeForQueue', options.pullThresholdSizeForQueue, 1, 1024);
  checkRange('maxReconsumeTimes', options.maxReconsumeTimes, -1, MAX_INT);
  checkRange('awaitTerminationMillisWhenShutdown', options.awaitTerminationMillisWhenShutdown, 0, MAX_INT);
}
