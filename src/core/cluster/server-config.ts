/**
 * From what a person typed to what a server needs: defaults, then the configuration file, then the command line; where it
 * listens, what it advertises, where it keeps its files, and which namesrvs a broker goes to.
 *
 * Unlike the Java servers ours listen on loopback and advertise 127.0.0.1 unless `bind` or brokerIP1 says otherwise, and
 * keep everything in the data directory unless the configuration names a path.
 */

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, homedir, hostname } from 'node:os';
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
import type { ConfigFile } from '../common/configuration.ts';
import { PocketError } from '../common/errors.ts';
import {
  decodePropertiesBytes,
  type Properties,
  parseProperties,
  placeOf,
  propertiesOf,
} from '../common/java-properties.ts';
import { checkedNamesrvAddr } from '../common/namesrv-addr-list.ts';
import { findNamesrvAddr } from './cluster-ini.ts';
import { namesrvDirOf, storeDirOf } from './data-dir.ts';
import { isLoopback } from './loopback.ts';
import { everyAddress, isEveryAddress, outsideAddress } from './own-address.ts';

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
  /** The settings are only looked at: those that no server starts with are not refused. */
  listing?: boolean;
}

export interface BrokerServerOptions extends ServerOptions {
  /** `-n`: wins over the file's namesrvAddr. */
  namesrvAddr?: string | undefined;
  /** brokerName, instead of the file's. */
  name?: string | undefined;
}

export interface ServerConfig<C> {
  config: C;
  /** Address to listen on. */
  host: string;
  /** Keys of the file that no class knows, for the config listings. */
  extras: Record<string, string>;
  /** Where changes at run time are saved: the `-c` file, else one in the data directory that the next start reads. */
  file: ConfigFile;
  /** Sentences about settings that have no effect; to be said once. */
  notices: string[];
}

export interface BrokerServerConfig extends ServerConfig<BrokerConfig> {
  /** Where namesrvAddr comes from, in words; undefined where there is none. */
  namesrvFrom?: string | undefined;
}

const LOOPBACK = '127.0.0.1';
const IPV6_LOOPBACK = '::1';

/** Throws PocketError CONFIG for a file or value that cannot be used. */
export function namesrvConfigOf(options: ServerOptions): ServerConfig<NamesrvConfig> {
  const folder = namesrvDirOf(options.dataDir);
  const ownFile = options.settings?.configStorePath ?? join(folder, 'namesrv.properties');
  const { properties, file } = propertiesFrom(options, {}, () => ownFile);
  const result = readConfig(namesrvConfigSchema, properties, factsOf(options, properties), sourceOf(file));
  const { config, extras } = result;
  if (options.listing !== true) checkPort(config.listenPort, 0, { options, properties });
  if (!properties.has('kvConfigPath')) config.kvConfigPath = join(folder, 'kvConfig.json');
  config.configStorePath = options.configFile ?? file.path;
  return { config, extras, file, host: options.bind ?? LOOPBACK, notices: noticesOf(result) };
}

/**
 * Throws PocketError CONFIG for a file or value that cannot be used or promises more safety than is kept,
 * ILLEGAL_ARGUMENT for a list of namesrvs that is none.
 */
export function brokerConfigOf(options: BrokerServerOptions): BrokerServerConfig {
  const commandLine = { namesrvAddr: options.namesrvAddr, brokerName: options.name };
  const ownDir = (given: Properties): string => storeDirFor(options.dataDir, given);
  const ownFile = (given: Properties): string => join(ownDir(given), 'config', 'broker.properties');
  const { properties, given, file } = propertiesFrom(options, commandLine, ownFile);
  const result = readConfig(brokerConfigSchema, properties, factsOf(options, properties), sourceOf(file));
  const { config, extras } = result;
  const [namesrvAddr, namesrvFrom] = namesrvOf(options, config);
  config.namesrvAddr = namesrvAddr;
  if (config.brokerRole === 'SLAVE' && config.brokerId <= 0) {
    throw new PocketError('ILLEGAL_ARGUMENT', "Slave's brokerId must be > 0");
  }
  if (config.brokerRole !== 'SLAVE') config.brokerId = 0; // a master's id is 0
  if (options.listing !== true) {
    refuseUnkept(config);
    checkPort(config.listenPort, LOWEST_BROKER_PORT, { options, properties });
  }
  // Whatever the file says, as BrokerStartup.
  if (config.listenPort !== 0) config.haListenPort = config.listenPort + 1;
  // A changed brokerName moves no store: the directory is the one the start names.
  if (!properties.has('storePathRootDir')) config.storePathRootDir = ownDir(given);
  // An address that is not of this machine (NAT, container) can be advertised, too: then all addresses are listened on.
  const host = options.bind ?? (isLoopback(config.brokerIP1) ? loopbackOf(config.brokerIP1) : everyAddress());
  return { config, extras, file, host, notices: noticesOf(result), namesrvFrom };
}

/** A broker also listens two below its port, and announces the one above. */
const LOWEST_BROKER_PORT = 3;
const HIGHEST_PORT = 65_535;

