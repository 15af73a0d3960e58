/**
 * The operations on groups as methods, the half of Admin that is about who consumes: how far groups are, where they go on, their
 * settings, their dead letters. Mirrors DefaultMQAdminExt where that has them.
 */

import { PocketError } from '../../common/errors.ts';
import type { ConsumerConnection } from '../../protocol/bodies/consumer-connection.ts';
import type { ClientConnection } from '../../protocol/bodies/producer-connection.ts';
import type { QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import type { SubscriptionGroupConfig } from '../../protocol/bodies/subscription-group.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import type { BrokerTarget } from './config-admin.ts';
import { examineConsumerConnectionInfo } from './consumer-group-state.ts';
import { type ConsumerLag, consumerLag } from './consumer-lag.ts';
import {
  allConsumerProgress,
  type ConsumerProgress,
  consumerProgress,
  type GroupProgress,
} from './consumer-progress.ts';
import { type DeadLetter, type DlqSelection, deadLetters } from './dead-letters.ts';
import { type DlqGroup, listDeadLetters } from './dlq-list.ts';
import { type DropOptions, dropDeadLetters } from './dlq-mark.ts';
import { type ResendOptions, type ResendOutcome, resendDeadLetters } from './dlq-resend.ts';
import { consumerConfigs, deleteSubGroup, type GroupSettings, updateSubGroup } from './group-config.ts';
import { cloneGroupOffset } from './group-offsets.ts';
import type { AppliedQueue, PlannedQueue } from './offset-reset.ts';
import { prepareReset, type ResetWish } from './online-offset-reset.ts';
import { type AddressValue, allValues } from './per-address.ts';
import { producerConnections } from './producer-connections.ts';
import { END_OF_QUEUE, type ResetByTime, type ResetResult, resetOffsetByTime } from './reset-offset.ts';
import { statsAll, type TopicStats } from './stats-admin.ts';

/** The base of Admin: what it does for groups. */
export abstract class GroupAdminExt {
  /** @internal */
  protected readonly admin: Admin;

  /** @internal */
  protected constructor(admin: Admin) {
    this.admin = admin;
  }

  /** How far a group is behind, queue by queue; no rows when it has not consumed anything. */
  consumerProgress(
    consumerGroup: string,
    options: { readonly showClientIp?: boolean } = {},
  ): Promise<ConsumerProgress> {
    return consumerProgress(this.admin, consumerGroup, options);
  }

  /** How far a group is behind, with the age of the first message that is left and the rates of each topic. */
  async consumerLag(consumerGroup: string): Promise<ConsumerLag> {
    return consumerLag(this.admin, await consumerProgress(this.admin, consumerGroup));
  }

  /** How far every group is behind that a member was ever connected of. */
  allConsumerProgress(): Promise<GroupProgress[]> {
    return allConsumerProgress(this.admin);
  }

  /** The clients of a group and what it subscribes to. Rejects with code 206 when nobody is online. */
  consumerConnection(consumerGroup: string, brokerAddr?: string): Promise<ConsumerConnection> {
    return examineConsumerConnectionInfo(this.admin, consumerGroup, brokerAddr);
  }

  /** The clients of a producer group that sends to a topic. */
  producerConnection(producerGroup: string, topic: string): Promise<ClientConnection[]> {
    return producerConnections(this.admin, producerGroup, topic);
  }

  /** What came into each topic and went out to each group, or of one topic alone. */
  statsAll(topic?: string): Promise<TopicStats[]> {
    return statsAll(this.admin, topic);
  }

  /** Makes a group, or replaces its settings, on one broker or on the masters of a cluster. */
  async updateSubGroup(settings: GroupSettings, target: BrokerTarget = {}): Promise<SubscriptionGroupConfig> {
    const { config, brokers } = await updateSubGroup(this.admin, await this.target(target), settings);
    allValues(brokers);
    return config;
  }

  /** The settings of a group on every broker that knows it. Rejects with NOT_FOUND when none does. */
  async getConsumerConfig(consumerGroup: string): Promise<AddressValue<SubscriptionGroupConfig>[]> {
    const configs = allValues(await consumerConfigs(this.admin, consumerGroup));
    const known = configs.flatMap(({ addr, value }) => (value === undefined ? [] : { addr, value }));
    if (known.length > 0) return known;
    throw new PocketError('NOT_FOUND', `the consumer group ${consumerGroup} does not exist`, { detail: consumerGroup });
  }

  /** Deletes a group; on a cluster its retry and dead letter topics as well. With `removeOffset` its offsets are gone, too. */
  async deleteSubGroup(
    consumerGroup: string,
    options: BrokerTarget & { readonly removeOffset?: boolean | undefined } = {},
  ): Promise<void> {
    const { removeOffset = false } = options;
    const result = await deleteSubGroup(this.admin, await this.target(options), consumerGroup, removeOffset);
    allValues(result.brokers);
    for (const { brokers, namesrvs } of result.topics) {
      allValues(brokers);
      allValues(namesrvs);
    }
  }

  /** Moves a group to a time in a topic, by its members or, when nobody is online, at the brokers. */
  resetOffsetByTime(reset: ResetByTime): Promise<ResetResult> {
    return resetOffsetByTime(this.admin, reset);
  }

  /** Moves a group behind all messages of a topic. */
  skipAccumulatedMessage(consumerGroup: string, topic: string): Promise<ResetResult> {
    return resetOffsetByTime(this.admin, { consumerGroup, topic, timestamp: END_OF_QUEUE, force: true });
  }

  /** What resetOffset() would change. */
  async planOffsetReset(wish: ResetWish): Promise<readonly PlannedQueue[]> {
    return (await prepareReset(this.admin, wish)).plan.queues;
  }

  /**
   * Moves a group to any place in a topic and reads it back. Rejects with IN_USE for a group with members that its brokers cannot
   * move there, PARTLY naming the queues that are not where they were to be.
   */
  async resetOffset(wish: ResetWish): Promise<AppliedQueue[]> {
    return (await prepareReset(this.admin, wish)).apply();
  }

  /** Gives a group the offsets that another has committed, in all its topics on the brokers of `topic`; resolves with them. */
  cloneGroupOffset(srcGroup: string, destGroup: string, topic: string): Promise<QueueOffset[]> {
    return cloneGroupOffset(this.admin, { srcGroup, destGroup, topic });
  }

  /** Groups with dead letters, or the one named: how many wait, how many are dealt with. */
  listDeadLetters(consumerGroup?: string): Promise<DlqGroup[]> {
    return listDeadLetters(this.admin, consumerGroup);
  }

  /** The dead letters of a group, the oldest first, as they are read. Touches no group. */
  deadLetters(consumerGroup: string, selection?: DlqSelection): AsyncGenerator<DeadLetter> {
    return deadLetters(this.admin, consumerGroup, selection);
  }

  /** Sends dead letters again; what is sent counts as dealt with. Resolves also when it ended early, and says why. */
  resendDeadLetters(options: ResendOptions): Promise<ResendOutcome> {
    return resendDeadLetters(this.admin, options);
  }

  /** Counts dead letters as dealt with, without sending them; resolves with how many. */
  dropDeadLetters(options: DropOptions): Promise<number> {
    return dropDeadLetters(this.admin, options);
  }

  /** @internal */
  protected async target({ brokerAddr, clusterName }: BrokerTarget): Promise<BrokerTarget> {
    return brokerAddr === undefined ? { clusterName: await this.cluster(clusterName) } : { brokerAddr };
  }

  /** @internal */
  protected async cluster(clusterName: string | undefined): Promise<string> {
    if (clusterName !== undefined) return clusterName;
    const names = Object.keys((await clusterInfo(this.admin)).clusterAddrTable);
    const [only] = names;
    if (only === undefined) throw new PocketError('NOT_FOUND', 'no broker is registered with the name server');
    if (names.length === 1) return only;
    throw new PocketError('ILLEGAL_ARGUMENT', `there are several clusters, ${names.join(', ')}: name one, or a broker`);
  }
}
