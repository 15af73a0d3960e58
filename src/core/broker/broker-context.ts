/**
 * What the broker's processors may touch. Nothing here knows sockets beyond the connection a request came from.
 */

import type { Clock } from '../common/clock.ts';
import type { BrokerConfig, brokerConfigSchema } from '../common/config-schema.ts';
import type { Configuration } from '../common/configuration.ts';
import type { Logger } from '../common/logger.ts';
import type { RequestSchema } from '../protocol/schema.ts';
import type { Processor } from '../remoting/processor-table.ts';
import type { MessageStore } from '../store/message-store.ts';
import type { BrokerStats } from './broker-stats.ts';
import type { ConsumerManager } from './consumer-manager.ts';
import type { ConsumerOffsetManager } from './consumer-offset-manager.ts';
import type { ConsumerFilterManager } from './filter/consumer-filter-manager.ts';
import type { MessagePut } from './message-put.ts';
import type { ProducerManager } from './producer-manager.ts';
import type { PullHold } from './pull-hold.ts';
import type { RebalanceLockManager } from './rebalance-lock-manager.ts';
import type { ScheduleMessageService } from './schedule/schedule-message-service.ts';
import type { SendAnswer } from './send-answer.ts';
import type { SubscriptionGroupManager } from './subscription-group-manager.ts';
import type { TimerMessageService } from './timer/timer-message-service.ts';
import type { TopicConfigManager } from './topic-config-manager.ts';
import type { TransactionalMessageService } from './transaction/transactional-message-service.ts';

export interface BrokerContext {
  readonly config: BrokerConfig;
  /** The configuration as it is listed, changed and saved. */
  readonly configuration: Configuration<typeof brokerConfigSchema>;
  /** ip:port this broker advertises. */
  readonly brokerAddr: string;
  /** brokerAddr as a record holds it. */
  readonly storeHost: Buffer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: MessageStore;
  readonly stats: BrokerStats;
  readonly topics: TopicConfigManager;
  readonly groups: SubscriptionGroupManager;
  readonly offsets: ConsumerOffsetManager;
  readonly producers: ProducerManager;
  readonly consumers: ConsumerManager;
  readonly filters: ConsumerFilterManager;
  readonly locks: RebalanceLockManager;
  readonly pullHold: PullHold;
  readonly schedule: ScheduleMessageService;
  readonly timers: TimerMessageService;
  readonly transactions: TransactionalMessageService;
  readonly messagePut: MessagePut;
  readonly sendAnswer: SendAnswer;
  /** Wall clock of the broker's construction. */
  readonly bootTimestamp: number;
  /** Bytes of the disk the store is on. */
  diskUsage(): { total: number; available: number };
  /** Tells all namesrvs of the topics; resolves when each has answered or failed. */
  registerTopics(): Promise<void>;
}

export type BrokerProcessor<S extends RequestSchema> = Processor<BrokerContext, S['request'], S['response']>;
