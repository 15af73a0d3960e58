/**
 * What a broker tells the namesrvs: all of them, in parallel, each on its own. Mirrors BrokerOuterAPI. A namesrv that cannot
 * be reached is logged and tried again with the next registration; it never holds up the others or the broker.
 */

import type { BrokerConfig } from '../common/config-schema.ts';
import type { Logger } from '../common/logger.ts';
import { bodyCrc } from '../message/body-crc.ts';
import { decodeKvTable } from '../protocol/bodies/kv-table.ts';
import { encodeRegisterBrokerBody } from '../protocol/bodies/register-broker-body.ts';
import {
  encodeDataVersion,
  type TopicConfig,
  type TopicConfigSerializeWrapper,
} from '../protocol/bodies/topic-config.ts';
import { queryDataVersion } from '../protocol/requests/query-data-version.ts';
import { registerBroker } from '../protocol/requests/register-broker.ts';
import { unregisterBroker } from '../protocol/requests/unregister-broker.ts';
import { call } from '../remoting/call.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import { createRequest } from '../remoting/remoting-command.ts';
import { isReadable, isWriteable } from './perm-name.ts';

const UNREGISTER_TIMEOUT_MS = 3000;
const HA_PORT_DISTANCE = 1;

/** ip:port clients are told. */
export function brokerAddrOf(config: Pick<BrokerConfig, 'brokerIP1' | 'listenPort'>): string {
  return `${config.brokerIP1}:${config.listenPort}`;
}

/** The addresses of a list `a:9876;b:9876`. */
export function namesrvAddrsOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(';')
    .map((addr) => addr.trim())
    .filter((addr) => addr !== '');
}

export interface BrokerOuterApiOptions {
  config: BrokerConfig;
  client: RemotingClient;
  logger: Logger;
}

/** A broker as namesrvs knew it before its configuration changed. */
export interface FormerRegistration {
  brokerAddr: string;
  namesrvAddrs: readonly string[];
}

export interface RegistrationAnswers {
  /** The namesrvs that have taken the registration. */
  answered: readonly string[];
  /** Names of the order topics the namesrvs know; undefined when none of them said. */
  orderTopics: ReadonlySet<string> | undefined;
}

export class BrokerOuterApi {
  readonly #options: BrokerOuterApiOptions;

  constructor(options: BrokerOuterApiOptions) {
    this.#options = options;
  }

  get namesrvAddrs(): string[] {
    return namesrvAddrsOf(this.#options.config.namesrvAddr);
  }

  isConnected(addr: string): boolean {
    return this.#options.client.isConnected(addr);
  }

  /** Registers the given topics with every namesrv, or with some. Resolves when each has answered or failed. */
  async register(
    wrapper: TopicConfigSerializeWrapper,
    addrs: readonly string[] = this.namesrvAddrs,
  ): Promise<RegistrationAnswers> {
    const { config } = this.#options;
    const request = this.#registration(wrapper);
    const answered: string[] = [];
    const register = async (addr: string, client: RemotingClient) => {
      const { header, body } = request;
      const timeoutMs = config.registerBrokerTimeoutMills;
      const answer = await call(client, addr, registerBroker, header, { timeoutMs, body });
      answered.push(addr);
      return answer.body === undefined ? undefined : decodeKvTable(answer.body);
    };
    const tables = (await this.#each('registration', register, addrs)).filter((table) => table !== undefined);
    const orderTopics = tables.length === 0 ? undefined : new Set(tables.flatMap(({ table }) => Object.keys(table)));
    return { answered, orderTopics };
  }

  /** Registers without waiting for an answer: a topic was just created and clients ask for its route now. */
  async registerOneway(wrapper: TopicConfigSerializeWrapper): Promise<void> {
    const { header, body } = this.#registration(wrapper);
    await this.#each('registration', (addr, client) =>
      client.oneway(addr, createRequest(registerBroker, header, body)),
    );
  }

  /** Whether any namesrv has not got this version of the topics, or does not say. */
  async needsRegistration(wrapper: TopicConfigSerializeWrapper): Promise<boolean> {
    const { brokerName, brokerClusterName: clusterName, brokerId, registerBrokerTimeoutMills } = this.#options.config;
    const header = { brokerName, brokerAddr: brokerAddrOf(this.#options.config), clusterName, brokerId };
    const body = encodeDataVersion(wrapper.dataVersion);
    const changes = await this.#each('version query', async (addr, client) => {
      const timeoutMs = registerBrokerTimeoutMills;
      return (await call(client, addr, queryDataVersion, header, { timeoutMs, body })).header.changed;
    });
    return changes.some((changed) => changed !== false);
  }

  /** Says goodbye to the namesrvs, so that routes lose this broker (or what it was before) at once. */
  async unregister({ brokerAddr, namesrvAddrs }: FormerRegistration): Promise<void> {
    const { brokerName, brokerClusterName: clusterName, brokerId } = this.#options.config;
    const header = { brokerName, brokerAddr, clusterName, brokerId };
    await this.#each(
      'unregistration',
      (addr, client) => call(client, addr, unregisterBroker, header, { timeoutMs: UNREGISTER_TIMEOUT_MS }),
      namesrvAddrs,
    );
  }

  #registration(wrapper: TopicConfigSerializeWrapper) {
    const { config } = this.#options;
    const topicConfigSerializeWrapper = { ...wrapper, topicConfigTable: this.#announced(wrapper.topicConfigTable) };
    const compressed = config.compressedRegister;
    const body = encodeRegisterBrokerBody({ topicConfigSerializeWrapper, filterServerList: [] }, { compressed });
    const header = {
      brokerName: config.brokerName,
      brokerAddr: brokerAddrOf(config),
      clusterName: config.brokerClusterName,
      haServerAddr: `${config.brokerIP2}:${config.listenPort + HA_PORT_DISTANCE}`,
      brokerId: config.brokerId,
      compressed,
      bodyCrc32: bodyCrc(body, 0, body.length),
    };
    return { header, body };
  }

  /** The topics as routes show them: a broker that may not be read or written says so in each. */
  #announced(topics: Readonly<Record<string, TopicConfig>>): Record<string, TopicConfig> {
    const { brokerPermission: perm } = this.#options.config;
    if (isReadable(perm) && isWriteable(perm)) return topics;
    return Object.fromEntries(Object.entries(topics).map(([name, config]) => [name, { ...config, perm }]));
  }

  /** Runs `task` for every namesrv; the results of those that did not fail, undefined for the others. */
  #each<T>(
    what: string,
    task: (addr: string, client: RemotingClient) => Promise<T>,
    addrs: readonly string[] = this.namesrvAddrs,
  ): Promise<(T | undefined)[]> {
    const { client, logger } = this.#options;
    return Promise.all(
      addrs.map(async (addr) => {
        try {
          return await task(addr, client);
        } catch (error) {
          logger.warn(`${what} with namesrv ${addr} failed: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        }
      }),
    );
  }
}
