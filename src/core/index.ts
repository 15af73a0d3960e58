/**
 * PocketMQ for programs: a RocketMQ cluster inside the process, and clients for it and for any other RocketMQ cluster.
 *
 * - {@link startLocalCluster} starts a namesrv and brokers, for tests.
 * - {@link Producer}, {@link PushConsumer}, {@link LitePullConsumer} and {@link PullConsumer} send and receive.
 * - {@link Admin} does what mqadmin's commands do.
 * - Every failure is a {@link PocketError}; its `code` says which.
 *
 * @packageDocumentation
 */

export type { RuntimeTexts } from './client/admin/broker-status.ts';
export type { ClusterRow } from './client/admin/cluster-admin.ts';
export type { BrokerTarget, ConfigTexts } from './client/admin/config-admin.ts';
export {
  type ConfigValue,
  MQAdminExt as Admin,
  type MQAdminExtOptions as AdminOptions,
} from './client/admin/mq-admin-ext.ts';
export type { AddressValue } from './client/admin/per-address.ts';
export type { TopicGroupRow, UpdateTopicOptions } from './client/admin/topic-admin.ts';
export type { ClientOptions } from './client/client-options.ts';
export { allocateConsistentHash } from './client/consumer/allocate/consistent-hash.ts';
export {
  allocateByMachineRoom,
  allocateMachineRoomNearby,
  type MachineRoomResolver,
} from './client/consumer/allocate/machine-room.ts';
export { type AllocateStrategyName, allocateByConfig } from './client/consumer/allocate/strategies.ts';
export type { AllocateMessageQueueStrategy } from './client/consumer/allocate/strategy.ts';
export { LitePullConsumer } from './client/consumer/lite-pull-consumer.ts';
export type { LitePullConsumerOptions } from './client/consumer/lite-pull-options.ts';
export type {
  ConsumeOrderlyContext,
  ConsumeOrderlyStatus,
  ConsumeStatus,
  MessageListener,
  MessageListenerOrderly,
  NoStatus,
} from './client/consumer/message-listener.ts';
export type { PullResult, PullStatus } from './client/consumer/pull.ts';
export { PullConsumer, type PullConsumerOptions } from './client/consumer/pull-consumer.ts';
export { PushConsumer } from './client/consumer/push-consumer.ts';
export type {
  AnyPushConsumerOptions,
  OrderedPushConsumerOptions,
  PushConsumerBaseOptions,
  PushConsumerOptions,
} from './client/consumer/push-consumer-options.ts';
export type { StartFrom } from './client/consumer/start-offset.ts';
export type { MessageSelector } from './client/consumer/subscription.ts';
export { Producer } from './client/producer/producer.ts';
export type { ProducerOptions, SendCallback, SendOptions } from './client/producer/producer-options.ts';
export {
  type MessageQueueSelector,
  type SelectorArg,
  selectQueueByHash,
  selectQueueByMachineRoom,
  selectQueueByRandom,
} from './client/producer/queue-selector.ts';
export { createReplyMessage } from './client/producer/reply-message.ts';
export type { ReplyMessage } from './client/producer/request-table.ts';
export type { SendResult, SendStatus } from './client/producer/send-result.ts';
export { splitBatch } from './client/producer/split-batch.ts';
export type {
  LocalTransactionState,
  TransactionListener,
  TransactionMessage,
} from './client/producer/transaction-listener.ts';
export {
  TransactionProducer,
  type TransactionProducerOptions,
  type TransactionSendResult,
} from './client/producer/transaction-producer.ts';
export {
  type LocalBroker,
  type LocalCluster,
  type LocalClusterOptions,
  type ServerSettings,
  startLocalCluster,
} from './cluster/local-cluster.ts';
export type { Clock, Timer } from './common/clock.ts';
export { type ErrorCode, PocketError } from './common/errors.ts';
export type { Logger } from './common/logger.ts';
export type { Service } from './common/service.ts';
export type { Message, MessageExt, NewMessage } from './message/message.ts';
export type { MessageQueue } from './message/message-queue.ts';
export type { ClusterInfo } from './protocol/bodies/cluster-info.ts';
export type { TopicConfig, TopicFilterType } from './protocol/bodies/topic-config.ts';
export type { BrokerData, QueueData, TopicRouteData } from './protocol/bodies/topic-route-data.ts';
export type { TopicOffset } from './protocol/bodies/topic-stats-table.ts';
