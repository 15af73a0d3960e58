/**
 * The configuration of a running broker or namesrv: what it is listed as, how it is changed (UPDATE_BROKER_CONFIG,
 * UPDATE_NAMESRV_CONFIG) and where changes are saved. Mirrors Configuration.
 *
 * A value that acts at once goes into the running service's configuration; any other is listed and saved, and the running
 * service keeps what it has. Values that cannot be parsed and keys nobody knows are logged and otherwise ignored, as in
 * Java. A change is saved before it acts: one that cannot be saved, or with which the service would not start, is refused
 * as a whole.
 *
 * Saved in the configuration file the service was started with: the whole set, the old file becomes X.bak. Values that
 * were found on this machine (addresses, directories, processors) are left out unless the file or a change set them.
 * Without such a file: the changed keys alone, in a file that the next start reads.
 *
 * Differences from 4.9: Java writes X in place and without escapes, answers success when that fails, never reads the
 * file of a service started without one, and takes a boolean that is neither true nor false as false.
 */

import type { Clock } from './clock.ts';
import type { ConfigFacts, ConfigOf, ConfigSchema, ConfigValue } from './config-key.ts';
import { listedNamesOf, parseConfigValue } from './config-schema.ts';
import { PocketError } from './errors.ts';
import { formatConfigLines, type Properties, parseProperties } from './java-properties.ts';
import { JsonConfigFile } from './json-config-file.ts';
import type { Logger } from './logger.ts';

/** Where changes are saved. */
export interface ConfigFile {
  readonly path: string;
  /** True: the file a person names at the start, which holds the whole set. */
  readonly whole: boolean;
  /** Keys that stand in the file. */
  readonly keys: ReadonlySet<string>;
  /** Key -> another one that is saved as it is when the first is changed. */
  readonly together?: Readonly<Record<string, string>>;
}

/** What a change has prepared: exactly one of the two is called. */
export interface PreparedChange {
  /** The values are in the configuration: makes the service use them. */
  commit(): void | Promise<void>;
  /** The change could not be saved. */
  abandon(): Promise<void>;
}

export interface ConfigurationOptions<S extends ConfigSchema> {
  schema: S;
  /** The running service's; values that act at once are put into it. */
  config: ConfigOf<S>;
  /** Keys of the configuration file that no class knows. */
  extras: Readonly<Record<string, string>>;
  /** Undefined: changes last until the process ends. */
  file?: ConfigFile | undefined;
  clock: Clock;
  logger: Logger;
  /** `candidate` is the configuration with the change. Throws PocketError when the service would not start with it. */
  prepare: (candidate: ConfigOf<S>, changed: ReadonlySet<string>) => PreparedChange | Promise<PreparedChange>;
}

/** Defaults that differ from these depend on the machine. */
const NO_MACHINE: ConfigFacts = { cpus: 0, home: '', hostName: '', localAddress: '' };

