/**
 * The topics of this broker: topics.json over the built-in ones, automatic creation, changes. Mirrors TopicConfigManager.
 * Each change raises the dataVersion, is written to topics.json and reported through onChange, so that the namesrvs hear
 * of it.
 */

import type { Clock } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import { prettyFastJson } from '../common/fastjson.ts';
import type { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';
import { isSystemTopic, systemTopics, Topic } from '../message/topic-validator.ts';
import {
  type DataVersion,
  decodeTopicConfigSerializeWrapper,
  type TopicConfig,
  type TopicConfigSerializeWrapper,
} from '../protocol/bodies/topic-config.ts';
import { ConfigTableFile } from './config-table-file.ts';
import { isInherited, PERM_INHERIT, PERM_READ, PERM_WRITE } from './perm-name.ts';
import { MAX_TOPICS, tooMany } from './table-limits.ts';
import { formatTopicConfig, newTopicConfig } from './topic-config-text.ts';

const SCHEDULE_TOPIC_QUEUE_NUM = 18;

export interface TopicConfigManagerOptions {
  config: BrokerConfig;
  file: JsonConfigFile;
  clock: Clock;
  logger: Logger;
  /** A topic was created or changed on a client's behalf and the namesrvs should hear of it soon. */
  onCreate: () => void;
}

export class TopicConfigManager {
  /** Raised by every change of any topic: what was derived from the table before is stale. */
  generation = 0;
  readonly #options: TopicConfigManagerOptions;
  readonly #file: ConfigTableFile;
  readonly #table = new Map<string, TopicConfig>();
  /** Topics that were created by clients and are not in topics.json yet. */
  readonly #saving = new Map<string, Promise<boolean>>();
  /** Cluster, broker and reply topic: system topics beside the fixed ones. */
  readonly #ownTopics: ReadonlySet<string>;
  #dataVersion: DataVersion;

  constructor(options: TopicConfigManagerOptions) {
    this.#options = options;
    const { brokerClusterName, brokerName } = options.config;
    this.#ownTopics = new Set([brokerClusterName, brokerName, `${brokerClusterName}_REPLY_TOPIC`]);
    this.#file = new ConfigTableFile(options.file, () => prettyFastJson(this.serializeWrapper()), options.logger);
    this.#dataVersion = { counter: 0, timestamp: options.clock.now() };
    for (const builtIn of builtInTopics(options.config)) this.#table.set(builtIn.topicName, builtIn);
  }

  get dataVersion(): DataVersion {
    return this.#dataVersion;
  }

  /** Lays topics.json over the built-in topics. Throws PocketError CONFIG when it cannot be read. */
  load(): void {
    const wrapper = this.#file.read((text) => decodeTopicConfigSerializeWrapper(Buffer.from(text)));
    if (wrapper === undefined) return;
    for (const [name, config] of Object.entries(wrapper.topicConfigTable)) this.#table.set(name, config);
    this.#dataVersion = wrapper.dataVersion;
    this.generation++;
  }

  /**
   * When topics.json was gone or damaged: topics that the store has queues of, and that no .bak names, are made again,
   * readable and writable, with as many queues as have messages. Java starts without them, and their messages cannot be
   * consumed.
   */
  restore(queues: Iterable<{ topic: string; queueId: number }>): void {
    if (this.#file.isWhole) return;
    const counts = new Map<string, number>();
    for (const { topic, queueId } of queues) {
      if (!this.#table.has(topic)) counts.set(topic, Math.max(counts.get(topic) ?? 0, queueId + 1));
    }
    if (counts.size === 0) return;
    for (const [topic, count] of counts) {
      this.#table.set(topic, newTopicConfig(topic, { readQueueNums: count, writeQueueNums: count }));
    }
    this.#options.logger.error(
      `topics.json was not there or damaged: ${[...counts.keys()].join(', ')} made again from the queues of the store; ` +
        'look at their permissions and queue counts',
    );
    void this.#changed();
  }

  select(topic: string): TopicConfig | undefined {
    return this.#table.get(topic);
  }

  topics(): Iterable<TopicConfig> {
    return this.#table.values();
  }

  isOrderTopic(topic: string): boolean {
    return this.#table.get(topic)?.order === true;
  }

  isSystemTopic(topic: string): boolean {
    return isSystemTopic(topic, this.#ownTopics);
  }

  /** The answer of GET_SYSTEM_TOPIC_LIST_FROM_BROKER. */
  systemTopics(): string[] {
    return [...systemTopics, ...this.#ownTopics];
  }

  /** Table and version as topics.json and the registration have them. */
  serializeWrapper(): TopicConfigSerializeWrapper {
    return { dataVersion: this.#dataVersion, topicConfigTable: Object.fromEntries(this.#table) };
  }

  /**
   * Creates an unknown topic after a template that lends itself to it (perm bit inherit): as many queues as the client
   * wants, at most the template's. Throws ReplyError at the limit of topics. Undefined when the template does not exist or does not allow it.
   */
  createInSend(topic: string, template: string, queueNums: number, topicSysFlag: number): TopicConfig | undefined {
    const model = this.#table.get(template);
    // TBW102 may be in topics.json from a time when automatic creation was on.
    const isOff = template === Topic.AUTO_CREATE && !this.#options.config.autoCreateTopicEnable;
    if (model === undefined || isOff || !isInherited(model.perm)) {
      this.#options.logger.warn(
        `topic ${topic} was not created: the template ${template} does not exist or is not free`,
      );
      return undefined;
    }
    const queues = Math.max(0, Math.min(queueNums, model.writeQueueNums));
    return this.#create(
      newTopicConfig(topic, {
        readQueueNums: queues,
        writeQueueNums: queues,
        perm: model.perm & ~PERM_INHERIT,
        topicFilterType: model.topicFilterType,
        topicSysFlag,
      }),
    );
  }

  /** The topic, created without a template when it is unknown: retry and dead letter topics. */
  createInSendBack(topic: string, queueNums: number, perm: number, topicSysFlag: number): TopicConfig {
    const known = this.#table.get(topic);
    if (known !== undefined) return known;
    return this.#create(
      newTopicConfig(topic, { readQueueNums: queueNums, writeQueueNums: queueNums, perm, topicSysFlag }),
    );
  }

  /**
   * While a topic that a client's request created is not in topics.json: resolves to whether it got there (if not, it does
   * not exist any more). Nothing may be acknowledged for it before: a crash would leave the message without its topic.
   */
  saving(topic: string): Promise<boolean> | undefined {
    return this.#saving.get(topic);
  }

  /**
   * Creates or replaces a topic. Resolves to whether it is written; telling the namesrvs is the caller's. Throws ReplyError
   * at the limit of topics.
   */
  update(config: TopicConfig): Promise<boolean> {
    const isNew = !this.#table.has(config.topicName);
    if (isNew) this.#checkRoom();
    this.#options.logger.info(`${isNew ? 'create new topic' : 'update topic config'} ${formatTopicConfig(config)}`);
    this.#table.set(config.topicName, config);
    return this.#changed();
  }

  /** Removes a topic. Resolves to whether that is written; the namesrvs keep its route until they are told (216). */
  delete(topic: string): Promise<boolean> {
    if (!this.#table.delete(topic)) return this.#file.save();
    this.#options.logger.info(`delete topic config ${topic}`);
    return this.#changed();
  }

  /** Makes the next registration count as changed: what is announced of the topics is different now. */
  nextVersion(): void {
    void this.#changed();
  }

  /**
   * Settings of the built-in topics were changed: TBW102, the cluster's, the broker's and the trace topic become what
   * `settings` says. One that is switched off stays in the table.
   */
  updateBuiltIns(settings: ReadonlySet<string>): void {
    const { config } = this.#options;
    const names = new Set<string>();
    if (settings.has('defaultTopicQueueNums') || settings.has('autoCreateTopicEnable')) names.add(Topic.AUTO_CREATE);
    if (settings.has('clusterTopicEnable')) names.add(config.brokerClusterName);
    if (settings.has('brokerTopicEnable')) names.add(config.brokerName);
    if (!this.#table.has(config.msgTraceTopicName)) names.add(config.msgTraceTopicName);
    for (const builtIn of builtInTopics(config)) {
      if (names.has(builtIn.topicName)) this.#table.set(builtIn.topicName, builtIn);
    }
    this.nextVersion();
  }

  /** Sets the order flag of every topic to whether the namesrvs list it (namespace ORDER_TOPIC_CONFIG). */
  updateOrderTopics(orderTopics: ReadonlySet<string>): void {
    let changed = false;
    for (const [name, config] of this.#table) {
      const order = orderTopics.has(name);
      if (config.order === order) continue;
      this.#table.set(name, { ...config, order });
      changed = true;
    }
    if (changed) void this.#changed();
  }

  /** Resolves when topics.json is up to date, or the disk has refused it. */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  #checkRoom(): void {
    const { size } = this.#table;
    if (size >= MAX_TOPICS) throw tooMany(`there are ${size} topics`, MAX_TOPICS);
  }

  #create(config: TopicConfig): TopicConfig {
    this.#checkRoom();
    this.#options.logger.info(`create new topic ${formatTopicConfig(config)}`);
    const { topicName } = config;
    this.#table.set(topicName, config);
    const saved = this.#changed().then((isSaved) => {
      if (!isSaved) this.#table.delete(topicName);
      this.#saving.delete(topicName);
      this.generation++;
      return isSaved;
    });
    this.#saving.set(topicName, saved);
    this.#options.onCreate();
    return config;
  }

  #changed(): Promise<boolean> {
    this.generation++;
    this.#dataVersion = { counter: this.#dataVersion.counter + 1, timestamp: this.#options.clock.now() };
    return this.#file.save();
  }
}

