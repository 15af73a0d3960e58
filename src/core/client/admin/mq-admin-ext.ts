/**
 * The admin operations as methods, for programs: Admin with what mqadmin's commands do, under their names. Mirrors
 * DefaultMQAdminExt. The work is done by the functions of this folder, which the commands call themselves so that each
 * loads its own alone.
 *
 * Known differences: an operation on several servers rejects when one of them failed (PARTLY, naming them), and has been done
 * on the others; where there is one cluster it need not be named; a topic is in every name server's routes when its making
 * resolves.
 */

import { systemClock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import { silentLogger } from '../../common/logger.ts';
import type { Service } from '../../common/service.ts';
import type { ClusterInfo } from '../../protocol/bodies/cluster-info.ts';
import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import type { TopicRouteData } from '../../protocol/bodies/topic-route-data.ts';
import type { TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import { type ClientOptions, checkRange, MAX_INT, namesrvAddrsOf } from '../client-options.ts';
import { Admin } from './admin.ts';
import { brokerStatus, type RuntimeTexts } from './broker-status.ts';
import { type ClusterRow, clusterInfo, clusterList } from './cluster-admin.ts';
import {
  type BrokerTarget,
  brokerConfigs,
  type ConfigTexts,
  changeBrokerConfig,
  changeNamesrvConfig,
  namesrvConfigs,
} from './config-admin.ts';
import { GroupAdminExt } from './group-admin-ext.ts';
import { getKv } from './kv-value.ts';
import { addWritePerm, putKv, removeKv, wipeWritePerm } from './namesrv-admin.ts';
import { type AddressValue, allValues } from './per-address.ts';
import {
  type TopicGroupRow,
  topicList,
  topicListByCluster,
  topicRoute,
  topicStatus,
  type UpdateTopicOptions,
  updateTopic,
} from './topic-admin.ts';
import { deleteTopic, topicClusters, updateTopicPerm, waitForRoute } from './topic-change.ts';

const ROUTE_TIMEOUT_MS = 10_000;
const DEFAULT_QUEUE_NUMS = 8;
const MAX_QUEUE_NUMS = 65_536;

/** A setting's value; servers get its text. */
export type ConfigValue = string | number | boolean;

/** What an Admin takes. */
export interface MQAdminExtOptions extends ClientOptions {
  /** Time-out of one request, ms; default 5000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Manages a cluster, ours or Apache's. Connections are made on demand. Every method rejects with PocketError: NO_NAMESRV when
 * no address was given, CONNECT, TIMEOUT, RESPONSE with a server's code, NOT_FOUND for a cluster, broker or topic that does
 * not exist, PARTLY when some of several servers failed, STOPPED after stop().
 */
export class MQAdminExt extends GroupAdminExt implements Service {
  #stopped = false;

  /** Throws PocketError ILLEGAL_ARGUMENT for an address or a number that cannot be used. */
  constructor(options: MQAdminExtOptions) {
    checkRange('timeoutMs', options?.timeoutMs, 1, MAX_INT);
    const { timeoutMs, random, clock = systemClock, logger = silentLogger } = options ?? {};
    super(new Admin({ namesrvAddrs: namesrvAddrsOf(options ?? {}), timeoutMs, random, clock, logger }));
  }

  /** Does nothing yet: connections are made when they are first needed. Rejects with PocketError STOPPED after stop(). */
  async start(): Promise<void> {
    if (this.#stopped) throw new PocketError('STOPPED', 'a stopped Admin cannot be started again');
    await this.admin.start();
  }

  /** Closes the connections. Idempotent. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.admin.stop();
  }

  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Makes a topic with that many queues on every master of the one cluster there is: updateTopic() in its simplest form. */
  createTopic(topic: string, queueNums: number = DEFAULT_QUEUE_NUMS): Promise<TopicConfig> {
    return this.updateTopic({ topic, readQueueNums: queueNums, writeQueueNums: queueNums });
  }

  /**
   * Makes a topic, or replaces its settings, on one broker or on the masters of a cluster; resolves when every name server
   * hands out its route. Every option left out goes back to its default.
   */
  async updateTopic(options: UpdateTopicOptions): Promise<TopicConfig> {
    checkRange('readQueueNums', options.readQueueNums, 1, MAX_QUEUE_NUMS);
    checkRange('writeQueueNums', options.writeQueueNums, 1, MAX_QUEUE_NUMS);
    const result = await updateTopic(this.admin, { ...options, ...(await this.target(options)) });
    const { brokerAddrs, failures } = result;
    allValues([
      ...brokerAddrs.map((addr) => ({ addr })),
      ...failures.map(({ brokerAddr, error }) => ({ addr: brokerAddr, error })),
    ]);
    await waitForRoute(this.admin, { ...result, timeoutMs: ROUTE_TIMEOUT_MS });
    return result.topicConfig;
  }

  /** Deletes a topic on the masters of a cluster, then from the routes; `clusterName` may be left out where there is one. */
  async deleteTopic(topic: string, clusterName?: string): Promise<void> {
    const { brokers, namesrvs } = await deleteTopic(this.admin, await this.cluster(clusterName), topic);
    allValues(brokers);
    allValues(namesrvs);
  }

  /** Sets the permission of a topic: 2 write, 4 read, 6 both. */
  async updateTopicPerm(topic: string, perm: number, target: BrokerTarget = {}): Promise<void> {
    const result = await updateTopicPerm(this.admin, await this.target(target), topic, perm);
    if (result.kind === 'noMaster') {
      throw new PocketError('NOT_FOUND', `${result.brokerAddr} is no master that has the topic ${topic}`);
    }
    if (result.kind !== 'same') allValues(result.brokers);
  }

  /** Every topic a name server knows, system and retry topics included. */
  topicList(): Promise<string[]> {
    return topicList(this.admin);
  }

  /** Every topic but retry and dead letter ones, with the groups that consume it. */
  topicListByCluster(): Promise<TopicGroupRow[]> {
    return topicListByCluster(this.admin);
  }

  /** The brokers and queue numbers of a topic. */
  topicRoute(topic: string): Promise<TopicRouteData> {
    return topicRoute(this.admin, topic);
  }

  /** The offsets of every queue of a topic. */
  topicStatus(topic: string): Promise<TopicOffset[]> {
    return topicStatus(this.admin, topic);
  }

  /** Names of the clusters that have a topic. */
  topicClusterList(topic: string): Promise<string[]> {
    return topicClusters(this.admin, topic);
  }

  /** Clusters and brokers as a name server knows them. */
  clusterInfo(): Promise<ClusterInfo> {
    return clusterInfo(this.admin);
  }

  /** Every registered broker with its figures; one that does not answer keeps its row, with `error`. */
  clusterList(): Promise<ClusterRow[]> {
    return clusterList(this.admin);
  }

  /** The runtime counters of one broker, or of every broker of a cluster. */
  async brokerStatus(target: BrokerTarget = {}): Promise<AddressValue<RuntimeTexts>[]> {
    return allValues(await brokerStatus(this.admin, await this.target(target)));
  }

  /** The configuration of one broker, or of every broker of a cluster. */
  async getBrokerConfig(target: BrokerTarget = {}): Promise<AddressValue<ConfigTexts>[]> {
    return allValues(await brokerConfigs(this.admin, await this.target(target)));
  }

  /** Sets one key on one broker, or on the masters of a cluster. */
  async updateBrokerConfig(key: string, value: ConfigValue, target: BrokerTarget = {}): Promise<void> {
    allValues(await changeBrokerConfig(this.admin, await this.target(target), key, String(value)));
  }

  /** The configuration of every name server. */
  async getNamesrvConfig(): Promise<AddressValue<ConfigTexts>[]> {
    return allValues(await namesrvConfigs(this.admin));
  }

  /** Sets one key on every name server. */
  async updateNamesrvConfig(key: string, value: ConfigValue): Promise<void> {
    allValues(await changeNamesrvConfig(this.admin, key, String(value)));
  }

  /** The value under a key of a namespace of the name servers' KV configuration; undefined when there is none. */
  getKvConfig(namespace: string, key: string): Promise<string | undefined> {
    return getKv(this.admin, namespace, key);
  }

  /** Stores a value under a key of a namespace on every name server. */
  async updateKvConfig(namespace: string, key: string, value: string): Promise<void> {
    allValues(await putKv(this.admin, namespace, key, value));
  }

  /** Removes a key of a namespace from every name server; one that is not there is no failure. */
  async deleteKvConfig(namespace: string, key: string): Promise<void> {
    allValues(await removeKv(this.admin, namespace, key));
  }

  /** Takes the write permission from all topics of a broker name. The values are the numbers of its topics. */
  async wipeWritePerm(brokerName: string): Promise<AddressValue<number>[]> {
    return allValues(await wipeWritePerm(this.admin, brokerName));
  }

  /** Gives the write permission back to all topics of a broker name. The values are the numbers of its topics. */
  async addWritePerm(brokerName: string): Promise<AddressValue<number>[]> {
    return allValues(await addWritePerm(this.admin, brokerName));
  }
}
