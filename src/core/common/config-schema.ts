/**
 * The configuration of a broker and of a namesrv: all keys of 4.9.7 as data (GET_BROKER_CONFIG and GET_NAMESRV_CONFIG
 * list one flat set each), the typed configuration inferred from it, and the reader of a properties file.
 *
 * Java classes: BrokerConfig + NettyServerConfig + NettyClientConfig + MessageStoreConfig; NamesrvConfig + NettyServerConfig.
 * Differences from 4.9: a value that cannot be parsed is refused with its line (Java keeps the default and says nothing),
 * and so is a boolean that is neither true nor false (Java reads it as false); blanks around numbers are allowed.
 */

import { brokerConfigKeys } from './broker-config-keys.ts';
import type { ConfigFacts, ConfigKey, ConfigOf, ConfigSchema, ConfigValue } from './config-key.ts';
import { PocketError } from './errors.ts';
import { type Properties, type PropertyEntry, placeOf } from './java-properties.ts';
import { messageStoreConfigKeys } from './message-store-config-keys.ts';
import { namesrvConfigKeys } from './namesrv-config-keys.ts';
import { nettyClientConfigKeys, nettyServerConfigKeys } from './netty-config-keys.ts';

export const brokerConfigSchema = {
  ...brokerConfigKeys,
  ...nettyServerConfigKeys(10_911, 'now'),
  ...nettyClientConfigKeys,
  ...messageStoreConfigKeys,
} as const;

export const namesrvConfigSchema = {
  ...namesrvConfigKeys,
  ...nettyServerConfigKeys(9876, 'restart'),
} as const;

export type BrokerConfig = ConfigOf<typeof brokerConfigSchema>;
export type NamesrvConfig = ConfigOf<typeof namesrvConfigSchema>;

export interface ReadConfig<S extends ConfigSchema> {
  readonly config: ConfigOf<S>;
  /** Keys no Java class knows. They stay in the listing as text (`extras`). */
  readonly unknownKeys: string[];
  /** Known keys that were set to something else than their default although this build does not act on them. */
  readonly ignoredKeys: string[];
  /** Text of the unknown keys. */
  readonly extras: Record<string, string>;
}

/**
 * Defaults overlaid with `properties`. `source` names the file in an error.
 * Throws PocketError CONFIG with key, text and line when a value cannot be parsed.
 */
export function readConfig<S extends ConfigSchema>(
  schema: S,
  properties: Properties,
  facts: ConfigFacts,
  source?: string,
): ReadConfig<S> {
  const values: Record<string, ConfigValue> = {};
  for (const [name, key] of Object.entries(schema)) values[name] = key.defaultOf(facts);
  const listedNames = listedNamesOf(schema);
  const extras: Record<string, string> = {};
  const ignoredKeys: string[] = [];
  for (const [name, entry] of properties) {
    const listedName = listedNames.get(name);
    const key = listedName === undefined ? undefined : schema[listedName];
    if (listedName === undefined || key === undefined) {
      extras[name] = entry.value;
      continue;
    }
    values[listedName] = parseConfigValue(name, key, entry, source);
    if (key.acts === undefined && values[listedName] !== key.defaultOf(facts)) ignoredKeys.push(name);
  }
  return { config: values as ConfigOf<S>, unknownKeys: Object.keys(extras), ignoredKeys, extras };
}

/** Names under which a key may be set (its own and that of Java's setter) -> the name under which it is listed. */
export function listedNamesOf(schema: ConfigSchema): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, key] of Object.entries(schema)) {
    names.set(name, name);
    if (key.setter !== undefined) names.set(key.setter, name);
  }
  return names;
}

const INTEGER = /^[+-]?\d{1,19}$/;

/** The value a text stands for. Throws PocketError CONFIG with key, text and line when it cannot be parsed. */
export function parseConfigValue(name: string, key: ConfigKey, entry: PropertyEntry, source?: string): ConfigValue {
  const text = entry.value.trim();
  switch (key.type) {
    case 'string':
      return entry.value;
    case 'boolean': {
      const word = text.toLowerCase();
      if (word !== 'true' && word !== 'false') throw unparsable(name, entry, 'true or false', source);
      return word === 'true';
    }
    case 'enum':
      if (key.words?.includes(text) !== true) throw unparsable(name, entry, (key.words ?? []).join(' or '), source);
      return text;
    case 'int':
    case 'long': {
      const value = Number(text);
      const fits = key.type === 'int' ? value === (value | 0) : Number.isSafeInteger(value);
      if (!INTEGER.test(text) || !fits) {
        throw unparsable(name, entry, key.type === 'int' ? 'an integer of 32 bits' : 'an integer', source);
      }
      return value;
    }
  }
}

function unparsable(name: string, entry: PropertyEntry, wanted: string, source: string | undefined): PocketError {
  return new PocketError(
    'CONFIG',
    `${placeOf(source, entry.line)}${name}=${entry.value.slice(0, 80)} is not ${wanted}`,
  );
}

/** Settings that promise safety this build cannot keep: key, the value refused, and the way out. */
const unkeptPromises: readonly { key: keyof BrokerConfig; value: ConfigValue; wayOut: string }[] = [
  {
    key: 'brokerRole',
    value: 'SYNC_MASTER',
    wayOut: 'set brokerRole=ASYNC_MASTER if a message may be acknowledged before a slave has it',
  },
  {
    key: 'brokerRole',
    value: 'SLAVE',
    wayOut: 'set brokerRole=ASYNC_MASTER and brokerId=0 to run it as a master without replication',
  },
  {
    key: 'aclEnable',
    value: true,
    wayOut: 'set aclEnable=false if every client that reaches the port may do everything',
  },
  {
    key: 'enableDLegerCommitLog',
    value: true,
    wayOut: 'set enableDLegerCommitLog=false to run it as a master without replication',
  },
  { key: 'useTLS', value: true, wayOut: 'set useTLS=false if the connections may be unencrypted' },
];

/** Throws PocketError CONFIG for the first setting that promises safety and is not built: never silently weaker. */
export function refuseUnkept(config: BrokerConfig): void {
  for (const { key, value, wayOut } of unkeptPromises) {
    if (config[key] === value) {
      throw new PocketError('CONFIG', `${key}=${value} is not supported by this version of PocketMQ; ${wayOut}`);
    }
  }
}
