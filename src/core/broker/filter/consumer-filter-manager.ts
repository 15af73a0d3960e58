/**
 * The SQL92 expressions of consumer groups, compiled, by group and topic. Mirrors ConsumerFilterManager: they come with
 * heartbeats, a newer subscription replaces an older one, one that cannot be read removes what was there (a pull then says
 * so); without a subscriber an expression is dead, and after filterDataCleanTimeSpan gone. Kept in consumerFilter.json.
 */
import type { Clock } from '../../common/clock.ts';
import type { BrokerConfig } from '../../common/config-schema.ts';
import { prettyFastJson } from '../../common/fastjson.ts';
import type { JsonConfigFile } from '../../common/json-config-file.ts';
import type { Logger } from '../../common/logger.ts';
import {
  type ConsumerFilterData,
  consumerFilterTable,
  decodeConsumerFilters,
} from '../../protocol/bodies/consumer-filter.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { isTagType } from '../subscription.ts';
import { compileSql92, type PropertyFilter, Sql92Error } from './sql92.ts';

const SQL92 = 'SQL92';
/** Expressions of all groups; beyond it the one that has been dead for longest goes. */
const MAX_FILTERS = 10_000;

export interface ConsumerFilterManagerOptions {
  config: BrokerConfig;
  file: JsonConfigFile;
  clock: Clock;
  logger: Logger;
}

export interface ConsumerFilter {
  readonly data: ConsumerFilterData;
  readonly matches: PropertyFilter;
}

/** Throws Sql92Error for an expression that cannot be used, or another language. */
export function compileExpression(expressionType: string, expression: string): PropertyFilter {
  if (expressionType !== SQL92) throw new Sql92Error(`${expressionType} is no language of filters; SQL92 is`, 0);
  return compileSql92(expression);
}

export class ConsumerFilterManager {
  readonly #options: ConsumerFilterManagerOptions;
  readonly #filters = new Map<string, ConsumerFilter>();
  #persisted = '';

  constructor(options: ConsumerFilterManagerOptions) {
    this.#options = options;
  }

  /** Throws PocketError CONFIG when neither the file nor its .bak can be read. Nobody has subscribed yet: all are dead. */
  load(): void {
    const { file, clock, logger } = this.#options;
    for (const data of file.read((text) => decodeConsumerFilters(Buffer.from(text))) ?? []) {
      const deadTime = data.deadTime === 0 ? clock.now() : data.deadTime;
      try {
        const matches = compileExpression(data.expressionType, data.expression);
        this.#filters.set(keyOf(data), { data: { ...data, deadTime }, matches });
      } catch (error) {
        logger.warn(
          `the filter of ${data.consumerGroup} for ${data.topic} in ${file.path} is left out: ${String(error)}`,
        );
      }
    }
  }

  find(topic: string, consumerGroup: string): ConsumerFilter | undefined {
    return this.#filters.get(keyOf({ topic, consumerGroup }));
  }

  /** Takes over what a heartbeat says of a group. */
  register(consumerGroup: string, subscriptions: readonly SubscriptionData[]): void {
    for (const subscription of subscriptions) {
      if (!isTagType(subscription.expressionType) && subscription.subString !== '') {
        this.#update(consumerGroup, subscription);
      }
    }
    const topics = new Set(subscriptions.map(({ topic }) => topic));
    this.#die(({ data }) => data.consumerGroup === consumerGroup && !topics.has(data.topic));
  }

  /** The group has no member any more. */
  unregister(consumerGroup: string): void {
    this.#die(({ data }) => data.consumerGroup === consumerGroup);
  }

  /** Drops what has been dead for too long, and writes the table if it changed. A disk that refuses is logged. */
  async persist(): Promise<void> {
    const { file, config, clock, logger } = this.#options;
    const { filterDataCleanTimeSpan } = config;
    const now = clock.now();
    for (const [key, { data }] of this.#filters) {
      if (data.deadTime !== 0 && now - data.deadTime >= filterDataCleanTimeSpan) this.#filters.delete(key);
    }
    const text = prettyFastJson(consumerFilterTable([...this.#filters.values()].map(({ data }) => data)));
    if (text === this.#persisted || (this.#persisted === '' && this.#filters.size === 0)) return;
    const before = this.#persisted;
    // At once: the next call must see what is on its way to the disk.
    this.#persisted = text;
    try {
      await file.write(text);
    } catch (error) {
      this.#persisted = before;
      logger.error(`${file.path} could not be written`, error);
    }
  }

  #update(consumerGroup: string, { topic, subString, expressionType, subVersion }: SubscriptionData): void {
    const { clock, logger } = this.#options;
    const key = keyOf({ topic, consumerGroup });
    const known = this.#filters.get(key);
    if (known !== undefined && subVersion <= known.data.clientVersion) {
      if (subVersion === known.data.clientVersion) known.data.deadTime = 0;
      return;
    }
    if (known?.data.expression === subString && known.data.expressionType === expressionType) {
      known.data.clientVersion = subVersion;
      known.data.deadTime = 0;
      return;
    }
    this.#filters.delete(key);
    try {
      const matches = compileExpression(expressionType, subString);
      const data = { topic, consumerGroup, expression: subString, expressionType, clientVersion: subVersion };
      this.#filters.set(key, { data: { ...data, bornTime: clock.now(), deadTime: 0 }, matches });
      this.#keepWithinLimit();
    } catch (error) {
      if (!(error instanceof Sql92Error)) throw error;
      logger.warn(`consumer group ${consumerGroup} cannot filter ${topic}: ${error.message}`);
    }
  }

  #die(isDead: (filter: ConsumerFilter) => boolean): void {
    const now = this.#options.clock.now();
    for (const filter of this.#filters.values()) {
      if (filter.data.deadTime === 0 && isDead(filter)) filter.data.deadTime = now;
    }
  }

  #keepWithinLimit(): void {
    if (this.#filters.size <= MAX_FILTERS) return;
    const oldest = [...this.#filters].sort(([, a], [, b]) => lastUse(a) - lastUse(b))[0];
    if (oldest !== undefined) this.#filters.delete(oldest[0]);
  }
}

/** When somebody subscribed last; those that are alive come behind all dead ones. */
function lastUse({ data }: ConsumerFilter): number {
  return data.deadTime === 0 ? Number.MAX_SAFE_INTEGER : data.deadTime;
}

const keyOf = ({ topic, consumerGroup }: { topic: string; consumerGroup: string }): string =>
  `${topic}@${consumerGroup}`;
