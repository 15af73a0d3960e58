/**
 * A broker: takes messages in, stores them and hands them out. Mirrors BrokerController. This file is the life cycle only:
 * what exists, in which order it starts, and in which order it stops so that nothing acknowledged is lost. Topics,
 * groups, offsets and clients are in the managers beside it, requests in processors/, bytes in core/store.
 *
 * It listens on its port and on port - 2 (the VIP port, which serves everything but PULL_MESSAGE); port + 1 is announced
 * for replication and not listened on.
 */

import { join } from 'node:path';
import type { Clock, Timer } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import type { ConfigFile, PreparedChange } from '../common/configuration.ts';
import { JsonConfigFile } from '../common/json-config-file.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { encodeHostAddress } from '../message/host-address.ts';
import type { Connection } from '../remoting/connection.ts';
import { RemotingClient } from '../remoting/remoting-client.ts';
import { RemotingLimits } from '../remoting/remoting-limits.ts';
import { RemotingServer } from '../remoting/remoting-server.ts';
import { resolveHostAddress } from '../remoting/resolve-host.ts';
import { type Disk, nodeDisk } from '../store/disk.ts';
import type { MessageStore } from '../store/message-store.ts';
import { brokerConfiguration } from './broker-config-change.ts';
import { checkBrokerConfig, VIP_PORT_DISTANCE } from './broker-config-check.ts';
import type { BrokerContext } from './broker-context.ts';
import { BrokerOuterApi, brokerAddrOf } from './broker-outer-api.ts';
import { BrokerRegistration } from './broker-registration.ts';
import { BrokerStats } from './broker-stats.ts';
import { brokerStore } from './broker-store.ts';
import { ConsumerManager } from './consumer-manager.ts';
import { ConsumerOffsetManager } from './consumer-offset-manager.ts';
import { ConsumerFilterManager } from './filter/consumer-filter-manager.ts';
import { MessagePut } from './message-put.ts';
import { brokerProcessors } from './processors/index.ts';
import { ProducerManager } from './producer-manager.ts';
import { PullHold } from './pull-hold.ts';
import { RebalanceLockManager } from './rebalance-lock-manager.ts';
import { ScheduleMessageService } from './schedule/schedule-message-service.ts';
import { SendAnswer } from './send-answer.ts';
import { SubscriptionGroupManager } from './subscription-group-manager.ts';
import { TimerMessageService } from './timer/timer-message-service.ts';
import { TopicConfigManager } from './topic-config-manager.ts';
import { TransactionalMessageService } from './transaction/transactional-message-service.ts';

export interface BrokerOptions {
  /** listenPort names the broker's port; the one two below it must be free, too. */
  config: BrokerConfig;
  /** Address to listen on. What clients are told is brokerIP1 of the configuration. */
  host: string;
  /** Root of the store (storePathRootDir). */
  storeDir: string;
  /** Keys of the configuration file that no class knows; GET_BROKER_CONFIG lists them. */
  extras?: Readonly<Record<string, string>>;
  /** Where changes of the configuration are saved; without it they last until the process ends. */
  file?: ConfigFile;
  /** A further rule for changes of the configuration. Throws PocketError. */
  refuse?: (candidate: BrokerConfig) => void | Promise<void>;
  /** Called when a change of the configuration gave the broker another address. */
  onMoved?: (addr: string) => void | Promise<void>;
  /** Gets the lines of a recovery of the store that takes long. */
  onProgress?: ((line: string) => void) | undefined;
  clock: Clock;
  logger: Logger;
  /** [0, 1), as Math.random. */
  random?: () => number;
  /** Bytes of memory (see accessMessageInMemoryMaxRatio); that of this machine unless given. */
  physicalMemory?: number;
  /** The store's way to the file system. */
  disk?: Disk;
  /** Highest number of connections at a time, of both ports together. */
  maxConnections?: number | undefined;
}

const CLIENT_SCAN_INTERVAL_MS = 10_000;
const FILTER_PERSIST_INTERVAL_MS = 10_000;
const LONG_POLLING_SCAN_INTERVAL_MS = 5000;
/** A timer cannot be set further. */
const MAX_TIMER_MS = 2_147_483_647;
/** How long a former port is served after listenPort was changed. */
const FORMER_PORT_MS = 500;

export class Broker implements Service {
  readonly #options: BrokerOptions;
  readonly #context: BrokerContext;
  readonly #client: RemotingClient;
  readonly #registration: BrokerRegistration;
  readonly #processors: ReturnType<typeof brokerProcessors>;
  readonly #limits: RemotingLimits;
  #servers: readonly RemotingServer[];
  /** Servers of former ports, until their connections are gone. */
  #leaving: Promise<unknown> = Promise.resolve();
  #timers: Timer[] = [];
  #started = false;
  #stopping: Promise<void> | undefined;