export class Configuration<S extends ConfigSchema> {
  readonly #options: ConfigurationOptions<S>;
  readonly #listedNames: ReadonlyMap<string, string>;
  readonly #file: JsonConfigFile | undefined;
  readonly #extras: Record<string, string>;
  /** Listed and saved, not in use. */
  readonly #later = new Map<string, ConfigValue>();
  readonly #savedKeys: Set<string>;
  #version: { counter: number; timestamp: number };
  /** Changes one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: ConfigurationOptions<S>) {
    const { schema, extras, file, clock, logger } = options;
    this.#options = options;
    this.#listedNames = listedNamesOf(schema);
    this.#file = file === undefined ? undefined : new JsonConfigFile(file.path, logger);
    this.#extras = { ...extras };
    this.#savedKeys = new Set([...(file?.keys ?? [])].map((name) => this.#listedNames.get(name) ?? name));
    this.#version = { counter: 0, timestamp: clock.now() };
  }

  get version(): { readonly counter: number; readonly timestamp: number } {
    return this.#version;
  }

  /** All keys but those of our own nobody set; the value of a key that acts after a restart is the one it will have then. */
  listing(): Record<string, ConfigValue> {
    const { schema } = this.#options;
    const isListed = (name: string): boolean => schema[name]?.own !== true || this.#savedKeys.has(name);
    const listed = Object.entries(this.#values()).filter(([name]) => isListed(name));
    return { ...Object.fromEntries(listed), ...this.#extras };
  }

  #values(): Record<string, ConfigValue> {
    return { ...this.#options.config, ...Object.fromEntries(this.#later) };
  }

  /**
   * Changes keys by a properties text. Resolves when the change is saved and acts. Rejects with PocketError CONFIG
   * (`string2Properties error`: the text is none), with what `prepare` throws, or STORE (the file cannot be written).
   */
  update(text: string): Promise<void> {
    const done = this.#last.then(() => this.#update(propertiesIn(text)));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #update(properties: Properties): Promise<void> {
    const values = this.#changedValues(properties);
    const extras = new Map([...properties].filter(([name, { value }]) => (this.#extras[name] ?? value) !== value));
    const candidate = { ...this.#options.config, ...Object.fromEntries(this.#later), ...Object.fromEntries(values) };
    const prepared = await this.#options.prepare(candidate, new Set(values.keys()));
    if (values.size + extras.size > 0) await this.#save(candidate, values, extras, prepared);
    const running: Record<string, ConfigValue> = this.#options.config;
    for (const [name, value] of values) {
      if (this.#options.schema[name]?.acts === 'now') running[name] = value;
      else this.#later.set(name, value);
      this.#savedKeys.add(name);
    }
    for (const [name, { value }] of extras) this.#extras[name] = value;
    this.#version = { counter: this.#version.counter + 1, timestamp: this.#options.clock.now() };
    await prepared.commit();
  }

  /** What differs from the listing, by listed name. */
  #changedValues(properties: Properties): Map<string, ConfigValue> {
    const { schema, logger } = this.#options;
    const before = this.#values();
    const values = new Map<string, ConfigValue>();
    for (const [name, entry] of properties) {
      const listedName = this.#listedNames.get(name);
      const key = listedName === undefined ? undefined : schema[listedName];
      if (listedName === undefined || key === undefined) {
        if (this.#extras[name] === undefined) logger.warn(`a change of the unknown setting ${name} was ignored`);
        continue;
      }
      try {
        const value = parseConfigValue(name, key, { value: entry.value });
        if (value !== before[listedName]) values.set(listedName, value);
      } catch (error) {
        logger.warn(`a change was ignored: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return values;
  }

  async #save(
    candidate: Readonly<Record<string, ConfigValue>>,
    values: ReadonlyMap<string, ConfigValue>,
    extras: Properties,
    prepared: PreparedChange,
  ): Promise<void> {
    const { schema, file } = this.#options;
    for (const name of values.keys()) {
      const other = file?.together?.[name];
      if (other !== undefined) this.#savedKeys.add(other);
    }
    const isSaved = (name: string): boolean =>
      this.#savedKeys.has(name) ||
      values.has(name) ||
      (file?.whole === true && candidate[name] === schema[name]?.defaultOf(NO_MACHINE));
    const saved = Object.entries(candidate).filter(([name]) => isSaved(name));
    const others = [...extras].map(([name, { value }]) => [name, value]);
    try {
      const lines = { ...Object.fromEntries(saved), ...this.#extras, ...Object.fromEntries(others) };
      await this.#file?.write(formatConfigLines(lines));
    } catch (error) {
      await prepared.abandon();
      throw error;
    }
  }
}

function propertiesIn(text: string): Properties {
  try {
    return parseProperties(text);
  } catch (cause) {
    throw new PocketError('CONFIG', 'string2Properties error', { cause });
  }
}
