/**
 * The consumer groups of this broker: subscriptionGroup.json over the built-in ones; unknown groups are created with the
 * defaults when autoCreateSubscriptionGroup is on. Mirrors SubscriptionGroupManager.
 */

import type { Clock } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import { prettyFastJson } from '../common/fastjson.ts';
import type { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';
import {
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  type SubscriptionGroupConfig,
  type SubscriptionGroupWrapper,
} from '../protocol/bodies/subscription-group.ts';
import type { DataVersion } from '../protocol/bodies/topic-config.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import { ReplyError } from '../remoting/reply-error.ts';
import { ConfigTableFile } from './config-table-file.ts';
import { faqText } from './faq-text.ts';
import { MAX_GROUP_LENGTH, MAX_GROUPS, tooMany } from './table-limits.ts';

/** These groups are always created. */
const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_';

const BUILT_IN_GROUPS = [
  'TOOLS_CONSUMER',
  'FILTERSRV_CONSUMER',
  'SELF_TEST_C_GROUP',
  'CID_ONS-HTTP-PROXY',
  'CID_ONSAPI_PULL',
  'CID_ONSAPI_PERMISSION',
  'CID_ONSAPI_OWNER',
];

export interface SubscriptionGroupManagerOptions {
  config: BrokerConfig;
  file: JsonConfigFile;
  clock: Clock;
  logger: Logger;
}

export class SubscriptionGroupManager {
  readonly #options: SubscriptionGroupManagerOptions;
  readonly #file: ConfigTableFile;
  readonly #table = new Map<string, SubscriptionGroupConfig>();
  #dataVersion: DataVersion;

  constructor(options: SubscriptionGroupManagerOptions) {
    this.#options = options;
    this.#file = new ConfigTableFile(options.file, () => prettyFastJson(this.serializeWrapper()), options.logger);
    this.#dataVersion = { counter: 0, timestamp: options.clock.now() };
    for (const group of BUILT_IN_GROUPS) this.#table.set(group, defaultSubscriptionGroupConfig(group));
  }

  /** Lays subscriptionGroup.json over the built-in groups. Throws PocketError CONFIG when it cannot be read. */
  load(): void {
    const wrapper = this.#file.read((text) => decodeSubscriptionGroupWrapper(Buffer.from(text)));
    if (wrapper === undefined) return;
    for (const [name, config] of Object.entries(wrapper.subscriptionGroupTable)) this.#table.set(name, config);
    this.#dataVersion = wrapper.dataVersion;
  }

  /** The group's configuration, created when that is allowed; undefined when the group does not exist. */
  find(group: string): SubscriptionGroupConfig | undefined {
    const known = this.#table.get(group);
    if (known !== undefined) return known;
    if (this.#table.size >= MAX_GROUPS || group.length > MAX_GROUP_LENGTH) return undefined;
    if (!this.#options.config.autoCreateSubscriptionGroup && !group.startsWith(SYSTEM_GROUP_PREFIX)) return undefined;
    const created = defaultSubscriptionGroupConfig(group);
    this.#options.logger.info(`auto create a subscription group, ${group}`);
    this.#table.set(group, created);
    void this.#changed();
    return created;
  }

  /** The same for whoever sends for the group. Throws ReplyError when it does not exist. */
  require(group: string): SubscriptionGroupConfig {
    const config = this.find(group);
    if (config !== undefined) return config;
    const remark = `subscription group not exist, ${group} ${faqText}`;
    throw new ReplyError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark);
  }

  /** The group's configuration if there is one. */
  select(group: string): SubscriptionGroupConfig | undefined {
    return this.#table.get(group);
  }

  /** Creates or replaces a group. Resolves to whether it is written. Throws ReplyError at a limit. */
  update(config: SubscriptionGroupConfig): Promise<boolean> {
    const { length } = config.groupName;
    if (length > MAX_GROUP_LENGTH) throw tooMany(`the name of the group has ${length} characters`, MAX_GROUP_LENGTH);
    if (this.#table.size >= MAX_GROUPS && !this.#table.has(config.groupName)) {
      throw tooMany(`there are ${this.#table.size} groups`, MAX_GROUPS);
    }
    this.#options.logger.info(`update subscription group config, ${config.groupName}`);
    this.#table.set(config.groupName, config);
    return this.#changed();
  }

  /** Forgets a group; a built-in one stays. Resolves to whether that is written. */
  delete(group: string): Promise<boolean> {
    if (BUILT_IN_GROUPS.includes(group) || !this.#table.delete(group)) return Promise.resolve(true);
    this.#options.logger.info(`delete subscription group, ${group}`);
    return this.#changed();
  }

  /** Every group there is. */
  names(): Iterable<string> {
    return this.#table.keys();
  }

  serializeWrapper(): SubscriptionGroupWrapper {
    return { dataVersion: this.#dataVersion, subscriptionGroupTable: Object.fromEntries(this.#table) };
  }

  /** Resolves when subscriptionGroup.json is up to date, or the disk has refused it. */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  #changed(): Promise<boolean> {
    this.#dataVersion = { counter: this.#dataVersion.counter + 1, timestamp: this.#options.clock.now() };
    return this.#file.save();
  }
}
