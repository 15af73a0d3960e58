/**
 * One client as the brokers see it: a clientId, its producer and consumer groups, its connections and heartbeats. Mirrors
 * MQClientInstance without its threads.
 *
 * Heartbeats go to every broker of the known routes (to slaves only for consumers) every 30 s, at once to a broker that is
 * new or whose connection broke, and when heartbeat() is called; stop() leaves every group (UNREGISTER_CLIENT).
 */

import { type Clock, systemClock, type Timer } from '../common/clock.ts';
import { type Logger, silentLogger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { createUniqIdGenerator } from '../message/message-id.ts';
import { type ConsumerData, encodeHeartbeatData } from '../protocol/bodies/heartbeat-data.ts';
import { heartBeat } from '../protocol/requests/heart-beat.ts';
import { unregisterClient } from '../protocol/requests/unregister-client.ts';
import { call } from '../remoting/call.ts';
import { RemotingClient } from '../remoting/remoting-client.ts';
import { MASTER_ID } from './broker-addr.ts';
import { createClientId, localIp, uniqueInstanceName } from './client-id.ts';
import { type ClientOptions, namesrvAddrsOf } from './client-options.ts';
import { clientProcessors, type MemberRequests, type ProducerMember } from './client-processors.ts';
import { NamesrvClient } from './namesrv-client.ts';
import { RequestTable } from './producer/request-table.ts';
import { RouteCache } from './route-cache.ts';

const HEARTBEAT_MS = 30_000;
/** The client API's time-out (mqClientApiTimeout), ms. */
export const CLIENT_API_TIMEOUT_MS = 3000;

export interface ClientInstanceOptions extends ClientOptions {
  /** Of a system that is divided into units: the end of the clientId. */
  readonly unitName?: string | undefined;
  /** Connections of somebody else, used and left open; requests from the brokers are then not served. */
  readonly shared?: { readonly client: RemotingClient; readonly namesrv: NamesrvClient } | undefined;
}

/** A consumer group's part of a client. */
export interface ConsumerMember {
  readonly group: string;
  /** What the heartbeat says of the group now. */
  consumerData(): ConsumerData;
  /** The group's members or a subscribed topic's route may have changed; undefined: any topic. */
  rebalanceSoon(topic?: string): void;
  /** What brokers may ask of it. */
  readonly requests: MemberRequests;
}

export class ClientInstance implements Service {
  readonly clientId: string;
  readonly client: RemotingClient;
  readonly namesrv: NamesrvClient;
  readonly routes: RouteCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Makes a UNIQ_KEY. */
  readonly nextUniqId: () => string;
  /** The requests that wait for a reply. */
  readonly requests: RequestTable;
  readonly #ownsClient: boolean;
  readonly #producers = new Map<string, ProducerMember | undefined>();
  readonly #consumers = new Map<string, ConsumerMember>();
  /** Brokers that know this client, by the heartbeat under way or answered. */
  readonly #greeted = new Map<string, Promise<void>>();
  #timer: Timer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ClientInstanceOptions) {
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? silentLogger;
    this.random = options.random ?? Math.random;
    const { clock, logger, random } = this;
    this.requests = new RequestTable(clock, logger);
    const ip = localIp();
    this.clientId = createClientId(ip, options.instanceName ?? uniqueInstanceName(), options.unitName);
    this.nextUniqId = createUniqIdGenerator({ pid: process.pid, ip, clock, random });
    this.#ownsClient = options.shared === undefined;
    this.client = options.shared?.client ?? this.#makeClient();
    this.namesrv =
      options.shared?.namesrv ?? new NamesrvClient({ client: this.client, addrs: namesrvAddrsOf(options), random });
    this.routes = new RouteCache({
      namesrv: this.namesrv,
      clock,
      logger,
      onChange: (topic) => this.#onRouteChange(topic),
    });
  }

  /** Begins the heartbeats and route refreshes; connections are made on demand. Rejects with NO_NAMESRV when none is named. */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) return;
    this.namesrv.requireAddrs();
    this.routes.start();
    this.#timer ??= this.clock.every(HEARTBEAT_MS, () => void this.heartbeat());
  }

  /** Leaves the groups at every broker that is still connected, then closes the connections. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** `member`: who answers what brokers ask about the group's transactions. */
  registerProducer(group: string, member?: ProducerMember): void {
    this.#producers.set(group, member);
    this.#greetAll();
  }

  registerConsumer(member: ConsumerMember): void {
    this.#consumers.set(member.group, member);
    this.#greetAll();
  }

  /** Leaves a producer group at every broker. */
  async unregisterProducer(producerGroup: string): Promise<void> {
    if (this.#producers.delete(producerGroup)) await this.#unregister({ clientID: this.clientId, producerGroup });
  }

  /** Leaves a consumer group at every broker: the other members divide the queues anew. */
  async unregisterConsumer(consumerGroup: string): Promise<void> {
    if (this.#consumers.delete(consumerGroup)) await this.#unregister({ clientID: this.clientId, consumerGroup });
  }

  /** Tells every known broker about this client's groups and waits for the answers; a failure is only logged. */
  async heartbeat(): Promise<void> {
    if (this.#isIdle()) return;
    await Promise.all(this.#addrs().map((addr) => this.#greet(addr)));
  }

  /** Waits until the broker at `addr` has heard of this client over the connection that is open now. */
  greeted(addr: string): Promise<void> {
    return this.#greeted.get(addr) ?? this.#greet(addr);
  }

  /** Whether it has heard, or is hearing now. */
  isGreeted(addr: string): boolean {
    return this.#greeted.has(addr);
  }

  #greetAll(): void {
    if (this.#isIdle()) return;
    for (const addr of this.#addrs()) void this.#greet(addr);
  }

  /** Never rejects. */
  #greet(addr: string): Promise<void> {
    const body = encodeHeartbeatData({
      clientID: this.clientId,
      producerDataSet: [...this.#producers.keys()].map((groupName) => ({ groupName })),
      consumerDataSet: [...this.#consumers.values()].map((member) => member.consumerData()),
    });
    const greeting = call(this.client, addr, heartBeat, {}, { timeoutMs: CLIENT_API_TIMEOUT_MS, body }).then(
      () => {},
      (error: unknown) => {
        if (this.#greeted.get(addr) === greeting) this.#greeted.delete(addr);
        this.logger.warn(`the heartbeat to ${addr} failed: ${String(error)}`);
      },
    );
    this.#greeted.set(addr, greeting);
    return greeting;
  }

  #addrs(): string[] {
    return [...this.routes.brokers()].flatMap((broker) =>
      [...broker.brokerAddrs].filter(([id]) => id === MASTER_ID || this.#consumers.size > 0).map(([, addr]) => addr),
    );
  }

  #isIdle(): boolean {
    return this.#stopping !== undefined || (this.#producers.size === 0 && this.#consumers.size === 0);
  }

  #onRouteChange(topic: string): void {
    if (this.#isIdle()) return;
    for (const addr of this.#addrs()) if (!this.#greeted.has(addr)) void this.#greet(addr);
    for (const member of this.#consumers.values()) member.rebalanceSoon(topic);
  }

  #makeClient(): RemotingClient {
    const members = {
      consumer: (group: string) => this.#consumers.get(group),
      producer: (group: string) => this.#producers.get(group),
    };
    const processors = clientProcessors(members, this.requests, this.logger);
    return new RemotingClient({
      clock: this.clock,
      logger: this.logger,
      processors,
      onClose: () => this.#forgetClosed(),
    });
  }

  /** A broker forgets a client with its connection: the next contact begins with a heartbeat. */
  #forgetClosed(): void {
    for (const addr of this.#greeted.keys()) if (!this.client.isConnected(addr)) this.#greeted.delete(addr);
  }

  async #unregister(header: { clientID: string; producerGroup?: string; consumerGroup?: string }): Promise<void> {
    await Promise.all(
      this.#connectedAddrs().map((addr) =>
        call(this.client, addr, unregisterClient, header, { timeoutMs: CLIENT_API_TIMEOUT_MS }).catch(
          (error: unknown) => this.logger.warn(`leaving ${addr} failed: ${String(error)}`),
        ),
      ),
    );
  }

  #connectedAddrs(): string[] {
    return [...this.#greeted.keys()].filter((addr) => this.client.isConnected(addr));
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel();
    this.routes.stop();
    // A heartbeat that came after the farewell would bring the client back.
    await Promise.all(this.#connectedAddrs().map((addr) => this.#greeted.get(addr)));
    const producers = [...this.#producers.keys()].map((group) => this.unregisterProducer(group));
    const consumers = [...this.#consumers.keys()].map((group) => this.unregisterConsumer(group));
    await Promise.all([...producers, ...consumers]);
    if (this.#ownsClient) await this.client.stop();
  }
}
