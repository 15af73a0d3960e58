/**
 * The configuration of running brokers and namesrvs as mqadmin's getBrokerConfig, updateBrokerConfig, getNamesrvConfig and
 * updateNamesrvConfig see it. Mirrors the subcommands and MQClientAPIImpl's methods behind them.
 *
 * Known differences: a server that fails while others answer is told in its result instead of ending the command; a value
 * is sent with Java's escapes, so that blanks, backslashes and Chinese characters arrive as they were typed.
 */

import { PocketError } from '../../common/errors.ts';
import { formatConfigLines, parseProperties } from '../../common/java-properties.ts';
import { getBrokerConfig } from '../../protocol/requests/get-broker-config.ts';
import { getNamesrvConfig } from '../../protocol/requests/get-namesrv-config.ts';
import { updateBrokerConfig } from '../../protocol/requests/update-broker-config.ts';
import { updateNamesrvConfig } from '../../protocol/requests/update-namesrv-config.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { clusterInfo } from './cluster-admin.ts';
import { brokerNamesOf, mastersAndSlavesOf, mastersOf } from './cluster-brokers.ts';
import { type AddressResult, eachAddress, eachNamesrv } from './per-address.ts';

/** key -> text, in the order mqadmin prints them. */
export type ConfigTexts = Readonly<Record<string, string>>;

/** One broker `ip:port`, or every broker of a cluster. */
export interface BrokerTarget {
  /** `ip:port`; wins over a cluster. */
  readonly brokerAddr?: string | undefined;
  /** Name of a cluster. */
  readonly clusterName?: string | undefined;
}

export interface BrokerConfigResult extends AddressResult<ConfigTexts> {
  /** one: the broker that was named. */
  readonly role: 'one' | 'master' | 'slave';
  /** Of a slave whose master is registered. */
  readonly masterAddr?: string;
}

/** The configuration of one broker, or of the masters and slaves of a cluster. Rejects with NOT_FOUND for an unknown cluster. */
export async function brokerConfigs(admin: Admin, target: BrokerTarget): Promise<BrokerConfigResult[]> {
  const brokers = await brokersToAsk(admin, target);
  const results = await eachAddress(
    brokers.map(({ addr }) => addr),
    async (addr) => configTexts((await admin.askBroker(addr, getBrokerConfig, {})).body),
  );
  return results.map((result, index) => ({ ...result, ...brokers[index], role: brokers[index]?.role ?? 'one' }));
}

type BrokerToAsk = Pick<BrokerConfigResult, 'addr' | 'role' | 'masterAddr'>;

async function brokersToAsk(admin: Admin, { brokerAddr, clusterName }: BrokerTarget): Promise<BrokerToAsk[]> {
  if (brokerAddr !== undefined) return [{ addr: brokerAddr, role: 'one' }];
  const groups = mastersAndSlavesOf(await clusterInfo(admin), required(clusterName));
  return groups.flatMap(({ master, slaves }): BrokerToAsk[] => [
    ...(master === undefined ? [] : [{ addr: master, role: 'master' } as const]),
    ...slaves.map((addr) => ({ addr, role: 'slave' as const, ...(master !== undefined && { masterAddr: master }) })),
  ]);
}

/** Sets one key on a broker, or on the masters of a cluster. Rejects with NOT_FOUND for an unknown cluster. */
export async function changeBrokerConfig(
  admin: Admin,
  target: BrokerTarget,
  key: string,
  value: string,
): Promise<AddressResult<void>[]> {
  const body = Buffer.from(formatConfigLines({ [key]: value }));
  const addrs = await mastersToTell(admin, target);
  return eachAddress(addrs, async (addr) => void (await admin.askBroker(addr, updateBrokerConfig, {}, body)));
}

/** The broker named, or the masters of the cluster named. Rejects with NOT_FOUND for an unknown cluster. */
export async function mastersToTell(admin: Admin, { brokerAddr, clusterName }: BrokerTarget): Promise<string[]> {
  if (brokerAddr !== undefined) return [brokerAddr];
  const info = await clusterInfo(admin);
  return mastersOf(info, brokerNamesOf(info, required(clusterName)));
}

/** The configuration of every namesrv, by Java's hash order of their addresses. */
export async function namesrvConfigs(admin: Admin): Promise<AddressResult<ConfigTexts>[]> {
  const results = await eachNamesrv(admin, async (addr) =>
    configTexts((await admin.askBroker(addr, getNamesrvConfig, {})).body),
  );
  const order = javaStringHashOrder(results.map(({ addr }) => addr));
  return results.sort((a, b) => order.indexOf(a.addr) - order.indexOf(b.addr));
}

/** Sets one key on every namesrv. */
export function changeNamesrvConfig(admin: Admin, key: string, value: string): Promise<AddressResult<void>[]> {
  const body = Buffer.from(formatConfigLines({ [key]: value }));
  return eachNamesrv(admin, async (addr) => void (await admin.askBroker(addr, updateNamesrvConfig, {}, body)));
}

function configTexts(body: Buffer | undefined): ConfigTexts {
  const properties = parseProperties(body?.toString('utf8') ?? '');
  const keys = javaStringHashOrder(properties.keys());
  return Object.fromEntries(keys.map((key) => [key, properties.get(key)?.value ?? '']));
}

function required(clusterName: string | undefined): string {
  if (clusterName !== undefined) return clusterName;
  throw new PocketError('ILLEGAL_ARGUMENT', 'neither a broker nor a cluster is named');
}
