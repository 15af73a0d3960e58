/**
 * A name server: holds in memory which broker has which topic and answers who asks. Brokers register with every namesrv;
 * namesrvs do not know each other. Mirrors NamesrvController and BrokerHousekeepingService; this file is the life cycle,
 * the tables are in route-info-manager.ts, the requests in processors/.
 *
 * Differences from 4.9: unknown requests get code 3 (4.9 answers nothing); the scan's interval and the brokers' expiry are
 * settings (scanNotActiveBrokerInterval, brokerChannelExpiredTime).
 */

import type { Clock, Timer } from '../common/clock.ts';
import { type NamesrvConfig, namesrvConfigSchema } from '../common/config-schema.ts';
import { type ConfigFile, Configuration, type PreparedChange } from '../common/configuration.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { RemotingLimits } from '../remoting/remoting-limits.ts';
import { RemotingServer } from '../remoting/remoting-server.ts';
import { KvConfigManager } from './kv-config-manager.ts';
import { namesrvProcessors } from './processors/index.ts';
import { RouteInfoManager } from './route-info-manager.ts';

export interface NamesrvOptions {
  /** Address to listen on. */
  host: string;
  /** 0: any free port. */
  port: number;
  config: NamesrvConfig;
  /** Keys of the configuration file that no class knows; GET_NAMESRV_CONFIG lists them. */
  extras?: Readonly<Record<string, string>>;
  /** Where changes of the configuration are saved; without it they last until the process ends. */
  file?: ConfigFile;
  /** Highest number of connections at a time. */
  maxConnections?: number | undefined;
  clock: Clock;
  logger: Logger;
}

/** A timer cannot be set further. */
const MAX_TIMER_MS = 2_147_483_647;
/** The first scan comes this soon, later ones every scanNotActiveBrokerInterval. */
const FIRST_SCAN_MS = 5000;

export class Namesrv implements Service {
  readonly #options: NamesrvOptions;
  readonly #routes: RouteInfoManager;
  readonly #kv: KvConfigManager;
  readonly #server: RemotingServer;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: NamesrvOptions) {
    const { host, port, config, extras = {}, file, maxConnections, clock, logger } = options;
    this.#options = options;
    this.#routes = new RouteInfoManager({ clock, logger });
    this.#kv = new KvConfigManager(config.kvConfigPath, logger);
    this.#server = new RemotingServer({
      host,
      port,
      clock,
      logger,
      limits: new RemotingLimits({ logger, maxConnections }),
      idleTimeoutMs: config.serverChannelMaxIdleTimeSeconds * 1000,
      processors: namesrvProcessors({
        routes: this.#routes,
        kv: this.#kv,
        config,
        configuration: new Configuration({
          ...{ config, extras, file, clock, logger },
          schema: namesrvConfigSchema,
          prepare: (_candidate, changed) => this.#prepareChange(changed),
        }),
        logger,
      }),
      onClose: (connection) => this.#routes.onConnectionClosed(connection),
    });
  }

  /** The port that is listened on; 0 before start(). */
  get port(): number {
    return this.#server.port;
  }

  /** Rejects with PocketError IN_USE when the port is taken, CONFIG when kvConfig.json cannot be read. */
  start(): Promise<void> {
    this.#running ??= this.#open();
    return this.#running;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  async #open(): Promise<void> {
    try {
      this.#kv.load();
      await this.#server.start();
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
    this.#scanAfter(FIRST_SCAN_MS);
  }

  /** Everything else that acts at once is read where it is used. */
  #prepareChange(changed: ReadonlySet<string>): PreparedChange {
    const { config } = this.#options;
    const commit = (): void => {
      if (changed.has('scanNotActiveBrokerInterval')) this.#scanAfter(FIRST_SCAN_MS);
      if (changed.has('serverChannelMaxIdleTimeSeconds')) {
        this.#server.setIdleTimeout(config.serverChannelMaxIdleTimeSeconds * 1000);
      }
    };
    return { commit, abandon: () => Promise.resolve() };
  }

  async #close(): Promise<void> {
    const failed = await this.#running?.then(
      () => false,
      () => true,
    );
    if (failed !== false) return;
    this.#timer?.cancel();
    await this.#server.stop();
    await this.#kv.flush();
    this.#running = undefined;
  }

  #scan(): void {
    this.#routes.scanNotActiveBroker(this.#options.config.brokerChannelExpiredTime);
    this.#scanAfter(MAX_TIMER_MS);
  }

  /** The next scan comes after the interval of the configuration, or sooner. */
  #scanAfter(atMost: number): void {
    const { clock, config } = this.#options;
    this.#timer?.cancel();
    this.#timer = clock.after(Math.min(atMost, config.scanNotActiveBrokerInterval), () => this.#scan());
  }
}
