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

export interface BrokerOuterApiOptions {
  config: BrokerConfig;
  client: RemotingClient;
  logger: Logger;
  brokerAddr: string;
  haServerAddr: string;
}

export class BrokerOuterApi {
  readonly #options: BrokerOuterApiOptions;

  constructor(options: BrokerOuterApiOptions) {
    this.#options = options;
  }

  get namesrvAddrs(): string[] {
    const list = this.#options.config.namesrvAddr ?? '';
    return list
      .split(';')
      .map((addr) => addr.trim())
      .filter((addr) => addr !== '');
  }

  /**
   * Registers the given topics with every namesrv. Resolves when each has answered or failed, with the names of the order
   * topics the namesrvs know; undefined when none of them said.
   */
  async register(wrapper: TopicConfigSerializeWrapper): Promise<ReadonlySet<string> | undefined> {
    const { config } = this.#options;
    const request = this.#registration(wrapper);
    const answers = await this.#each('registration', async (addr, client) => {
      const { header, body } = request;
      const timeoutMs = config.registerBrokerTimeoutMills;
      const answer = await call(client, addr, registerBroker, header, { timeoutMs, body });
      return answer.body === undefined ? undefined : decodeKvTable(answer.body);
    });
    const tables = answers.filter((table) => table !== undefined);
    return tables.length === 0 ? undefined : new Set(tables.flatMap(({ table }) => Object.keys(table)));
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
    const header = { brokerName, brokerAddr: this.#options.brokerAddr, clusterName, brokerId };
    const body = encodeDataVersion(wrapper.dataVersion);
    const changes = await this.#each('version query', async (addr, client) => {
      const timeoutMs = registerBrokerTimeoutMills;
      return (await call(client, addr, queryDataVersion, header, { timeoutMs, body })).header.changed;
    });
    return changes.some((changed) => changed !== false);
  }

  /** Says goodbye to every namesrv, so that routes lose this broker at once. */
  async unregister(): Promise<void> {
    const { brokerName, brokerClusterName: clusterName, brokerId } = this.#options.config;
    const header = { brokerName, brokerAddr: this.#options.brokerAddr, clusterName, brokerId };
    await this.#each('unregistration', (addr, client) =>
      call(client, addr, unregisterBroker, header, { timeoutMs: UNREGISTER_TIMEOUT_MS }),
    );
  }

  #registration(wrapper: TopicConfigSerializeWrapper) {
    const { config, brokerAddr, haServerAddr } = this.#options;
    const topicConfigSerializeWrapper = { ...wrapper, topicConfigTable: this.#announced(wrapper.topicConfigTable) };
    const compressed = config.compressedRegister;
    const body = encodeRegisterBrokerBody({ topicConfigSerializeWrapper, filterServerList: [] }, { compressed });
    const header = {
      brokerName: config.brokerName,
      brokerAddr,
      clusterName: config.brokerClusterName,
      haServerAddr,
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
  #each<T>(what: string, task: (addr: string, client: RemotingClient) => Promise<T>): Promise<(T | undefined)[]> {
    const { client, logger } = this.#options;
    return Promise.all(
      this.namesrvAddrs.map(async (addr) => {
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
