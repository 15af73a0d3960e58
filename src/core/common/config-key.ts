/**
 * One configuration key as data: type, default as a function of the machine, and what this build does with it. The lists
 * of keys (broker-config-keys, message-store-config-keys, netty-config-keys, namesrv-config-keys) are made of these.
 */

/** What defaults depend on. */
export interface ConfigFacts {
  /** Available processors. */
  readonly cpus: number;
  /** Home directory of the user. */
  readonly home: string;
  readonly hostName: string;
  /** The address this machine advertises when none is configured. */
  readonly localAddress: string;
  /** ROCKETMQ_HOME, where set. */
  readonly rocketmqHome?: string | undefined;
  /** Nobody but this machine can reach the server: it shares the disk with a person's other work. */
  readonly loopbackOnly?: boolean;
}

export type ConfigValue = string | number | boolean | undefined;
export type ConfigType = 'string' | 'int' | 'long' | 'boolean' | 'enum';

/**
 * When a changed value acts. now: in the running process. restart: when the process is started again. fixed: only one value
 * can be kept, the others are refused.
 */
export type Acts = 'now' | 'restart' | 'fixed';

/** Marks of a key; absent = no. */
export interface ConfigMarks {
  /** `mqbroker -m` prints it (the keys Java marks @ImportantField). */
  readonly important?: true;
  /** What this build does with the value; a key without it is listed and otherwise ignored. */
  readonly acts?: Acts;
  /** RocketMQ 4.9 does not have the key: it is listed only when somebody set it. */
  readonly own?: true;
  /** The name under which Java's setter takes it, where that differs from the listed one. */
  readonly setter?: string;
}

export interface ConfigKey<V extends ConfigValue = ConfigValue> extends ConfigMarks {
  readonly type: ConfigType;
  readonly defaultOf: (facts: ConfigFacts) => V;
  /** The legal words of an enum. */
  readonly words?: readonly string[];
}

export type ConfigSchema = Readonly<Record<string, ConfigKey>>;

/** The typed configuration of a schema. Mutable: UPDATE_BROKER_CONFIG changes a running broker's. */
export type ConfigOf<S extends ConfigSchema> = {
  -readonly [K in keyof S]: ReturnType<S[K]['defaultOf']>;
};

type Default<V> = V | ((facts: ConfigFacts) => V);

function defaultOf<V extends ConfigValue>(value: Default<V>): (facts: ConfigFacts) => V {
  return typeof value === 'function' ? value : () => value;
}

export const int = (value: Default<number>, marks: ConfigMarks = {}): ConfigKey<number> => ({
  type: 'int',
  defaultOf: defaultOf(value),
  ...marks,
});

/** Java long; values stay below 2^53. */
export const long = (value: Default<number>, marks: ConfigMarks = {}): ConfigKey<number> => ({
  type: 'long',
  defaultOf: defaultOf(value),
  ...marks,
});

export const boolean = (value: boolean, marks: ConfigMarks = {}): ConfigKey<boolean> => ({
  type: 'boolean',
  defaultOf: defaultOf<boolean>(value),
  ...marks,
});

export const string = (value: Default<string>, marks: ConfigMarks = {}): ConfigKey<string> => ({
  type: 'string',
  defaultOf: defaultOf(value),
  ...marks,
});

/** A string that is null unless set. */
export const nullable = (
  marks: ConfigMarks = {},
  value: (facts: ConfigFacts) => string | undefined = () => undefined,
): ConfigKey<string | undefined> => ({ type: 'string', defaultOf: value, ...marks });

export const oneOf = <W extends string>(words: readonly W[], value: W, marks: ConfigMarks = {}): ConfigKey<W> => ({
  type: 'enum',
  defaultOf: () => value,
  words,
  ...marks,
});
