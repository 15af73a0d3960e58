/**
 * The route tables: which clusters and brokers exist, who is alive, and which topic has queues on which broker. All in
 * memory; brokers bring everything again with their next registration. Mirrors RouteInfoManager.
 *
 *   topicQueueTable    topic -> brokerName -> QueueData
 *   brokerAddrTable    brokerName -> BrokerData {cluster, brokerName, brokerAddrs: id -> addr}
 *   clusterAddrTable   cluster -> brokerNames
 *   brokerLiveTable    brokerAddr -> last sign of life, data version, connection, haServerAddr
 *   filterServerTable  brokerAddr -> filter servers (4.9.1 brokers)
 *
 * Difference from 4.9: when a connection closes, every broker that registered over it goes, not just the first found.
 */

import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { ClusterInfo } from '../protocol/bodies/cluster-info.ts';
import type { DataVersion, TopicConfig } from '../protocol/bodies/topic-config.ts';
import type { TopicList } from '../protocol/bodies/topic-list.ts';
import type { BrokerData, QueueData, TopicRouteData } from '../protocol/bodies/topic-route-data.ts';

/** brokerId of a master. */
const MASTER_ID = 0;
const PERM_WRITE = 2;
const PERM_READ_WRITE = 6;
const SYS_FLAG_UNIT = 1;
const SYS_FLAG_UNIT_SUB = 2;

/** The connection a broker registered over; compared by identity. */
export interface BrokerConnection {
  close(reason: string): void;
}

export interface Registration {
  clusterName: string;
  brokerName: string;
  brokerId: number;
  brokerAddr: string;
  haServerAddr: string;
  dataVersion: DataVersion;
  topics: Iterable<TopicConfig>;
  filterServers: readonly string[];
  connection: BrokerConnection;
}

/** What a slave is told of its live master; empty for a master and for a slave without one. */
export interface RegistrationAnswer {
  masterAddr?: string;
  haServerAddr?: string;
}

interface BrokerLiveInfo {
  lastUpdateTimestamp: number;
  dataVersion: DataVersion;
  connection: BrokerConnection;
  haServerAddr: string;
}