/** messages.md section 6: what exists on every broker. */
function builtInTopics(config: BrokerConfig): TopicConfig[] {
  const single = { readQueueNums: 1, writeQueueNums: 1 };
  const readWrite = PERM_READ | PERM_WRITE;
  const topics = [
    newTopicConfig(Topic.SELF_TEST, single),
    newTopicConfig(Topic.BENCHMARK, { readQueueNums: 1024, writeQueueNums: 1024 }),
    newTopicConfig(config.brokerClusterName, { perm: PERM_INHERIT | (config.clusterTopicEnable ? readWrite : 0) }),
    newTopicConfig(config.brokerName, { ...single, perm: PERM_INHERIT | (config.brokerTopicEnable ? readWrite : 0) }),
    newTopicConfig(Topic.OFFSET_MOVED_EVENT, single),
    newTopicConfig(Topic.SCHEDULE, {
      readQueueNums: SCHEDULE_TOPIC_QUEUE_NUM,
      writeQueueNums: SCHEDULE_TOPIC_QUEUE_NUM,
    }),
    newTopicConfig(`${config.brokerClusterName}_REPLY_TOPIC`, single),
  ];
  if (config.autoCreateTopicEnable) {
    const queues = config.defaultTopicQueueNums;
    topics.push(
      newTopicConfig(Topic.AUTO_CREATE, {
        readQueueNums: queues,
        writeQueueNums: queues,
        perm: PERM_INHERIT | readWrite,
      }),
    );
  }
  if (config.traceTopicEnable) topics.push(newTopicConfig(config.msgTraceTopicName, single));
  return topics;
}
