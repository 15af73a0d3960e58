/**
 * Routes of the topics a client uses, kept and refreshed every 30 s, and the broker addresses they name. Mirrors the
 * route half of MQClientInstance (topicRouteTable, brokerAddrTable).
 *
 * A topic the namesrv does not know is published to by the template topic's route until a refresh finds its own. A route
 * that cannot be refreshed stays as it was. At most MAX_TOPICS are kept; the one that came first goes first.
 */

import type { Clock, Timer } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { Logger } from '../common/logger.ts';
import { Topic } from '../message/topic-validator.ts';
import type { BrokerData, TopicRouteData } from '../protocol/bodies/topic-route-data.ts';
import { MASTER_ID, masterAddr } from './broker-addr.ts';
import type { NamesrvClient } from './namesrv-client.ts';
import { templateRoute } from './topic-queues.ts';

const REFRESH_MS = 30_000;
/** A route younger than this is not fetched again because a send or pull failed. */
const MIN_AGE_MS = 1000;
const MAX_TOPICS = 10_000;
const DEFAULT_TOPIC_QUEUE_NUMS = 4;

export interface RouteCacheOptions {
  readonly namesrv: NamesrvClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a topic's route is new or differs from the one before. */
  readonly onChange?: (topic: string) => void;
}

interface CachedRoute {
  readonly route: TopicRouteData;
  /** The route is the template topic's: the topic itself was unknown. */
  readonly template: boolean;
  readonly fetchedAt: number;
}

export class RouteCache {
  readonly #options: RouteCacheOptions;
  readonly #routes = new Map<string, CachedRoute>();
  readonly #fetching = new Map<string, Promise<TopicRouteData>>();
  #brokers = new Map<string, BrokerData>();
  #timer: Timer | undefined;

  constructor(options: RouteCacheOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(REFRESH_MS, () => this.#refreshAll());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The topic's own route, fetched when it is not known. Rejects with PocketError NOT_FOUND, CONNECT, TIMEOUT, ... */
  async route(topic: string): Promise<TopicRouteData> {
    const known = this.#routes.get(topic);
    return known === undefined || known.template ? this.fetch(topic) : known.route;
  }

  /** The topic's own route, asked for now. Rejects as route() does. */
  fetch(topic: string): Promise<TopicRouteData> {
    const underWay = this.#fetching.get(topic);
    if (underWay !== undefined) return underWay;
    const fetching = this.#options.namesrv
      .route(topic)
      .then((route) => {
        this.#keep(topic, route, false);
        return route;
      })
      .finally(() => this.#fetching.delete(topic));
    this.#fetching.set(topic, fetching);
    return fetching;
  }

  /** What is known now, without asking anybody; a template route counts. */
  knownRoute(topic: string): TopicRouteData | undefined {
    return this.#routes.get(topic)?.route;
  }

  /** The route to publish by: the template topic's where the topic does not exist. Rejects with NOT_FOUND when there is none. */
  async publishRoute(topic: string): Promise<TopicRouteData> {
    const known = this.#routes.get(topic);
    if (known !== undefined) return known.route;
    try {
      return await this.fetch(topic);
    } catch (error) {
      if (!(error instanceof PocketError && error.code === 'NOT_FOUND')) throw error;
      return this.#useTemplate(topic, error);
    }
  }

  /** Fetches the route again in the background, unless that was just done: something about it seems to be wrong. */
  refreshSoon(topic: string): void {
    const known = this.#routes.get(topic);
    if (known !== undefined && this.#options.clock.monotonic() - known.fetchedAt < MIN_AGE_MS) return;
    this.#refresh(topic);
  }

  /** Every broker the routes name, by broker name. */
  brokers(): Iterable<BrokerData> {
    return this.#brokers.values();
  }

  /** Address of the master. */
  masterAddr(brokerName: string): string | undefined {
    const broker = this.#brokers.get(brokerName);
    return broker && masterAddr(broker);
  }

  /** Where to read: the wanted broker id, else the master, else any. Mirrors findBrokerAddressInSubscribe. */
  readAddr(brokerName: string, brokerId: number): { addr: string; isSlave: boolean } | undefined {
    const addrs = this.#brokers.get(brokerName)?.brokerAddrs;
    if (addrs === undefined) return undefined;
    const id = [brokerId, MASTER_ID, ...addrs.keys()].find((candidate) => addrs.has(candidate));
    const addr = id === undefined ? undefined : addrs.get(id);
    return addr === undefined ? undefined : { addr, isSlave: id !== MASTER_ID };
  }

  async #useTemplate(topic: string, cause: PocketError): Promise<TopicRouteData> {
    const template = await this.#options.namesrv.route(Topic.AUTO_CREATE).catch((error: unknown) => {
      // The topic that is missing is the user's, not the template.
      throw error instanceof PocketError && error.code === 'NOT_FOUND' ? cause : error;
    });
    const route = templateRoute(template, DEFAULT_TOPIC_QUEUE_NUMS);
    this.#keep(topic, route, true);
    return route;
  }

  #keep(topic: string, route: TopicRouteData, template: boolean): void {
    const before = this.#routes.get(topic);
    this.#routes.set(topic, { route, template, fetchedAt: this.#options.clock.monotonic() });
    if (before !== undefined && sameRoute(before.route, route)) return;
    for (const oldest of this.#routes.keys()) {
      if (this.#routes.size <= MAX_TOPICS) break;
      this.#routes.delete(oldest);
    }
    this.#brokers = new Map();
    for (const known of this.#routes.values()) {
      for (const broker of known.route.brokerDatas) this.#brokers.set(broker.brokerName, broker);
    }
    this.#options.onChange?.(topic);
  }

  #refreshAll(): void {
    for (const topic of this.#routes.keys()) this.#refresh(topic);
  }

  #refresh(topic: string): void {
    this.fetch(topic).catch((error: unknown) => {
      this.#options.logger.warn(`the route of ${topic} cannot be refreshed: ${String(error)}`);
    });
  }
}

/** Whether two routes name the same brokers and queues, in whatever order. */
export function sameRoute(a: TopicRouteData, b: TopicRouteData): boolean {
  return routeText(a) === routeText(b);
}

function routeText(route: TopicRouteData): string {
  const brokers = route.brokerDatas.map((broker) => [
    broker.brokerName,
    ...[...broker.brokerAddrs].sort((x, y) => x[0] - y[0]).flat(),
  ]);
  const queues = route.queueDatas.map((data) => [
    data.brokerName,
    data.perm,
    data.readQueueNums,
    data.writeQueueNums,
    data.topicSysFlag,
  ]);
  return JSON.stringify([brokers.map(String).sort(), queues.map(String).sort(), route.orderTopicConf ?? '']);
}
