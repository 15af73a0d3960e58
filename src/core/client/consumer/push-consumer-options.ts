/** What a PushConsumer takes, and within which limits. Mirrors the properties and checkConfig of DefaultMQPushConsumer. */

import { PocketError } from '../../common/errors.ts';
import { type ClientOptions, checkRange, checkWord, MAX_INT } from '../client-options.ts';
import { checkGroup } from '../group-name.ts';
import type { TraceOptions } from '../trace/async-trace-dispatcher.ts';
import { type AllocateStrategyName, strategyOf } from './allocate/strategies.ts';
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts';
import type { MessageListener, MessageListenerOrderly } from './message-listener.ts';
import type { StartFrom } from './start-offset.ts';
import type { MessageSelector } from './subscription.ts';

/** What every PushConsumer takes. */
export interface PushConsumerBaseOptions extends ClientOptions, TraceOptions {
  /** Consumer group. */
  readonly group: string;
  /** topic -> `*`, `TagA || TagB` or a selector. All members of a group must subscribe to the same. */
  readonly subscriptions: Readonly<Record<string, string | MessageSelector>>;
  /**
   * CLUSTERING (default): every message goes to one member of the group. BROADCASTING: to every member; each keeps its own
   * offsets in a file, and what its listener fails at does not come again.
   */
  readonly messageModel?: 'CLUSTERING' | 'BROADCASTING' | undefined;
  /**
   * BROADCASTING: the folder of the offsets, `<folder>/<clientId>/<group>/offsets.json`; default `.rocketmq_offsets` in the
   * home directory. The client id is `ip@DEFAULT` unless `instanceName` says otherwise, so that a restart finds them again.
   */
  readonly localOffsetStoreDir?: string | undefined;
  /** How the members divide the queues; all must use the same. Default AVG. */
  readonly allocateMessageQueueStrategy?: AllocateStrategyName | AllocateMessageQueueStrategy | undefined;
  /** Where a group without offsets begins; default CONSUME_FROM_LAST_OFFSET. */
  readonly consumeFromWhere?: StartFrom | undefined;
  /** ms, for CONSUME_FROM_TIMESTAMP; default half an hour before the start. */
  readonly consumeTimestamp?: number | undefined;
  /** Listener calls at the same time, of an ordered consumer those of different queues; default 20. */
  readonly consumeThreadMax?: number | undefined;
  /** Messages of one listener call; default 1. */
  readonly consumeMessageBatchMaxSize?: number | undefined;
  /** Messages of one pull; default 32. */
  readonly pullBatchSize?: number | undefined;
  /** Messages held of one queue; default 1000. */
  readonly pullThresholdForQueue?: number | undefined;
  /** MiB held of one queue; default 100. */
  readonly pullThresholdSizeForQueue?: number | undefined;
  /**
   * How often a message is delivered again before it becomes a dead letter; default 16, of an ordered consumer without end,
   * because the messages behind it wait for it. -1 is the default.
   */
  readonly maxReconsumeTimes?: number | undefined;
  /** How long stop() waits for the listener, ms; default 5000. */
  readonly awaitTerminationMillisWhenShutdown?: number | undefined;
}

/** What a PushConsumer of messages in any order takes. */
export interface PushConsumerOptions extends PushConsumerBaseOptions {
  /** Default false. */
  readonly ordered?: false | undefined;
  /** Minutes after which a message whose listener call has not ended is sent back, to be delivered again; default 15. */
  readonly consumeTimeout?: number | undefined;
  /** Is given each message, several calls at a time. */
  readonly listener: MessageListener;
}

/** What a PushConsumer takes that gets the messages of each queue in their order. */
export interface OrderedPushConsumerOptions extends PushConsumerBaseOptions {
  /** The queues are locked at their brokers, so that no two members of the group consume one at the same time. */
  readonly ordered: true;
  /** Is given the messages of each queue one after the other. */
  readonly listener: MessageListenerOrderly;
  /** How long a queue rests after SUSPEND_CURRENT_QUEUE_A_MOMENT, ms; default 1000. */
  readonly suspendCurrentQueueTimeMillis?: number | undefined;
}

/** What a PushConsumer takes. */
export type AnyPushConsumerOptions = PushConsumerOptions | OrderedPushConsumerOptions;

/** Throws PocketError ILLEGAL_ARGUMENT. */
export function checkPushOptions(options: AnyPushConsumerOptions): void {
  checkGroup(options?.group);
  const { subscriptions, listener } = options;
  if (typeof listener !== 'function') throw new PocketError('ILLEGAL_ARGUMENT', 'the listener must be a function');
  const expressions = Object.values(subscriptions ?? {});
  if (expressions.length === 0 || !expressions.every(isExpression)) {
    throw new PocketError('ILLEGAL_ARGUMENT', "subscriptions name topics and their tags, { orders: '*' }");
  }
  checkWord('messageModel', options.messageModel, ['CLUSTERING', 'BROADCASTING']);
  strategyOf(options.allocateMessageQueueStrategy);
  checkRange('consumeThreadMax', options.consumeThreadMax, 1, 1000);
  checkRange('consumeMessageBatchMaxSize', options.consumeMessageBatchMaxSize, 1, 1024);
  checkRange('pullBatchSize', options.pullBatchSize, 1, 1024);
  checkRange('pullThresholdForQueue', options.pullThresholdForQueue, 1, 65_535);
  checkRange('pullThresholdSizeForQueue', options.pullThresholdSizeForQueue, 1, 1024);
  checkRange('maxReconsumeTimes', options.maxReconsumeTimes, -1, MAX_INT);
  checkRange('awaitTerminationMillisWhenShutdown', options.awaitTerminationMillisWhenShutdown, 0, MAX_INT);
  if (!options.ordered) checkRange('consumeTimeout', options.consumeTimeout, 1, 180);
  if (options.ordered) checkRange('suspendCurrentQueueTimeMillis', options.suspendCurrentQueueTimeMillis, 10, 30_000);
}

function isExpression(wanted: string | MessageSelector): boolean {
  if (typeof wanted === 'string') return true;
  return (wanted?.type === 'SQL92' || wanted?.type === 'TAG') && typeof wanted.expression === 'string';
}