export class RouteInfoManager {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #topicQueueTable = new Map<string, Map<string, QueueData>>();
  readonly #brokerAddrTable = new Map<string, BrokerData>();
  readonly #clusterAddrTable = new Map<string, Set<string>>();
  readonly #brokerLiveTable = new Map<string, BrokerLiveInfo>();
  readonly #filterServerTable = new Map<string, readonly string[]>();

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  /**
   * REGISTER_BROKER. A second broker with the same name and id takes the id over; topics missing in a registration stay;
   * a slave never changes topics.
   */
  registerBroker(registration: Registration): RegistrationAnswer {
    const { clusterName, brokerName, brokerId, brokerAddr, dataVersion, filterServers } = registration;
    getOrAdd(this.#clusterAddrTable, clusterName, () => new Set<string>()).add(brokerName);
    const first = this.#putBrokerAddr(registration);
    if (brokerId === MASTER_ID && (first || this.isTopicConfigChanged(brokerAddr, dataVersion))) {
      for (const topic of registration.topics) this.#putQueueData(brokerName, topic);
    }
    if (!this.#brokerLiveTable.has(brokerAddr)) {
      this.#logger.info(`broker registered: ${brokerName} ${brokerId} ${brokerAddr} of cluster ${clusterName}`);
    }
    this.#brokerLiveTable.set(brokerAddr, {
      lastUpdateTimestamp: this.#clock.now(),
      dataVersion,
      connection: registration.connection,
      haServerAddr: registration.haServerAddr,
    });
    if (filterServers.length === 0) this.#filterServerTable.delete(brokerAddr);
    else this.#filterServerTable.set(brokerAddr, filterServers);
    return brokerId === MASTER_ID ? {} : this.#masterOf(brokerName);
  }

  /** UNREGISTER_BROKER. The id goes whatever address it has now, as in Java. */
  unregisterBroker(broker: { clusterName: string; brokerName: string; brokerId: number; brokerAddr: string }): void {
    this.#brokerLiveTable.delete(broker.brokerAddr);
    this.#filterServerTable.delete(broker.brokerAddr);
    const data = this.#brokerAddrTable.get(broker.brokerName);
    if (data === undefined) return;
    data.brokerAddrs.delete(broker.brokerId);
    this.#logger.info(`broker unregistered: ${broker.brokerName} ${broker.brokerId} ${broker.brokerAddr}`);
    this.#removeIfEmpty(data, broker.clusterName);
  }

  /** A closed connection takes its brokers along at once. */
  onConnectionClosed(connection: BrokerConnection): void {
    for (const [brokerAddr, live] of this.#brokerLiveTable) {
      if (live.connection === connection) this.#removeByAddr(brokerAddr, 'its connection was closed');
    }
  }

  /** Removes the brokers without a sign of life for longer than `expiredTime` ms and closes their connections. */
  scanNotActiveBroker(expiredTime: number): void {
    const now = this.#clock.now();
    for (const [brokerAddr, live] of this.#brokerLiveTable) {
      if (live.lastUpdateTimestamp + expiredTime >= now) continue;
      this.#removeByAddr(brokerAddr, `nothing was heard of it for ${now - live.lastUpdateTimestamp} ms`);
      live.connection.close('the broker behind it expired');
    }
  }

  /** True when the namesrv does not have the topics of that version from that broker. */
  isTopicConfigChanged(brokerAddr: string, dataVersion: DataVersion): boolean {
    const known = this.dataVersionOf(brokerAddr);
    return (
      known === undefined ||
      known.counter !== dataVersion.counter ||
      known.timestamp !== dataVersion.timestamp ||
      (known.stateVersion ?? 0) !== (dataVersion.stateVersion ?? 0)
    );
  }

  dataVersionOf(brokerAddr: string): DataVersion | undefined {
    return this.#brokerLiveTable.get(brokerAddr)?.dataVersion;
  }

  /** A sign of life without a registration (QUERY_DATA_VERSION). */
  refresh(brokerAddr: string): void {
    const live = this.#brokerLiveTable.get(brokerAddr);
    if (live !== undefined) live.lastUpdateTimestamp = this.#clock.now();
  }

  /** undefined unless some queue and some broker of the topic are known. orderTopicConf is the caller's affair. */
  pickupTopicRouteData(topic: string): TopicRouteData | undefined {
    const queues = this.#topicQueueTable.get(topic);
    if (queues === undefined) return undefined;
    const brokerDatas: BrokerData[] = [];
    const filterServerTable: Record<string, string[]> = Object.create(null);
    for (const brokerName of queues.keys()) {
      const data = this.#brokerAddrTable.get(brokerName);
      if (data === undefined) continue;
      brokerDatas.push(data);
      for (const brokerAddr of data.brokerAddrs.values()) {
        const filterServers = this.#filterServerTable.get(brokerAddr);
        if (filterServers !== undefined) filterServerTable[brokerAddr] = [...filterServers];
      }
    }
    if (brokerDatas.length === 0) return undefined;
    return { brokerDatas, filterServerTable, queueDatas: [...queues.values()] };
  }

  clusterInfo(): ClusterInfo {
    const clusterAddrTable: Record<string, string[]> = Object.create(null);
    for (const [cluster, names] of this.#clusterAddrTable) clusterAddrTable[cluster] = [...names];
    const brokerAddrTable: Record<string, BrokerData> = Object.create(null);
    for (const [brokerName, data] of this.#brokerAddrTable) brokerAddrTable[brokerName] = data;
    return { brokerAddrTable, clusterAddrTable };
  }

  /** WIPE_WRITE_PERM_OF_BROKER; returns how many topics the broker has. Lasts until its next changed registration. */
  wipeWritePerm(brokerName: string): number {
    return this.#changePerm(brokerName, (perm) => perm & ~PERM_WRITE);
  }

  /** ADD_WRITE_PERM_OF_BROKER; returns how many topics the broker has. Other bits of the permission are lost, as in Java. */
  addWritePerm(brokerName: string): number {
    return this.#changePerm(brokerName, () => PERM_READ_WRITE);
  }

  /** DELETE_TOPIC_IN_NAMESRV; only on the brokers of `clusterName` when one is given. */
  deleteTopic(topic: string, clusterName?: string): void {
    if (clusterName === undefined || clusterName === '') {
      this.#topicQueueTable.delete(topic);
      return;
    }
    const queues = this.#topicQueueTable.get(topic);
    for (const brokerName of this.#clusterAddrTable.get(clusterName) ?? []) queues?.delete(brokerName);
    if (queues?.size === 0) this.#topicQueueTable.delete(topic);
  }

  allTopics(): TopicList {
    return { topicList: [...this.#topicQueueTable.keys()] };
  }

  /** Empty for an unknown cluster. */
  topicsByCluster(clusterName: string): TopicList {
    const names = [...(this.#clusterAddrTable.get(clusterName) ?? [])];
    return { topicList: this.#topicsWhere((queues) => names.some((brokerName) => queues.has(brokerName))) };
  }

  /** The names of clusters and brokers, which are topics of every broker, and the address of some broker. */
  systemTopics(): TopicList {
    const topicList: string[] = [];
    for (const [cluster, names] of this.#clusterAddrTable) topicList.push(cluster, ...names);
    for (const data of this.#brokerAddrTable.values()) {
      for (const brokerAddr of data.brokerAddrs.values()) return { brokerAddr, topicList };
    }
    return { topicList };
  }

  unitTopics(): TopicList {
    return { topicList: this.#topicsBySysFlag((sysFlag) => (sysFlag & SYS_FLAG_UNIT) !== 0) };
  }

  hasUnitSubTopics(): TopicList {
    return { topicList: this.#topicsBySysFlag((sysFlag) => (sysFlag & SYS_FLAG_UNIT_SUB) !== 0) };
  }

  hasUnitSubUnUnitTopics(): TopicList {
    const both = SYS_FLAG_UNIT | SYS_FLAG_UNIT_SUB;
    return { topicList: this.#topicsBySysFlag((sysFlag) => (sysFlag & both) === SYS_FLAG_UNIT_SUB) };
  }

  /** Returns whether nobody held the id before. */
  #putBrokerAddr(registration: Registration): boolean {
    const { brokerName, brokerId, brokerAddr } = registration;
    const data = getOrAdd(this.#brokerAddrTable, brokerName, () => ({
      cluster: registration.clusterName,
      brokerName,
      brokerAddrs: new Map<number, string>(),
    }));
    // One address has one id: a slave that became master leaves its old id.
    for (const [id, addr] of data.brokerAddrs) if (addr === brokerAddr && id !== brokerId) data.brokerAddrs.delete(id);
    const first = !data.brokerAddrs.has(brokerId);
    data.brokerAddrs.set(brokerId, brokerAddr);
    return first;
  }

  #putQueueData(brokerName: string, topic: TopicConfig): void {
    getOrAdd(this.#topicQueueTable, topic.topicName, () => new Map<string, QueueData>()).set(brokerName, {
      brokerName,
      readQueueNums: topic.readQueueNums,
      writeQueueNums: topic.writeQueueNums,
      perm: topic.perm,
      topicSysFlag: topic.topicSysFlag,
    });
  }

  #masterOf(brokerName: string): RegistrationAnswer {
    const masterAddr = this.#brokerAddrTable.get(brokerName)?.brokerAddrs.get(MASTER_ID);
    const live = masterAddr === undefined ? undefined : this.#brokerLiveTable.get(masterAddr);
    if (masterAddr === undefined || live === undefined) return {};
    return { masterAddr, haServerAddr: live.haServerAddr };
  }

  #removeByAddr(brokerAddr: string, reason: string): void {
    this.#brokerLiveTable.delete(brokerAddr);
    this.#filterServerTable.delete(brokerAddr);
    this.#logger.info(`broker removed: ${brokerAddr}, ${reason}`);
    for (const data of this.#brokerAddrTable.values()) {
      for (const [id, addr] of data.brokerAddrs) if (addr === brokerAddr) data.brokerAddrs.delete(id);
      this.#removeIfEmpty(data);
    }
  }

  /** A broker name without addresses goes, with its topics and perhaps its cluster. */
  #removeIfEmpty(data: BrokerData, clusterName?: string): void {
    if (data.brokerAddrs.size > 0) return;
    const { brokerName } = data;
    this.#brokerAddrTable.delete(brokerName);
    for (const [cluster, names] of this.#clusterAddrTable) {
      if (clusterName !== undefined && cluster !== clusterName) continue;
      names.delete(brokerName);
      if (names.size === 0) this.#clusterAddrTable.delete(cluster);
    }
    for (const [topic, queues] of this.#topicQueueTable) {
      queues.delete(brokerName);
      if (queues.size === 0) this.#topicQueueTable.delete(topic);
    }
  }

  #changePerm(brokerName: string, change: (perm: number) => number): number {
    let count = 0;
    for (const queues of this.#topicQueueTable.values()) {
      const queueData = queues.get(brokerName);
      if (queueData === undefined) continue;
      queues.set(brokerName, { ...queueData, perm: change(queueData.perm) });
      count++;
    }
    return count;
  }

  #topicsWhere(matches: (queues: Map<string, QueueData>) => boolean): string[] {
    const topics: string[] = [];
    for (const [topic, queues] of this.#topicQueueTable) if (matches(queues)) topics.push(topic);
    return topics;
  }

  /** Decided on the first broker of a topic. */
  #topicsBySysFlag(matches: (sysFlag: number) => boolean): string[] {
    return this.#topicsWhere((queues) => {
      for (const queueData of queues.values()) return matches(queueData.topicSysFlag);
      return false;
    });
  }
}

function getOrAdd<K, V>(table: Map<K, V>, key: K, make: () => V): V {
  const found = table.get(key);
  if (found !== undefined) return found;
  const made = make();
  table.set(key, made);
  return made;
}
