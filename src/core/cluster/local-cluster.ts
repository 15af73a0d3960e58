/**
 * A namesrv and brokers inside this process, for tests and programs: ready when startLocalCluster resolves, gone when stop()
 * does, several side by side. It is not entered in cluster.ini, so that no command stops the program around it; its brokers
 * have the names and stores that `mqadmin up` gives them, so that either opens what the other left.
 */

import type { ConfigValue } from '../client/admin/mq-admin-ext.ts';
import { checkRange } from '../client/client-options.ts';
import { type Clock, systemClock } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import { PocketError } from '../common/errors.ts';
import { type Logger, silentLogger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { localBrokerName, MAX_LOCAL_BROKERS } from './data-dir.ts';
import { connectionsForFileLimit } from './file-limit.ts';
import { takeDataDir } from './own-data-dir.ts';
import { withPortHolder } from './port-in-use.ts';
import { untilReady } from './ready.ts';
import { brokerConfigOf, namesrvConfigOf } from './server-config.ts';
import { startBroker } from './start-broker.ts';

/** Keys of a server's configuration file and their values. */
export type ServerSettings = Readonly<Record<string, ConfigValue>>;

/** What startLocalCluster takes; everything has a default. */
export interface LocalClusterOptions {
  /** Holds the stores and stays; only one cluster at a time may use it. Default: a temporary one that stop() deletes. */
  readonly dataDir?: string | undefined;
  /** Port of the namesrv; default 0: any free one. */
  readonly port?: number | undefined;
  /** 1 to 9 masters, named broker-a, broker-b, ...; default 1. */
  readonly brokers?: number | undefined;
  /** Port of the first broker, the next ones are 10 higher each; default 0: free ones. A broker also takes the ports -2 and +1. */
  readonly brokerPort?: number | undefined;
  /** Keys of broker.conf, for every broker; a brokerName only with one broker. */
  readonly brokerSettings?: ServerSettings | undefined;
  /** Keys of namesrv.conf. */
  readonly namesrvSettings?: ServerSettings | undefined;
  /** Receives what the servers log; default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /** The time the servers go by; default: the system's. */
  readonly clock?: Clock | undefined;
}

/** A master of a local cluster. */
export interface LocalBroker {
  /** Its brokerName. */
  readonly name: string;
  /** `host:port`. */
  readonly addr: string;
}

/** A running cluster. */
export interface LocalCluster {
  /** `host:port`, what producers, consumers and commands need to know. */
  readonly namesrvAddr: string;
  /** For updateTopic and the like. */
  readonly clusterName: string;
  /** In the order of their names. */
  readonly brokers: readonly LocalBroker[];
  /** Of the first broker. */
  readonly brokerAddr: string;
  /** Of the first broker. */
  readonly brokerName: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Resolves when all is gone and everything is on the disk, or a temporary data directory deleted. Idempotent. */
  stop(): Promise<void>;
  /** As stop(), for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const READY_TIMEOUT_MS = 15_000;
const BROKER_PORT_STEP = 10;
const HIGHEST_PORT = 65_535;

/**
 * Starts a cluster; resolves once every broker has taken a message and given it back. Rejects with PocketError
 * ILLEGAL_ARGUMENT for an option that cannot be used, CONFIG for a setting that cannot, IN_USE (a port, or another cluster on
 * the data directory), STORE (the data directory cannot be used) or TIMEOUT (a broker does not serve); nothing is left then.
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  checkOptions(options);
  const { dataDir, release } = takeDataDir(options.dataDir);
  const started: Service[] = [];
  const stop = async (): Promise<void> => {
    try {
      await stopAll(started.splice(0).reverse());
    } finally {
      release();
    }
  };
  try {
    const facts = await startServices({ ...options, dataDir }, started);
    let stopping: Promise<void> | undefined;
    const stopOnce = (): Promise<void> => {
      stopping ??= stop();
      return stopping;
    };
    return { ...facts, dataDir, stop: stopOnce, [Symbol.asyncDispose]: stopOnce };
  } catch (error) {
    await stop().catch((failure: unknown) => options.logger?.error('a part of the cluster did not stop', failure));
    throw withPortHolder(error);
  }
}

interface Settled extends LocalClusterOptions {
  readonly dataDir: string;
}

type Facts = Pick<LocalCluster, 'namesrvAddr' | 'clusterName' | 'brokers' | 'brokerAddr' | 'brokerName'>;

/** Notes each service in `started` as soon as it runs. */
async function startServices(options: Settled, started: Service[]): Promise<Facts> {
  const namesrvAddr = await startNamesrv(options, started);
  const brokers: LocalBroker[] = [];
  let clusterName = '';
  for (let index = 0; index < (options.brokers ?? 1); index++) {
    const { config, addr } = await startOneBroker(options, { namesrvAddr, index }, started);
    brokers.push({ name: config.brokerName, addr });
    clusterName = config.brokerClusterName;
  }
  await untilReady({ namesrvAddrs: () => [namesrvAddr], brokers: brokers.length, timeoutMs: READY_TIMEOUT_MS });
  const [first] = brokers;
  return { namesrvAddr, clusterName, brokers, brokerAddr: first?.addr ?? '', brokerName: first?.name ?? '' };
}

async function startNamesrv(options: Settled, started: Service[]): Promise<string> {
  const { dataDir, clock = systemClock, logger = silentLogger } = options;
  const settings = textsOf(options.namesrvSettings);
  const { Namesrv } = await import('../namesrv/namesrv.ts');
  const parts = namesrvConfigOf({ dataDir, port: options.port ?? anyPortUnless(settings), settings });
  for (const notice of parts.notices) logger.warn(notice);
  const maxConnections = connectionsForFileLimit();
  const namesrv = new Namesrv({ ...parts, port: parts.config.listenPort, maxConnections, clock, logger });
  await namesrv.start();
  started.push(namesrv);
  parts.config.listenPort = namesrv.port;
  return `${LOOPBACK}:${namesrv.port}`;
}

async function startOneBroker(
  options: Settled,
  { namesrvAddr, index }: { namesrvAddr: string; index: number },
  started: Service[],
): Promise<{ config: BrokerConfig; addr: string }> {
  const { dataDir, brokerPort, clock = systemClock, logger = silentLogger } = options;
  const settings = textsOf(options.brokerSettings);
  const port = brokerPort ? brokerPort + BROKER_PORT_STEP * index : (brokerPort ?? anyPortUnless(settings));
  const name = settings.brokerName ?? localBrokerName(index);
  const parts = brokerConfigOf({ dataDir, port, settings, namesrvAddr, name });
  if (index === 0) for (const notice of parts.notices) logger.warn(notice);
  const broker = await startBroker(parts, { clock, logger });
  started.push(broker);
  return { config: parts.config, addr: broker.addr };
}

/** 0, any free port, unless the settings name one. */
const anyPortUnless = (settings: Record<string, string>): number | undefined =>
  'listenPort' in settings ? undefined : 0;

function textsOf(settings: ServerSettings = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
}

/** Stops all, whatever becomes of one; rejects with the first failure then. */
async function stopAll(services: readonly Service[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services) await service.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function checkOptions(options: LocalClusterOptions): void {
  const { dataDir, brokers = 1, brokerSettings } = options;
  if (dataDir !== undefined && (typeof dataDir !== 'string' || dataDir.trim() === '')) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'dataDir must name a directory; without it a temporary one is used');
  }
  checkRange('port', options.port, 0, HIGHEST_PORT);
  checkRange('brokerPort', options.brokerPort, 0, HIGHEST_PORT);
  checkRange('brokers', brokers, 1, MAX_LOCAL_BROKERS);
  if (brokers > 1 && brokerSettings?.brokerName !== undefined) {
    throw new PocketError(
      'ILLEGAL_ARGUMENT',
      'a brokerName can be set for one broker only; several get names of their own',
    );
  }
}
