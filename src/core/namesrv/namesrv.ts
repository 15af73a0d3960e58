/**
 * A name server: holds in memory which broker has which topic and answers who asks. Brokers register with every namesrv;
 * namesrvs do not know each other. Mirrors NamesrvController and BrokerHousekeepingService; this file is the life cycle,
 * the tables are in route-info-manager.ts, the requests in processors/.
 *
 * Differences from 4.9: unknown requests get code 3 (4.9 answers nothing); the scan's interval and the brokers' expiry are
 * settings (scanNotActiveBrokerInterval, brokerChannelExpiredTime).
 */

import type { Clock, Timer } from '../common/clock.ts';
import type { NamesrvConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
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
  clock: Clock;
  logger: Logger;
}

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
    const { host, port, config, clock, logger } = options;
    this.#options = options;
    this.#routes = new RouteInfoManager({ clock, logger });
    this.#kv = new KvConfigManager(config.kvConfigPath, logger);
    this.#server = new RemotingServer({
      host,
      port,
      clock,
      logger,
      idleTimeoutMs: config.serverChannelMaxIdleTimeSeconds * 1000,
      processors: namesrvProcessors({
        routes: this.#routes,
        kv: this.#kv,
        config,
        extras: options.extras ?? {},
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
    const { clock, config } = this.#options;
    const first = Math.min(FIRST_SCAN_MS, config.scanNotActiveBrokerInterval);
    this.#timer = clock.after(first, () => this.#scan());
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
    const { clock, config } = this.#options;
    this.#routes.scanNotActiveBroker(config.brokerChannelExpiredTime);
    this.#timer = clock.after(config.scanNotActiveBrokerInterval, () => this.#scan());
  }
}
