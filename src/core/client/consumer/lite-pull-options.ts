/** What a LitePullConsumer takes, and within which limits. Mirrors the properties of DefaultLitePullConsumer. */

import { type ClientOptions, checkRange, checkWord, MAX_INT } from '../client-options.ts';
import { checkGroup } from '../group-name.ts';
import { type AllocateStrategyName, strategyOf } from './allocate/strategies.ts';
import type { AllocateMessageQueueStrategy } from './allocate/strategy.ts';
import type { StartFrom } from './start-offset.ts';

/** What a LitePullConsumer takes. */
export interface LitePullConsumerOptions extends ClientOptions {
  /** Consumer group; offsets are stored for it. */
  readonly group: string;
  /** Whether poll() commits what the calls before it handed out; default true. */
  readonly autoCommit?: boolean | undefined;
  /** Time between two such commits, ms; default 5000, not less than 1000. */
  readonly autoCommitIntervalMillis?: number | undefined;
  /** How long poll() waits for messages unless it is told otherwise, ms; default 5000. */
  readonly pollTimeoutMillis?: number | undefined;
  /** CLUSTERING (default) or BROADCASTING, as of a PushConsumer. */
  readonly messageModel?: 'CLUSTERING' | 'BROADCASTING' | undefined;
  /** As of a PushConsumer. */
  readonly localOffsetStoreDir?: string | undefined;
  /** How the members divide the queues of subscribed topics; all must use the same. Default AVG. */
  readonly allocateMessageQueueStrategy?: AllocateStrategyName | AllocateMessageQueueStrategy | undefined;
  /** Where a group without offsets begins; default CONSUME_FROM_LAST_OFFSET. */
  readonly consumeFromWhere?: StartFrom | undefined;
  /** ms, for CONSUME_FROM_TIMESTAMP; default half an hour before the start. */
  readonly consumeTimestamp?: number | undefined;
  /** Messages of one pull, and of one poll(); default 10. */
  readonly pullBatchSize?: number | undefined;
  /** Messages held of one queue; default 1000. */
  readonly pullThresholdForQueue?: number | undefined;
  /** MiB held of one queue; default 100. */
  readonly pullThresholdSizeForQueue?: number | undefined;
}

/** Throws PocketError ILLEGAL_ARGUMENT. */
export function checkLitePullOptions(options: LitePullConsumerOptions): void {
  checkGroup(options?.group);
  checkWord('messageModel', options.messageModel, ['CLUSTERING', 'BROADCASTING']);
  strategyOf(options.allocateMessageQueueStrategy);
  checkRange('autoCommitIntervalMillis', options.autoCommitIntervalMillis, 1000, MAX_INT);
  checkRange('pollTimeoutMillis', options.pollTimeoutMillis, 0, MAX_INT);
  checkRange('pullBatchSize', options.pullBatchSize, 1, 1024);
  checkRange('pullThresholdForQueue', options.pullThresholdForQueue, 1, 65_535);
  checkRange('pullThresholdSizeForQueue', options.pullThresholdSizeForQueue, 1, 1024);
}
