/**
 * Which store on the disk a command means: the one it names, the one of a broker's configuration file, or the only one of the
 * data directory; and what the configuration says about its files.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PocketError } from '../common/errors.ts';
import { storeDirOf } from './data-dir.ts';
import { brokerConfigOf } from './server-config.ts';

export interface StorePlaceOptions {
  readonly dataDir: string;
  /** Directory of the store. */
  readonly store?: string | undefined;
  /** The broker's configuration file. */
  readonly configFile?: string | undefined;
}

const shapeKeys = [
  'mappedFileSizeCommitLog',
  'mappedFileSizeConsumeQueue',
  'maxHashSlotNum',
  'maxIndexNum',
  'messageDelayLevel',
] as const;

/** The settings that shape a store's files, as far as a file names them. */
type NamedShape = {
  mappedFileSizeCommitLog?: number;
  mappedFileSizeConsumeQueue?: number;
  maxHashSlotNum?: number;
  maxIndexNum?: number;
  messageDelayLevel?: string;
};

export interface StorePlace {
  readonly rootDir: string;
  /** Undefined: `commitlog` in rootDir. */
  readonly commitLogDir: string | undefined;
  readonly shape: NamedShape;
  /** `ip:port` that the broker of this store writes into its records. */
  readonly storeHost: string;
  readonly maxMessageSize: number;
}

/**
 * Throws PocketError NOT_FOUND when the data directory has no store, ILLEGAL_ARGUMENT when it has several and none is named,
 * CONFIG for a file that cannot be used.
 */
export function storePlaceOf({ dataDir, store, configFile }: StorePlaceOptions): StorePlace {
  const named = store ?? (configFile === undefined ? onlyStore(dataDir) : undefined);
  const settings = named === undefined ? {} : { storePathRootDir: resolve(named) };
  const { config, file } = brokerConfigOf({ dataDir, configFile, settings, listing: true });
  const shape = Object.fromEntries(shapeKeys.filter((key) => file.keys.has(key)).map((key) => [key, config[key]]));
  const port = config.listenPort === 0 ? DEFAULT_PORT : config.listenPort;
  return {
    rootDir: resolve(config.storePathRootDir),
    commitLogDir: config.storePathCommitLog,
    shape,
    storeHost: `${config.brokerIP1}:${port}`,
    maxMessageSize: config.maxMessageSize,
  };
}

const DEFAULT_PORT = 10_911;

function onlyStore(dataDir: string): string {
  const several = join(dataDir, 'stores');
  const stores = existsSync(several) ? readdirSync(several).map((name) => join(several, name)) : [];
  const all = [storeDirOf(dataDir), ...stores].filter((dir) => existsSync(join(dir, 'commitlog')));
  const [first, ...others] = all;
  if (first === undefined) {
    throw new PocketError('NOT_FOUND', `there is no store in the data directory ${dataDir}; --store names one`);
  }
  if (others.length > 0) {
    throw new PocketError(
      'ILLEGAL_ARGUMENT',
      `there are several stores: ${all.join(', ')}; --store names the one meant`,
    );
  }
  return first;
}