/** 0 is any free one. `lowest` 0: a namesrv, which has no neighbours. */
function checkPort(port: number, lowest: number, from: { options: ServerOptions; properties: Properties }): void {
  const highest = lowest === 0 ? HIGHEST_PORT : HIGHEST_PORT - 1;
  if (port === 0 || (port >= lowest && port <= highest)) return;
  const { options, properties } = from;
  const what = `listenPort=${port} is no port a ${lowest === 0 ? 'name server' : 'broker'} can have`;
  if (options.port !== undefined) throw new PocketError('ILLEGAL_ARGUMENT', what);
  const place = placeOf(options.configFile, properties.get('listenPort')?.line);
  throw new PocketError('CONFIG', `${place}${what}`);
}

/** The namesrvs a broker goes to, and who said so. */
function namesrvOf(options: BrokerServerOptions, config: BrokerConfig): [addrs?: string, from?: string] {
  const sources: readonly [list: string | undefined, from: string][] = [
    [given(options.namesrvAddr), '-n'],
    [given(config.namesrvAddr), 'the configuration'],
    [given(options.environment?.namesrvAddr), 'NAMESRV_ADDR'],
    [findNamesrvAddr(options.dataDir), `the data directory ${options.dataDir}`],
  ];
  for (const [list, from] of sources) {
    if (list === undefined) continue;
    const addrs = checkedNamesrvAddr(list);
    return addrs === undefined ? [] : [addrs, from];
  }
  return [];
}

/** The address at which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  return isEveryAddress(host) ? LOOPBACK : inAddress(host);
}

/** Facts the defaults depend on, from this machine. */
function factsOf(options: ServerOptions, properties: Properties): ConfigFacts {
  return {
    cpus: availableParallelism(),
    home: homedir(),
    hostName: hostname(),
    localAddress: advertisedAddress(options.bind),
    loopbackOnly: isLoopback(options.bind ?? properties.get('brokerIP1')?.value ?? LOOPBACK),
    rocketmqHome: options.environment?.rocketmqHome,
  };
}

function advertisedAddress(bind: string | undefined): string {
  if (bind === undefined) return LOOPBACK;
  return isEveryAddress(bind) ? (outsideAddress() ?? LOOPBACK) : inAddress(bind);
}

/** The loopback that is listened on; IPv6 clients do not come to 127.0.0.1. */
const loopbackOf = (brokerIP1: string): string => (brokerIP1.includes(':') ? IPV6_LOOPBACK : LOOPBACK);

/** A host as it stands before `:port`. */
function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The file an error may name. */
const sourceOf = (file: ConfigFile): string | undefined => (file.keys.size === 0 ? undefined : file.path);

/** Where a broker keeps its store, given the settings of its start. */
function storeDirFor(dataDir: string, given: Properties): string {
  const root = given.get('storePathRootDir')?.value;
  if (root !== undefined) return root;
  const brokerName = given.get('brokerName')?.value;
  return storeDirOf(dataDir, brokerName === undefined ? undefined : { brokerName, brokerId: 0 });
}

interface GivenProperties {
  /** All of them; what was changed at run time is below what the start names. */
  properties: Properties;
  /** What the start names. */
  given: Properties;
  file: ConfigFile;
}

/** `ownFile`: where a server that is started without a file keeps what was changed at run time. */
function propertiesFrom(
  options: ServerOptions,
  commandLine: Record<string, string | undefined>,
  ownFile: (given: Properties) => string,
): GivenProperties {
  const { configFile, port, settings } = options;
  const listenPort = port === undefined ? undefined : String(port);
  const typed = new Map([...propertiesOf(settings ?? {}), ...propertiesOf({ listenPort, ...commandLine })]);
  if (configFile !== undefined) {
    const inFile = readPropertiesFile(configFile);
    const given = new Map([...inFile, ...typed]);
    // The name of a broker is the name of its directory, too, unless that is configured.
    const together = { brokerName: 'storePathRootDir' };
    const file = { path: resolve(configFile), whole: true, keys: new Set(inFile.keys()), together };
    return { properties: given, given, file };
  }
  const path = resolve(ownFile(typed));
  const saved = existsSync(path) || existsSync(`${path}.bak`) ? readPropertiesFile(path) : new Map();
  const file = { path, whole: false, keys: new Set(saved.keys()) };
  return { properties: new Map([...saved, ...typed]), given: typed, file };
}

function readPropertiesFile(path: string): Properties {
  let bytes: Buffer;
  try {
    // A crash between the two renames of a save leaves the old content alone.
    bytes = readFileSync(existsSync(path) || !existsSync(`${path}.bak`) ? path : `${path}.bak`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PocketError('CONFIG', `the configuration file ${path} cannot be read: ${reason}`, { cause });
  }
  return parseProperties(decodePropertiesBytes(bytes), path);
}

function noticesOf(result: { unknownKeys: string[]; ignoredKeys: string[] }): string[] {
  const notices: string[] = [];
  if (result.ignoredKeys.length > 0) {
    notices.push(`settings this version does not act on: ${listOf(result.ignoredKeys)}`);
  }
  if (result.unknownKeys.length > 0) notices.push(`unknown settings: ${listOf(result.unknownKeys)}`);
  return notices;
}

const MOST_NAMES = 20;

/** Names for a terminal, whatever a file holds. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?'));
  return `${shown.join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}`;
}

/** A blank setting counts as none. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
