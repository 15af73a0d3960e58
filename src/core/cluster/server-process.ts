/**
 * What `mqadmin namesrv` and `mqadmin broker` run in the foreground: the configured service, entered in cluster.ini while
 * it serves. The command prints the boot line, waits for a signal and calls stop().
 */

import type { Broker } from '../broker/broker.ts';
import { type Clock, systemClock, type Timer } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import {
  type ClusterProcess,
  findNamesrvAddr,
  moveProcess,
  registerProcess,
  unregisterProcess,
} from './cluster-ini.ts';
import { connectionsForFileLimit } from './file-limit.ts';
import { isLoopback, refuseOutsideNamesrv } from './loopback.ts';
import { withPortHolder } from './port-in-use.ts';
import {
  type BrokerServerOptions,
  brokerConfigOf,
  namesrvConfigOf,
  reachableHost,
  type ServerOptions,
} from './server-config.ts';
import { startBroker } from './start-broker.ts';

/** How often a broker without a namesrv looks for one in the data directory. */
const NAMESRV_POLL_MS = 250;

export interface RunOptions {
  logger: Logger;
  clock?: Clock;
  /** Aborted when the server shall stop again: a broker then does not wait for namesrvs. */
  signal?: AbortSignal | undefined;
}

export interface RunBrokerOptions extends BrokerServerOptions, RunOptions {
  /** Register with any namesrv, whatever address this broker tells clients (see loopback.ts). */
  force?: boolean;
  /** Called with the namesrv that a broker without one found in its data directory later. */
  onNamesrv?: (namesrvAddr: string) => void;
  /** Called when a changed configuration gave the broker another address. */
  onMoved?: (addr: string) => void;
  /** Called with the lines of a recovery of the store that takes long. */
  onProgress?: (line: string) => void;
}

