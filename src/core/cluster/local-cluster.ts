/**
 * A namesrv and a broker inside this process, for tests and programs: ready when startLocalCluster resolves, gone when
 * stop() does, several side by side. It is not entered in cluster.ini, so that no command stops the program around it.
 */

import { type Clock, systemClock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import { type Logger, silentLogger } from '../common/logger.ts';
import type { Service } from '../common/service.ts';
import { getRouteinfoByTopic } from '../protocol/requests/get-routeinfo-by-topic.ts';
import { call } from '../remoting/call.ts';
import { RemotingClient } from '../remoting/remoting-client.ts';
import { withPortHolder } from './port-in-use.ts';
import { brokerConfigOf, namesrvConfigOf } from './server-config.ts';
import { startBroker } from './start-broker.ts';

export interface LocalClusterOptions {
  /** Holds the store; a second cluster on it is refused. */
  dataDir: string;
  /** Default 0: any free port. */
  namesrvPort?: number;
  /** Default 0: a free port below 32768 whose neighbours -2 and +1 are free, too. */
  brokerPort?: number;
  /** Keys of broker.conf. */
  brokerSettings?: Readonly<Record<string, string>>;
  /** Keys of namesrv.conf. */
  namesrvSettings?: Readonly<Record<string, string>>;
  clock?: Clock;
  logger?: Logger;
}

export interface LocalCluster {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly brokerName: string;
  readonly clusterName: string;
  /** Resolves when both are gone and everything is on the disk. Idempotent. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const READY_TIMEOUT_MS = 10_000;
const READY_POLL_MS = 20;
/** Every broker has it from the start. */
const SELF_TEST_TOPIC = 'SELF_TEST_TOPIC';

/** Rejects as runNamesrv and runBroker do, and with PocketError TIMEOUT when the broker does not get into the route. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { dataDir, clock = systemClock, logger = silentLogger } = options;
  const { Namesrv } = await import('../namesrv/namesrv.ts');
  const started: Service[] = [];
  const stop = async (): Promise<void> => {
    for (const service of started.splice(0).reverse()) await service.stop();
  };
  try {
    const ns = namesrvConfigOf({ dataDir, port: options.namesrvPort ?? 0, settings: options.namesrvSettings ?? {} });
    const namesrv = new Namesrv({ ...ns, port: ns.config.listenPort, clock, logger });
    await namesrv.start();
    started.push(namesrv);
    const namesrvAddr = `${LOOPBACK}:${namesrv.port}`;
    const settings = options.brokerSettings ?? {};
    const br = brokerConfigOf({ dataDir, port: options.brokerPort ?? 0, settings, namesrvAddr });
    const broker = await startBroker(br, { clock, logger });
    started.push(broker);
    await untilRoutable(namesrvAddr, { clock, logger });
    const { brokerName, brokerClusterName } = br.config;
    let stopping: Promise<void> | undefined;
    return {
      namesrvAddr,
      brokerAddr: broker.addr,
      brokerName,
      clusterName: brokerClusterName,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await stop();
    throw withPortHolder(error);
  }
}

/** Waits until the namesrv answers with a route to the broker. */
async function untilRoutable(namesrvAddr: string, parts: { clock: Clock; logger: Logger }): Promise<void> {
  const client = new RemotingClient(parts);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  try {
    for (;;) {
      try {
        await call(client, namesrvAddr, getRouteinfoByTopic, { topic: SELF_TEST_TOPIC }, { timeoutMs: 1000 });
        return;
      } catch (error) {
        if (!(error instanceof PocketError && error.code === 'RESPONSE')) throw error;
        if (performance.now() > deadline) {
          throw new PocketError('TIMEOUT', `the broker did not register with ${namesrvAddr} in time`, { cause: error });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
    }
  } finally {
    await client.stop();
  }
}
