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
 * Differences from 4.9: when a connection closes, every broker that registered over it goes, not just the first found; the
 * tables have limits, and a registration that would exceed one is refused.
 */

import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import type { ClusterInfo } from '../protocol/bodies/cluster-info.ts';
import type { DataVersion, TopicConfig } from '../protocol/bodies/topic-config.ts';
import type { TopicList } from '../protocol/bodies/topic-list.ts';
import type { BrokerData, QueueData, TopicRouteData } from '../protocol/bodies/topic-route-data.ts';
import {
  MAX_ADDRS_OF_BROKER,
  MAX_BROKERS,
  MAX_FILTER_SERVERS,
  MAX_NAME_LENGTH,
  MAX_QUEUE_ROWS,
  refusal,
} from './route-limits.ts';

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
   * a slave never changes topics. Throws ReplyError, with nothing changed, at a limit.
   */
  registerBroker(registration: Registration): RegistrationAnswer {
    const { clusterName, brokerName, brokerId, brokerAddr, dataVersion, filterServers } = registration;
    this.#checkRoom(registration);
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
    if (data.brokerAddrs.size === 0) this.#removeBrokers([data], broker.clusterName);
  }

  /** A closed connection takes its brokers along at once. */
  onConnectionClosed(connection: BrokerConnection): void {
    const addrs = new Set<string>();
    for (const [brokerAddr, live] of this.#brokerLiveTable) if (live.connection === connection) addrs.add(brokerAddr);
    this.#removeByAddr(addrs, 'the connection was closed');
  }

  /** Removes the brokers without a sign of life for longer than `expiredTime` ms and closes their connections. */
  scanNotActiveBroker(expiredTime: number): void {
    const now = this.#clock.now();
    for (const [brokerAddr, live] of this.#brokerLiveTable) {
      if (live.lastUpdateTimestamp + expiredTime >= now) continue;
      this.#removeByAddr(new Set([brokerAddr]), `nothing was heard of it for ${now - live.lastUpdateTimestamp} ms`);
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

  #checkRoom(registration: Registration): void {
    const { clusterName, brokerName, brokerId, brokerAddr, haServerAddr, filterServers, topics } = registration;
    const names = [clusterName, brokerName, brokerAddr, haServerAddr, ...filterServers];
    for (const topic of topics) names.push(topic.topicName);
    if (names.some((name) => name.length > MAX_NAME_LENGTH)) {
      throw refusal(`a name in the registration of ${brokerAddr.slice(0, 50)} is too long`, MAX_NAME_LENGTH);
    }
    if (filterServers.length > MAX_FILTER_SERVERS) {
      throw refusal(`the broker ${brokerAddr} has ${filterServers.length} filter servers`, MAX_FILTER_SERVERS);
    }
    const tables: readonly [string, { readonly size: number; has(key: string): boolean }, string][] = [
      ['broker addresses', this.#brokerLiveTable, brokerAddr],
      ['broker names', this.#brokerAddrTable, brokerName],
      ['clusters', this.#clusterAddrTable, clusterName],
    ];
    for (const [what, table, key] of tables) {
      if (table.size >= MAX_BROKERS && !table.has(key)) throw refusal(`there are ${table.size} ${what}`, MAX_BROKERS);
    }
    const addrs = this.#brokerAddrTable.get(brokerName)?.brokerAddrs;
    if (addrs !== undefined && addrs.size >= MAX_ADDRS_OF_BROKER && !addrs.has(brokerId)) {
      throw refusal(`the broker ${brokerName} has ${addrs.size} addresses`, MAX_ADDRS_OF_BROKER);
    }
    let rows = names.length;
    for (const queues of this.#topicQueueTable.values()) rows += queues.size;
    if (rows > MAX_QUEUE_ROWS) throw refusal(`the brokers would have ${rows} topics together`, MAX_QUEUE_ROWS);
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

  /** In one pass, however many they are. */
  #removeByAddr(addrs: ReadonlySet<string>, reason: string): void {
    if (addrs.size === 0) return;
    for (const brokerAddr of addrs) {
      this.#brokerLiveTable.delete(brokerAddr);
      this.#filterServerTable.delete(brokerAddr);
      this.#logger.info(`broker removed: ${brokerAddr}, ${reason}`);
    }
    const empty: BrokerData[] = [];
    for (const data of this.#brokerAddrTable.values()) {
      for (const [id, addr] of data.brokerAddrs) if (addrs.has(addr)) data.brokerAddrs.delete(id);
      if (data.brokerAddrs.size === 0) empty.push(data);
    }
    this.#removeBrokers(empty);
  }

  /** Broker names without addresses go, with their topics and perhaps their clusters. */
  #removeBrokers(brokers: readonly BrokerData[], clusterName?: string): void {
    if (brokers.length === 0) return;
    const names = brokers.map(({ brokerName }) => brokerName);
    for (const name of names) this.#brokerAddrTable.delete(name);
    for (const [cluster, members] of this.#clusterAddrTable) {
      if (clusterName !== undefined && cluster !== clusterName) continue;
      for (const name of names) members.delete(name);
      if (members.size === 0) this.#clusterAddrTable.delete(cluster);
    }
    const gone = new Set(names);
    for (const [topic, queues] of this.#topicQueueTable) {
      // Whichever is shorter: a topic is on few brokers, and mostly one broker goes.
      if (queues.size < names.length) {
        for (const name of queues.keys()) if (gone.has(name)) queues.delete(name);
      } else for (const name of names) queues.delete(name);
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