export interface RunningServer {
  /** The line scripts wait for, as mqnamesrv and mqbroker print it. */
  bootLine: string;
  /** ip:port others reach it at. */
  addr: string;
  /** brokerName of a broker. */
  name?: string | undefined;
  /** Namesrvs a broker registers with, `a:9876;b:9876`. */
  namesrvAddr?: string | undefined;
  /** Sentences about settings that have no effect. */
  notices: string[];
  /** Where namesrvAddr comes from, in words. */
  namesrvFrom?: string | undefined;
  /** Resolves when everything is on the disk and nothing of the server is left. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a namesrv. Rejects with PocketError CONFIG (configuration, kvConfig.json), IN_USE (port, or another namesrv on
 * the data directory) or STORE (the data directory cannot be written).
 */
export async function runNamesrv(options: ServerOptions & RunOptions): Promise<RunningServer> {
  const { config, host, extras, file, notices } = namesrvConfigOf(options);
  const { Namesrv } = await import('../namesrv/namesrv.ts');
  const clock = options.clock ?? systemClock;
  const namesrv = new Namesrv({
    ...{ host, port: config.listenPort, config, extras, file, clock, logger: options.logger },
    maxConnections: connectionsForFileLimit(),
  });
  try {
    await namesrv.start();
  } catch (error) {
    throw withPortHolder(error);
  }
  config.listenPort = namesrv.port;
  const addr = `${reachableHost(host)}:${namesrv.port}`;
  const entry: Entry = { role: 'namesrv', addr, path: config.kvConfigPath };
  const stop = await enter(namesrv, entry, { ...options, clock });
  notices.push(...openNotices('name server', host, namesrv.port));
  return { bootLine: 'The Name Server boot success. serializeType=JSON', addr, notices, stop };
}

/**
 * Starts a broker. Rejects with PocketError CONFIG (configuration, a promise of safety that is not kept, a namesrv it must
 * not register with), IN_USE (port, store) or STORE (the store cannot be opened).
 */
export async function runBroker(options: RunBrokerOptions): Promise<RunningServer> {
  const parts = brokerConfigOf(options);
  const { brokerName, namesrvAddr, storePathRootDir } = parts.config;
  const clock = options.clock ?? systemClock;
  const refuse = async (candidate: BrokerConfig): Promise<void> => {
    if (candidate.namesrvAddr !== undefined && options.force !== true) {
      await refuseOutsideNamesrv(candidate, candidate.namesrvAddr);
    }
  };
  await refuse(parts.config);
  const entry: Entry = { role: 'broker', addr: '', name: brokerName, path: storePathRootDir };
  const onMoved = (addr: string): Promise<void> => noteAddress(entry, addr, options);
  let broker: Broker;
  try {
    const { logger, signal, onProgress } = options;
    broker = await startBroker(parts, { clock, logger, refuse, signal, onMoved, onProgress });
  } catch (error) {
    throw withPortHolder(error);
  }
  const { addr } = broker;
  entry.addr = addr;
  const stop = await enter(broker, entry, { ...options, clock });
  const search = namesrvAddr === undefined ? followNamesrv(broker, parts.config, { ...options, clock }) : undefined;
  const tail = namesrvAddr === undefined ? '' : ` and name server is ${namesrvAddr}`;
  const bootLine = `The broker[${brokerName}, ${addr}] boot success. serializeType=JSON${tail}`;
  const notices = [...parts.notices, ...openNotices('broker', parts.host, broker.port)];
  for (const silent of broker.unreachedNamesrvs) {
    notices.push(`no answer from the name server ${silent} yet: this broker goes on trying to register with it`);
  }
  if (namesrvAddr === undefined) {
    notices.push(`no name server yet: this broker takes the first one that starts in ${options.dataDir}`);
  } else options.logger.info(`the name server is ${namesrvAddr}, from ${parts.namesrvFrom}`);
  const stopAll = (): Promise<void> => {
    search?.cancel();
    return stop();
  };
  const { namesrvFrom } = parts;
  return { bootLine, addr, name: brokerName, namesrvAddr, namesrvFrom, notices, stop: stopAll };
}

function openNotices(what: string, host: string, port: number): string[] {
  if (isLoopback(host)) return [];
  return [
    `warning: this ${what} is open to the network without access control: whoever reaches port ${port} may do everything; --bind 127.0.0.1 keeps it to this machine`,
  ];
}

/**
 * A broker that was told of no namesrv takes the one of the data directory as soon as there is one: whoever starts both at
 * once need not wait between them.
 */
function followNamesrv(broker: Broker, config: BrokerConfig, options: RunBrokerOptions & { clock: Clock }): Timer {
  const { dataDir, logger, clock, force, onNamesrv } = options;
  const take = async (found: string): Promise<void> => {
    try {
      if (force !== true) await refuseOutsideNamesrv(config, found);
    } catch (error) {
      logger.warn(error instanceof Error ? error.message : String(error));
      return;
    }
    logger.info(`the name server is ${found}, from the data directory ${dataDir}`);
    config.namesrvAddr = found;
    await broker.register();
    onNamesrv?.(found);
  };
  const timer = clock.every(NAMESRV_POLL_MS, () => {
    if (config.namesrvAddr !== undefined) return timer.cancel(); // updateBrokerConfig was faster
    const found = namesrvIn(dataDir);
    if (found === undefined) return;
    timer.cancel();
    void take(found);
  });
  return timer;
}

/** A directory that cannot be read now may be readable the next time. */
function namesrvIn(dataDir: string): string | undefined {
  try {
    return findNamesrvAddr(dataDir);
  } catch {
    return undefined;
  }
}

type Entry = Pick<ClusterProcess, 'role' | 'addr' | 'name' | 'path'>;

/** Notes the new address in cluster.ini, where commands look for it. */
async function noteAddress(entry: Entry, addr: string, options: RunBrokerOptions): Promise<void> {
  const from = entry.addr;
  entry.addr = addr;
  try {
    await moveProcess(options.dataDir, process.pid, { from, to: addr });
    options.onMoved?.(addr);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.logger.warn(`the new address ${addr} was not noted: ${reason}`);
  }
}

/** Enters a started service in cluster.ini and returns what stops it; stops it at once when it cannot be entered. */
async function enter(
  service: Service,
  entry: Entry,
  options: { dataDir: string; logger: Logger; clock: Clock },
): Promise<() => Promise<void>> {
  const { dataDir, logger, clock } = options;
  try {
    await registerProcess(dataDir, { ...entry, pid: process.pid, startedAt: clock.now() });
  } catch (error) {
    await service.stop();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await service.stop();
    try {
      await unregisterProcess(dataDir, process.pid, entry.addr);
    } catch (error) {
      // The entry of a dead process is dropped anyway.
      logger.warn(`cluster.ini was not updated: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return () => {
    stopping ??= stop();
    return stopping;
  };
}
