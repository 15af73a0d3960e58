/**
 * When the namesrvs hear of this broker: at start, from 10 s on every registerNameServerPeriod (10..60 s), and whenever a
 * topic is created or changed. Mirrors the registerBrokerAll family of BrokerController.
 *
 * Differences from 4.9: a namesrv that could not be reached, or whose connection broke, is tried again soon, at first after
 * 0.25 s (Java: with the next period), so that both may be started at once, and hears no goodbye it would not understand; the whole table is sent after
 * UPDATE_AND_CREATE_TOPIC (Java sends that topic alone with the new version, so that a namesrv that missed an earlier change
 * never hears of it); topics created in one turn of the event loop are announced together.
 */

import type { Clock, Timer } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import { type BrokerOuterApi, brokerAddrOf, type FormerRegistration } from './broker-outer-api.ts';
import type { TopicConfigManager } from './topic-config-manager.ts';

const FIRST_PERIODIC_MS = 10_000;
const MIN_PERIOD_MS = 10_000;
const MAX_PERIOD_MS = 60_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 8000;

export interface BrokerRegistrationOptions {
  config: BrokerConfig;
  clock: Clock;
  logger: Logger;
  outerApi: BrokerOuterApi;
  topics: TopicConfigManager;
}

export class BrokerRegistration {
  readonly #options: BrokerRegistrationOptions;
  #timer: Timer | undefined;
  #retry: Timer | undefined;
  #retryMs = FIRST_RETRY_MS;
  /** Namesrvs that have taken the last registration and are still connected. */
  readonly #reached = new Set<string>();
  #soon = false;
  #running = false;

  constructor(options: BrokerRegistrationOptions) {
    this.#options = options;
  }

  /** Registers everywhere; a namesrv that cannot be reached does not make it fail. */
  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await this.register();
    this.#schedule(FIRST_PERIODIC_MS);
  }

  /** Takes the broker out of all routes. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    this.#timer?.cancel();
    this.#retry?.cancel();
    const { config, outerApi } = this.#options;
    await outerApi.unregister({ brokerAddr: brokerAddrOf(config), namesrvAddrs: [...this.#reached] });
  }

  /** Namesrvs of the configuration that have not taken the last registration. */
  get unreached(): string[] {
    return this.#options.outerApi.namesrvAddrs.filter((addr) => !this.#reached.has(addr));
  }

  /** Registers the whole table with every namesrv and takes over their order topics. Never rejects. */
  async register(): Promise<void> {
    const { outerApi, topics } = this.#options;
    const asked = outerApi.namesrvAddrs;
    const { answered, orderTopics } = await outerApi.register(topics.serializeWrapper(), asked);
    if (orderTopics !== undefined) topics.updateOrderTopics(orderTopics);
    for (const addr of asked) this.#reached.delete(addr);
    for (const addr of answered) this.#reached.add(addr);
    this.#retryLater();
  }

  /** A namesrv whose connection broke has forgotten this broker: it is tried again as one that starts later. */
  onConnectionLost(): void {
    const { outerApi } = this.#options;
    const lost = [...this.#reached].filter((addr) => !outerApi.isConnected(addr));
    if (lost.length === 0) return;
    for (const addr of lost) this.#reached.delete(addr);
    this.#retryMs = FIRST_RETRY_MS;
    this.#retryLater();
  }

  /** Takes the broker, as it was before its configuration changed, out of the routes of some namesrvs. Never rejects. */
  unregister(former: FormerRegistration): Promise<void> {
    for (const addr of former.namesrvAddrs) this.#reached.delete(addr);
    return this.#options.outerApi.unregister(former);
  }

  /** A topic was created on a client's behalf: tells everyone at the end of this turn, without waiting for answers. */
  registerSoon(): void {
    if (this.#soon || !this.#running) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      void this.#options.outerApi.registerOneway(this.#options.topics.serializeWrapper());
    });
  }

  /** The period is another one now. */
  reschedule(): void {
    this.#timer?.cancel();
    this.#schedule(this.#period);
  }

  #retryLater(): void {
    this.#retry?.cancel();
    if (!this.#running || this.unreached.length === 0) return;
    this.#retry = this.#options.clock.after(this.#retryMs, () => void this.#tryUnreached());
  }

  /** Once one of them answers, all are told: what they know of order topics counts together. */
  async #tryUnreached(): Promise<void> {
    const { outerApi, topics } = this.#options;
    const { answered } = await outerApi.register(topics.serializeWrapper(), this.unreached);
    if (!this.#running) return;
    this.#retryMs = answered.length > 0 ? FIRST_RETRY_MS : Math.min(MAX_RETRY_MS, this.#retryMs * 2);
    if (answered.length > 0) await this.register();
    else this.#retryLater();
  }

  get #period(): number {
    return Math.min(MAX_PERIOD_MS, Math.max(MIN_PERIOD_MS, this.#options.config.registerNameServerPeriod));
  }

  #schedule(ms: number): void {
    if (!this.#running) return;
    this.#timer = this.#options.clock.after(ms, () => void this.#periodic());
  }

  async #periodic(): Promise<void> {
    const { config, outerApi, topics } = this.#options;
    if (config.forceRegister || (await outerApi.needsRegistration(topics.serializeWrapper()))) await this.register();
    this.#timer?.cancel();
    this.#schedule(this.#period);
  }
}
