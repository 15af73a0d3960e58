/**
 * Real servers on real sockets whose answers a test decides: a namesrv that hands out the routes it is given, and brokers
 * that answer what the test registers. For what a healthy broker never does.
 */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { encodeClusterInfo } from '../../../src/core/protocol/bodies/cluster-info.ts';
import { encodeTopicRouteData, type TopicRouteData } from '../../../src/core/protocol/bodies/topic-route-data.ts';
import { getBrokerClusterInfo } from '../../../src/core/protocol/requests/get-broker-cluster-info.ts';
import { getRouteinfoByTopic } from '../../../src/core/protocol/requests/get-routeinfo-by-topic.ts';
import { heartBeat } from '../../../src/core/protocol/requests/heart-beat.ts';
import { unregisterClient } from '../../../src/core/protocol/requests/unregister-client.ts';
import { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import { RemotingServer } from '../../../src/core/remoting/remoting-server.ts';
import { ReplyError } from '../../../src/core/remoting/reply-error.ts';

type Table = ProcessorTable<undefined>;

export interface ScriptedBroker {
  readonly brokerName: string;
  readonly addr: string;
}

export class ScriptedCluster {
  readonly routes = new Map<string, TopicRouteData>();
  readonly brokers: ScriptedBroker[] = [];
  /** `34 broker-a`, `35 broker-a`, `105 T`: what came in, in order. */
  readonly seen: string[] = [];
  namesrvAddr = '';
  #servers: RemotingServer[] = [];

  static async start(): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster();
    cluster.namesrvAddr = await cluster.startNamesrv();
    return cluster;
  }

  /** A further namesrv with the same routes. */
  startNamesrv(register: (table: Table) => void = () => {}): Promise<string> {
    return this.#serve((table) => {
      table.register(getRouteinfoByTopic, (_, { header }) => {
        this.seen.push(`105 ${header.topic}`);
        const route = this.routes.get(header.topic);
        if (route === undefined)
          throw new ReplyError(17, `No topic route info in name server for the topic: ${header.topic}`);
        return { code: 0, body: encodeTopicRouteData(route, { standardJson: true }) };
      });
      table.register(getBrokerClusterInfo, () => ({ code: 0, body: this.#clusterInfo() }));
      register(table);
    });
  }

  /** A broker; heartbeats and farewells are answered unless `register` does it. */
  async startBroker(brokerName: string, register: (table: Table) => void = () => {}): Promise<ScriptedBroker> {
    const addr = await this.#serve((table) => {
      table.register(heartBeat, () => {
        this.seen.push(`34 ${brokerName}`);
        return { code: 0 };
      });
      table.register(unregisterClient, () => {
        this.seen.push(`35 ${brokerName}`);
        return { code: 0 };
      });
      register(table);
    });
    return this.addBroker(brokerName, addr);
  }

  /** A broker that is registered; whether anybody listens at `addr` is another matter. */
  addBroker(brokerName: string, addr: string): ScriptedBroker {
    const broker = { brokerName, addr };
    this.brokers.push(broker);
    return broker;
  }

  /** The topic on all brokers there are now, `queues` on each. */
  addTopic(topic: string, queues: number): void {
    this.routes.set(topic, {
      queueDatas: this.brokers.map(({ brokerName }) => ({
        brokerName,
        readQueueNums: queues,
        writeQueueNums: queues,
        perm: 6,
        topicSysFlag: 0,
      })),
      brokerDatas: this.brokers.map(({ brokerName, addr }) => ({
        cluster: 'C',
        brokerName,
        brokerAddrs: new Map([[0, addr]]),
      })),
      filterServerTable: {},
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  #clusterInfo(): Buffer {
    const brokers = this.brokers.map(({ brokerName, addr }) => {
      return [brokerName, { cluster: 'C', brokerName, brokerAddrs: new Map([[0, addr]]) }] as const;
    });
    return encodeClusterInfo({
      brokerAddrTable: Object.fromEntries(brokers),
      clusterAddrTable: { C: brokers.map(([name]) => name) },
    });
  }

  async #serve(register: (table: Table) => void): Promise<string> {
    const processors: Table = new ProcessorTable(undefined, silentLogger);
    register(processors);
    const server = new RemotingServer({
      host: '127.0.0.1',
      port: 0,
      processors,
      clock: systemClock,
      logger: silentLogger,
    });
    await server.start();
    this.#servers.push(server);
    return `127.0.0.1:${server.port}`;
  }
}

/** An address nobody listens at. */
export async function deadAddr(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

/** Resolves when `condition` holds; rejects naming `what` after `limitMs`. */
export async function until(what: string, condition: () => boolean, limitMs = 8000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
