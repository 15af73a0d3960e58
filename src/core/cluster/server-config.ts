/**
 * From what a person typed to what a server needs: defaults, then the configuration file, then the command line; where it
 * listens, what it advertises, where it keeps its files, and which namesrvs a broker goes to.
 *
 * Unlike the Java servers ours listen on loopback and advertise 127.0.0.1 unless `bind` or brokerIP1 says otherwise, and
 * keep everything in the data directory unless the configuration names a path.
 */

import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, hostname, networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import type { ConfigFacts } from '../common/config-key.ts';
import {
  type BrokerConfig,
  brokerConfigSchema,
  type NamesrvConfig,
  namesrvConfigSchema,
  readConfig,
  refuseUnkept,
} from '../common/config-schema.ts';
import { PocketError } from '../common/errors.ts';
import { decodePropertiesBytes, type Properties, parseProperties, propertiesOf } from '../common/java-properties.ts';
import { findNamesrvAddr } from './cluster-ini.ts';
import { namesrvDirOf, storeDirOf } from './data-dir.ts';

export interface ServerOptions {
  dataDir: string;
  /** Java properties file (`-c`). */
  configFile?: string | undefined;
  /** 0: any free port. */
  port?: number | undefined;
  /** Address to listen on; 0.0.0.0 for all. */
  bind?: string | undefined;
  /** Further settings, which win over the file. */
  settings?: Readonly<Record<string, string | undefined>>;
  /** NAMESRV_ADDR and ROCKETMQ_HOME of the environment. */
  environment?: { namesrvAddr?: string | undefined; rocketmqHome?: string | undefined };
}

export interface BrokerServerOptions extends ServerOptions {
  /** `-n`: wins over the file's namesrvAddr. */
  namesrvAddr?: string | undefined;
}

export interface ServerConfig<C> {
  config: C;
  /** Address to listen on. */
  host: string;
  /** Keys of the file that no class knows, for the config listings. */
  extras: Record<string, string>;
  /** Sentences about settings that have no effect; to be said once. */
  notices: string[];
}

const LOOPBACK = '127.0.0.1';

/** Throws PocketError CONFIG for a file or value that cannot be used. */
export function namesrvConfigOf(options: ServerOptions): ServerConfig<NamesrvConfig> {
  const properties = propertiesFrom(options, {});
  const result = readConfig(namesrvConfigSchema, properties, factsOf(options), options.configFile);
  const { config, extras } = result;
  const folder = namesrvDirOf(options.dataDir);
  if (!properties.has('kvConfigPath')) config.kvConfigPath = join(folder, 'kvConfig.json');
  if (options.configFile !== undefined) config.configStorePath = resolve(options.configFile);
  else if (!properties.has('configStorePath')) config.configStorePath = join(folder, 'namesrv.properties');
  return { config, extras, host: options.bind ?? LOOPBACK, notices: noticesOf(result) };
}

/**
 * Throws PocketError CONFIG for a file or value that cannot be used or promises more safety than is kept,
 * ILLEGAL_ARGUMENT for a list of namesrvs that is none.
 */
export function brokerConfigOf(options: BrokerServerOptions): ServerConfig<BrokerConfig> {
  const properties = propertiesFrom(options, { namesrvAddr: options.namesrvAddr });
  const result = readConfig(brokerConfigSchema, properties, factsOf(options), options.configFile);
  const { config, extras } = result;
  refuseUnkept(config);
  config.brokerId = 0; // only masters get this far, and a master's id is 0
  config.namesrvAddr = checkedNamesrvAddr(
    given(config.namesrvAddr) ?? given(options.environment?.namesrvAddr) ?? findNamesrvAddr(options.dataDir),
  );
  if (!properties.has('storePathRootDir')) {
    config.storePathRootDir = storeDirOf(options.dataDir, properties.has('brokerName') ? config : undefined);
  }
  // An address that is not of this machine (NAT, container) can be advertised, too: then all addresses are listened on.
  const host = options.bind ?? (isLoopback(config.brokerIP1) ? LOOPBACK : '0.0.0.0');
  return { config, extras, host, notices: noticesOf(result) };
}

/** The address at which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  return isWildcard(host) ? LOOPBACK : inAddress(host);
}

/** Facts the defaults depend on, from this machine. */
function factsOf(options: ServerOptions): ConfigFacts {
  return {
    cpus: availableParallelism(),
    home: homedir(),
    hostName: hostname(),
    localAddress: advertisedAddress(options.bind),
    rocketmqHome: options.environment?.rocketmqHome,
  };
}

function advertisedAddress(bind: string | undefined): string {
  if (bind === undefined) return LOOPBACK;
  return isWildcard(bind) ? (firstOutsideAddress() ?? LOOPBACK) : inAddress(bind);
}

/** A host as it stands before `:port`. */
function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** First IPv4 address of this machine that others can reach. */
function firstOutsideAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === 'IPv4' && !address.internal)?.address;
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function propertiesFrom(options: ServerOptions, commandLine: Record<string, string | undefined>): Properties {
  const { configFile, port, settings } = options;
  const fromFile = configFile === undefined ? [] : readPropertiesFile(configFile);
  const listenPort = port === undefined ? undefined : String(port);
  return new Map([...fromFile, ...propertiesOf({ ...settings, listenPort, ...commandLine })]);
}

function readPropertiesFile(path: string): Properties {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('CONFIG', `the configuration file ${path} cannot be read: ${reason}`, { cause });
  }
  return parseProperties(decodePropertiesBytes(bytes), path);
}

function noticesOf(result: { unknownKeys: string[]; ignoredKeys: string[] }): string[] {
  const notices: string[] = [];
  if (result.ignoredKeys.length > 0) {
    notices.push(`settings this version does not act on: ${result.ignoredKeys.join(', ')}`);
  }
  if (result.unknownKeys.length > 0) notices.push(`unknown settings: ${result.unknownKeys.join(', ')}`);
  return notices;
}

const NAMESRV_ADDRESS = /^(\[[0-9a-fA-F:.%]+\]|[^:;\s]+):\d{1,5}$/;

/** A blank setting counts as none. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** A list as `a:9876;b:9876` without blanks and empty parts; undefined when nothing is left. */
function checkedNamesrvAddr(list: string | undefined): string | undefined {
  const addrs = (list ?? '')
    .split(';')
    .map((addr) => addr.trim())
    .filter((addr) => addr !== '');
  if (!addrs.every((addr) => NAMESRV_ADDRESS.test(addr))) {
    throw new PocketError(
      'ILLEGAL_ARGUMENT',
      `The Name Server Address[${list}] illegal, please set it as follows, "127.0.0.1:9876;192.168.0.1:9876"`,
    );
  }
  return addrs.length === 0 ? undefined : addrs.join(';');
}