  /** Throws PocketError CONFIG for a setting that promises safety and is not built, ILLEGAL_ARGUMENT without a port. */
  constructor(options: BrokerOptions) {
    const { config, clock, logger, maxConnections } = options;
    checkBrokerConfig(config);
    this.#limits = new RemotingLimits({ logger, maxConnections });
    this.#options = options;
    this.#client = new RemotingClient({ clock, logger, onClose: () => this.#registration.onConnectionLost() });
    const topics = new TopicConfigManager({
      config,
      clock,
      logger,
      file: this.#configFile('topics.json'),
      onCreate: () => this.#registration.registerSoon(),
    });
    const outerApi = new BrokerOuterApi({ config, client: this.#client, logger });
    this.#registration = new BrokerRegistration({ config, clock, logger, outerApi, topics });
    this.#context = this.#createContext(topics);
    this.#processors = brokerProcessors(this.#context);
    this.#servers = this.#serversOf(config.listenPort);
  }

  get port(): number {
    return this.#options.config.listenPort;
  }

  /** ip:port clients reach the broker at. */
  get addr(): string {
    return this.#context.brokerAddr;
  }

  /**
   * Resolves when the broker serves and every namesrv that can be reached knows it; once aborted it no longer waits for the
   * namesrvs. Rejects with PocketError IN_USE (port, store), STORE (the store cannot be opened) or CONFIG (brokerIP1 cannot be
   * resolved; topics.json and the like cannot be read); nothing is left then.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    try {
      const { store, topics, groups, offsets, stats, pullHold, sendAnswer } = this.#context;
      const { schedule, timers, transactions, filters } = this.#context;
      const storeHost = await resolveHostAddress(brokerAddrOf(this.#options.config));
      store.storeHost = storeHost;
      sendAnswer.change(storeHost);
      await store.start();
      topics.load();
      topics.restore(store.queues());
      groups.load();
      offsets.load();
      filters.load();
      schedule.load();
      await timers.load();
      await transactions.load();
      store.onArrive = pullHold.onArrive;
      for (const server of this.#servers) await server.start();
      stats.start();
      pullHold.start();
      schedule.start();
      timers.start();
      transactions.start();
      this.#startTimers();
      await Promise.race([this.#registration.start(), aborted(signal)]);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Namesrvs of the configuration that did not take the last registration; they are tried again and again. */
  get unreachedNamesrvs(): string[] {
    return this.#registration.unreached;
  }

  /** Tells every namesrv of the configuration what this broker has, now. Never rejects. */
  register(): Promise<void> {
    return this.#registration.register();
  }

  /**
   * Out of the routes first, so that clients look elsewhere; then no more requests; then the store writes and syncs what
   * it has taken; last the offsets, which may name messages that the store has only just made durable.
   */
  stop(): Promise<void> {
    if (this.#started) {
      this.#started = false;
      this.#stopping = this.#stop();
    }
    return this.#stopping ?? Promise.resolve();
  }

  async #stop(): Promise<void> {
    const { store, topics, groups, offsets, stats, pullHold, schedule, timers, transactions, filters } = this.#context;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    await this.#registration.stop();
    schedule.stop();
    await timers.stop();
    await transactions.stop();
    pullHold.stop();
    await Promise.all([this.#leaving, ...this.#servers.map((server) => server.stop())]);
    stats.stop();
    await store.stop();
    transactions.settle();
    await Promise.all([offsets, schedule, timers, filters].map((table) => table.persist()));
    await Promise.all([topics.flush(), groups.flush()]);
    await this.#client.stop();
  }

  #createContext(topics: TopicConfigManager): BrokerContext {
    const { config, host, clock, logger, extras = {}, file, random = Math.random } = this.#options;
    const { storeDir, disk = nodeDisk, refuse, onMoved } = this.#options;
    // Until start() has resolved brokerIP1, which may be a name.
    const storeHost = encodeHostAddress(`0.0.0.0:${config.listenPort}`);
    const store = brokerStore(this.#options, storeHost);
    const stats = new BrokerStats(clock, () => store.stats, store, config.enableDetailStat);
    const groups = new SubscriptionGroupManager({
      config,
      clock,
      logger,
      file: this.#configFile('subscriptionGroup.json'),
    });
    const schedule = new ScheduleMessageService({
      ...{ config, store, clock, logger },
      file: this.#configFile('delayOffset.json'),
    });
    const timers = new TimerMessageService({
      ...{ config, store, clock, logger },
      file: this.#configFile('timerOffset.json'),
    });
    const offsets = new ConsumerOffsetManager(this.#configFile('consumerOffset.json'), logger);
    const producers = new ProducerManager(clock, logger);
    const transactions = new TransactionalMessageService({
      ...{ config, store, offsets, topics, producers, items: stats.items, clock, logger },
      storeHost: () => sendAnswer.storeHost,
    });
    const filters = new ConsumerFilterManager({
      ...{ config, clock, logger },
      file: this.#configFile('consumerFilter.json'),
    });
    const pullHold = new PullHold({
      clock,
      limit: () => config.pullThreadPoolQueueCapacity,
      scanIntervalMs: () =>
        Math.min(config.longPollingEnable ? LONG_POLLING_SCAN_INTERVAL_MS : config.shortPollingTimeMills, MAX_TIMER_MS),
      store,
    });
    const sendAnswer = new SendAnswer({
      config,
      storeHost,
      diskRatios: () => diskRatios(store),
      notWriteableBecause: () => store.notWriteableBecause,
    });
    const targets = {
      ...{ config, host, clock, store, topics, pullHold, sendAnswer, transactions, refuse, onMoved },
      registration: () => this.#registration,
      listenOn: (port: number) => this.#listenOn(port),
      setIdleTimeout: (ms: number) => {
        for (const server of this.#servers) server.setIdleTimeout(ms);
      },
      restartTimers: () => this.#startTimers(),
    };
    return {
      config,
      configuration: brokerConfiguration(targets, { extras, file, clock, logger }),
      bootTimestamp: clock.now(),
      get brokerAddr() {
        return brokerAddrOf(config);
      },
      get storeHost() {
        return sendAnswer.storeHost;
      },
      clock,
      logger,
      store,
      stats,
      topics,
      groups,
      offsets,
      producers,
      consumers: new ConsumerManager({
        clock,
        logger,
        mayNotify: () => config.notifyConsumerIdsChangedEnable,
        onGone: (group) => filters.unregister(group),
      }),
      filters,
      locks: new RebalanceLockManager(clock),
      pullHold,
      schedule,
      timers,
      transactions,
      messagePut: new MessagePut({ config, clock, random, store, stats, topics, groups, schedule, timers }),
      sendAnswer,
      diskUsage: () => disk.usage(storeDir),
      registerTopics: () => this.#registration.register(),
    };
  }

  #serversOf(port: number): RemotingServer[] {
    const { main, vip } = this.#processors;
    return [this.#server(port, main), this.#server(port - VIP_PORT_DISTANCE, vip)];
  }

  /** The present ports go on serving until those who are connected there have their answers. */
  async #listenOn(port: number): Promise<PreparedChange> {
    const servers = this.#serversOf(port);
    const stop = (list: readonly RemotingServer[]) => Promise.all(list.map((server) => server.stop()));
    const abandon = async (): Promise<void> => void (await stop(servers));
    try {
      for (const server of servers) await server.start();
    } catch (error) {
      await abandon();
      throw error;
    }
    const commit = (): void => {
      const former = this.#servers;
      this.#servers = servers;
      const later = new Promise((resolve) => this.#options.clock.after(FORMER_PORT_MS, () => resolve(undefined)));
      this.#leaving = later.then(() => stop(former));
    };
    return { abandon, commit };
  }

  #server(port: number, processors: ReturnType<typeof brokerProcessors>['main']): RemotingServer {
    const { host, clock, logger, config } = this.#options;
    return new RemotingServer({
      host,
      port,
      clock,
      logger,
      processors,
      limits: this.#limits,
      idleTimeoutMs: config.serverChannelMaxIdleTimeSeconds * 1000,
      onClose: (connection) => this.#onConnectionClose(connection),
    });
  }

  #onConnectionClose(connection: Connection): void {
    this.#context.producers.onConnectionClose(connection);
    this.#context.consumers.onConnectionClose(connection);
  }

  #startTimers(): void {
    const { clock, config } = this.#options;
    const { producers, consumers, locks, offsets, filters } = this.#context;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [
      clock.every(CLIENT_SCAN_INTERVAL_MS, () => {
        producers.scan();
        consumers.scan();
        locks.scan();
      }),
      clock.every(config.flushConsumerOffsetInterval, () => void offsets.persist()),
      clock.every(FILTER_PERSIST_INTERVAL_MS, () => void filters.persist()),
    ];
  }

  #configFile(name: string): JsonConfigFile {
    return new JsonConfigFile(join(this.#options.storeDir, 'config', name), this.#options.logger);
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

function diskRatios(store: MessageStore): { commitLog: number; consumeQueue: number } {
  return { commitLog: store.commitLogDiskRatio, consumeQueue: store.consumeQueueDiskRatio };
}
