/**
 * Starts a broker from its configuration, on a port of its choice when listenPort is 0. The replication port is always
 * listenPort + 1, whatever haListenPort says (as BrokerStartup), and bitMapLengthConsumeQueueExt follows from the settings
 * of the filter (as ConsumerFilterManager and BloomFilter): nothing uses it, GET_BROKER_CONFIG shows it.
 */

import type { Broker } from '../broker/broker.ts';
import type { Clock } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import { connectionsForFileLimit } from './file-limit.ts';
import { pickBrokerPort } from './free-ports.ts';
import { portInUse } from './port-in-use.ts';
import type { ServerConfig } from './server-config.ts';

/** Between picking a port and listening on it somebody else may take it. */
const ATTEMPTS = 5;

export interface StartBrokerOptions {
  clock: Clock;
  logger: Logger;
  random?: () => number;
  /** Once aborted the start does not wait for namesrvs. */
  signal?: AbortSignal | undefined;
  /** Throws PocketError for a changed configuration that is refused here (UPDATE_BROKER_CONFIG). */
  refuse?: (candidate: BrokerConfig) => void | Promise<void>;
  /** A changed configuration gave the broker another address. */
  onMoved?: (addr: string) => void | Promise<void>;
  /** Gets the lines of a recovery of the store that takes long. */
  onProgress?: ((line: string) => void) | undefined;
}

export async function startBroker(parts: ServerConfig<BrokerConfig>, options: StartBrokerOptions): Promise<Broker> {
  // Only a process that runs a broker loads one.
  const module = await import('../broker/broker.ts');
  const { config, host, extras, file } = parts;
  const { random = Math.random, signal, ...rest } = options;
  config.bitMapLengthConsumeQueueExt = filterBits(config) ?? config.bitMapLengthConsumeQueueExt;
  const anyPort = config.listenPort === 0;
  for (let attempt = 1; ; attempt++) {
    if (anyPort) config.listenPort = await pickBrokerPort(host, random);
    config.haListenPort = config.listenPort + 1;
    const storeDir = config.storePathRootDir;
    const maxConnections = connectionsForFileLimit();
    const broker = new module.Broker({ config, host, storeDir, extras, file, maxConnections, ...rest });
    try {
      await broker.start(signal);
      return broker;
    } catch (error) {
      if (!anyPort || attempt === ATTEMPTS || portInUse(error) === undefined) throw error;
    }
  }
}

type FilterSettings = Pick<BrokerConfig, 'maxErrorRateOfBloomFilter' | 'expectConsumerNumUseFilter'>;

/** Whole bytes of bits for so many groups at that error rate, %; undefined for values that Java does not start with. */
function filterBits({
  maxErrorRateOfBloomFilter: rate,
  expectConsumerNumUseFilter: groups,
}: FilterSettings): number | undefined {
  if (rate < 1 || rate >= 100 || groups < 1) return undefined;
  const bits = Math.ceil(groups * Math.log2(100 / rate) * Math.LOG2E);
  return 8 * Math.ceil(bits / 8);
}
