/**
 * Consumer groups as brokers have them configured: updateSubGroup, deleteSubGroup, getConsumerConfig. Mirrors the subcommands.
 *
 * Known differences: an unknown cluster is an error; brokers are asked at the same time, and one that fails while others
 * succeed is told in its result.
 */

import { DLQ_GROUP_TOPIC_PREFIX, RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import {
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
  type SubscriptionGroupConfig,
} from '../../protocol/bodies/subscription-group.ts';
import { deleteSubscriptiongroup } from '../../protocol/requests/delete-subscriptiongroup.ts';
import { getAllSubscriptiongroupConfig } from '../../protocol/requests/get-all-subscriptiongroup-config.ts';
import { updateAndCreateSubscriptiongroup } from '../../protocol/requests/update-and-create-subscriptiongroup.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import { type BrokerTarget, mastersToTell } from './config-admin.ts';
import { type AddressResult, eachAddress } from './per-address.ts';
import { type DeleteTopicResult, deleteTopic } from './topic-change.ts';

/** A group's settings; what is left out goes back to mqadmin's default, which for two of them is not the broker's. */
export type GroupSettings = Pick<SubscriptionGroupConfig, 'groupName'> & {
  readonly [K in Exclude<keyof SubscriptionGroupConfig, 'groupName'>]?: SubscriptionGroupConfig[K] | undefined;
};

export interface UpdateSubGroupResult {
  readonly config: SubscriptionGroupConfig;
  readonly brokers: AddressResult<void>[];
}

/** Creates or replaces a group on one broker or on the masters of a cluster. Rejects with NOT_FOUND for an unknown cluster. */
export async function updateSubGroup(
  admin: Admin,
  target: BrokerTarget,
  settings: GroupSettings,
): Promise<UpdateSubGroupResult> {
  const config = configOf(settings);
  const body = encodeSubscriptionGroupConfig(config);
  const brokers = await eachAddress(
    await mastersToTell(admin, target),
    async (addr) => void (await admin.askBroker(addr, updateAndCreateSubscriptiongroup, {}, body)),
  );
  return { config, brokers };
}

/** Broadcasting and the start at the smallest offset are off unless they are asked for. */
function configOf(settings: GroupSettings): SubscriptionGroupConfig {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const defaults = defaultSubscriptionGroupConfig(settings.groupName);
  return { ...defaults, consumeFromMinEnable: false, consumeBroadcastEnable: false, ...given };
}

export interface DeleteSubGroupResult {
  readonly brokers: AddressResult<void>[];
  /** The retry topic, then the dead letter topic; only with a cluster, and only when every broker has deleted the group. */
  readonly topics: DeleteTopicResult[];
}

/**
 * Deletes a group on one broker, or on the masters of a cluster together with its retry and dead letter topics. A group that
 * is not there is no failure. Rejects with NOT_FOUND for an unknown cluster.
 */
export async function deleteSubGroup(
  admin: Admin,
  target: BrokerTarget,
  groupName: string,
  removeOffset: boolean,
): Promise<DeleteSubGroupResult> {
  const header = { groupName, removeOffset };
  const brokers = await eachAddress(
    await mastersToTell(admin, target),
    async (addr) => void (await admin.askBroker(addr, deleteSubscriptiongroup, header)),
  );
  const { brokerAddr, clusterName } = target;
  const isDone = brokers.every(({ error }) => error === undefined);
  if (brokerAddr !== undefined || clusterName === undefined || !isDone) return { brokers, topics: [] };
  const topics: DeleteTopicResult[] = [];
  for (const prefix of [RETRY_GROUP_TOPIC_PREFIX, DLQ_GROUP_TOPIC_PREFIX]) {
    topics.push(await deleteTopic(admin, clusterName, prefix + groupName));
  }
  return { brokers, topics };
}

export interface ConsumerConfigResult extends AddressResult<SubscriptionGroupConfig | undefined> {
  readonly clusterName: string;
  readonly brokerName: string;
}

/** The settings of a group on every broker name, in Java's hash order; `value` is undefined where the group is not known. */
export async function consumerConfigs(admin: Admin, groupName: string): Promise<ConsumerConfigResult[]> {
  const { brokerAddrTable, clusterAddrTable } = await clusterInfo(admin);
  const places = javaStringHashOrder(Object.keys(brokerAddrTable)).flatMap((brokerName) => {
    const broker = brokerAddrTable[brokerName];
    const addr = broker && selectBrokerAddr(broker, admin.random);
    const clusters = javaStringHashOrder(Object.keys(clusterAddrTable));
    const clusterName = clusters.find((name) => clusterAddrTable[name]?.includes(brokerName)) ?? '';
    return addr === undefined ? [] : [{ addr, brokerName, clusterName }];
  });
  const results = await eachAddress(
    places.map(({ addr }) => addr),
    async (addr) => {
      const { body } = await admin.askBroker(addr, getAllSubscriptiongroupConfig, {});
      return decodeSubscriptionGroupWrapper(body).subscriptionGroupTable[groupName];
    },
  );
  return places.map((place, index) => ({ ...place, ...results[index] }));
}
