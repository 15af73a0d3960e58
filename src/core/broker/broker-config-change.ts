/**
 * How a changed key reaches the running broker. Most are read from the configuration where they are used; this is the list
 * of those that something was made of before: timers, ready answers, the store's settings, built-in topics, what the
 * namesrvs were told. Mirrors what AdminBrokerProcessor.updateBrokerConfig does for brokerPermission, and is the
 * prepare step of the broker's Configuration.
 *
 * Differences from 4.9: brokerIP1, listenPort and namesrvAddr act at once, too: the former address and namesrvs are told
 * that the broker is gone, the new ones that it is there, and a new listenPort is really listened on before it is said.
 */

import type { Clock } from '../common/clock.ts';
import { type BrokerConfig, brokerConfigSchema } from '../common/config-schema.ts';
import { type ConfigFile, Configuration, type PreparedChange } from '../common/configuration.ts';
import type { Logger } from '../common/logger.ts';
import { resolveHostAddress } from '../remoting/resolve-host.ts';
import type { MessageStore } from '../store/message-store.ts';
import { liveSettings } from '../store/message-store-options.ts';
import { checkBrokerConfigChange } from './broker-config-check.ts';
import { brokerAddrOf, type FormerRegistration, namesrvAddrsOf } from './broker-outer-api.ts';
import type { BrokerRegistration } from './broker-registration.ts';
import type { PullHold } from './pull-hold.ts';
import type { SendAnswer } from './send-answer.ts';
import type { TopicConfigManager } from './topic-config-manager.ts';
import type { TransactionalMessageService } from './transaction/transactional-message-service.ts';

/** How long the answer to a change waits for the namesrvs; a registration goes on behind it. */
const REGISTRATION_WAIT_MS = 2000;

/** What changes of keys are about. */
export interface ChangeTargets {
  readonly config: BrokerConfig;
  /** Address that is listened on. */
  readonly host: string;
  readonly clock: Clock;
  readonly store: MessageStore;
  readonly topics: TopicConfigManager;
  readonly pullHold: PullHold;
  readonly sendAnswer: SendAnswer;
  readonly transactions: TransactionalMessageService;
  readonly registration: () => BrokerRegistration;
  /** Listens on another port beside the present one. */
  listenOn(port: number): Promise<PreparedChange>;
  setIdleTimeout(ms: number): void;
  restartTimers(): void;
  /** A further rule for changes. Throws PocketError. */
  refuse?: ((candidate: BrokerConfig) => void | Promise<void>) | undefined;
  /** The broker has another address now. */
  onMoved?: ((addr: string) => void | Promise<void>) | undefined;
}

export interface BrokerConfigurationOptions {
  readonly extras: Readonly<Record<string, string>>;
  readonly file?: ConfigFile | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The configuration of a running broker. */
export function brokerConfiguration(
  targets: ChangeTargets,
  options: BrokerConfigurationOptions,
): Configuration<typeof brokerConfigSchema> {
  return new Configuration({
    ...options,
    schema: brokerConfigSchema,
    config: targets.config,
    prepare: (candidate, changed) => prepareChange(targets, candidate, changed),
  });
}

async function prepareChange(
  targets: ChangeTargets,
  candidate: BrokerConfig,
  changed: ReadonlySet<string>,
): Promise<PreparedChange> {
  const { config, host } = targets;
  checkBrokerConfigChange({ candidate, changed, running: config, host });
  if (changed.size > 0) await targets.refuse?.(candidate);
  const former = { brokerAddr: brokerAddrOf(config), namesrvAddrs: namesrvAddrsOf(config.namesrvAddr) };
  const storeHost = touches(changed, ADDRESS) ? await resolveHostAddress(brokerAddrOf(candidate)) : undefined;
  const listening = changed.has('listenPort') ? await targets.listenOn(candidate.listenPort) : undefined;
  return {
    abandon: async () => listening?.abandon(),
    commit: async () => {
      applyLocally(targets, changed, storeHost);
      await listening?.commit();
      if (former.brokerAddr !== brokerAddrOf(config)) await targets.onMoved?.(brokerAddrOf(config));
      if (touches(changed, REGISTERED)) await soon(announce(targets, former), targets.clock);
    },
  };
}

const ADDRESS = ['brokerIP1', 'listenPort'];
const BUILT_IN_TOPICS = [
  'autoCreateTopicEnable',
  'defaultTopicQueueNums',
  'clusterTopicEnable',
  'brokerTopicEnable',
  'traceTopicEnable',
  'msgTraceTopicName',
];
/** What a registration tells. */
const REGISTERED = [...ADDRESS, ...BUILT_IN_TOPICS, 'namesrvAddr', 'brokerIP2', 'brokerPermission'];

function touches(changed: ReadonlySet<string>, keys: readonly string[]): boolean {
  return keys.some((key) => changed.has(key));
}

/** Everything but the port and the namesrvs. `storeHost`: the broker's address, where that changed. */
function applyLocally(targets: ChangeTargets, changed: ReadonlySet<string>, storeHost: Buffer | undefined): void {
  const { config, store, topics, pullHold, sendAnswer } = targets;
  if (changed.has('listenPort')) config.haListenPort = config.listenPort + 1;
  if (storeHost !== undefined) store.storeHost = storeHost;
  if (storeHost !== undefined || touches(changed, ['regionId', 'traceOn'])) {
    sendAnswer.change(storeHost ?? sendAnswer.storeHost);
  }
  const live = liveSettings.filter((key) => changed.has(key));
  if (live.length > 0) store.change(Object.fromEntries(live.map((key) => [key, config[key]])));
  if (touches(changed, BUILT_IN_TOPICS)) topics.updateBuiltIns(changed);
  else if (touches(changed, REGISTERED)) topics.nextVersion();
  if (touches(changed, ['longPollingEnable', 'shortPollingTimeMills'])) pullHold.restartScan();
  if (changed.has('flushConsumerOffsetInterval')) targets.restartTimers();
  if (changed.has('transactionCheckInterval')) targets.transactions.reschedule();
  if (changed.has('registerNameServerPeriod')) targets.registration().reschedule();
  if (changed.has('serverChannelMaxIdleTimeSeconds')) {
    targets.setIdleTimeout(config.serverChannelMaxIdleTimeSeconds * 1000);
  }
}

/** The former address leaves the routes, former namesrvs lose the broker, then the present ones hear of it. */
async function announce(targets: ChangeTargets, former: FormerRegistration): Promise<void> {
  const { config } = targets;
  const registration = targets.registration();
  const moved = former.brokerAddr !== brokerAddrOf(config);
  const kept = namesrvAddrsOf(config.namesrvAddr);
  const left = moved ? former.namesrvAddrs : former.namesrvAddrs.filter((addr) => !kept.includes(addr));
  if (left.length > 0) await registration.unregister({ brokerAddr: former.brokerAddr, namesrvAddrs: left });
  await registration.register();
}

/** Resolves with the work or after a while: a namesrv that hangs does not hold up the answer. */
function soon(work: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(REGISTRATION_WAIT_MS, resolve);
    void work.finally(() => {
      timer.cancel();
      resolve();
    });
  });
}
