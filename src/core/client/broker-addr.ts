/**
 * Which address of a broker name is asked. brokerId 0 is the master, every other a slave. Mirrors
 * BrokerData.selectBrokerAddr and MQClientInstance's findBrokerAddress methods.
 */

import type { BrokerData } from '../protocol/bodies/topic-route-data.ts';

export const MASTER_ID = 0;

export function masterAddr(broker: BrokerData): string | undefined {
  return broker.brokerAddrs.get(MASTER_ID);
}

/** The master, else any slave; undefined when no address is known. */
export function selectBrokerAddr(broker: BrokerData, random: () => number): string | undefined {
  const master = masterAddr(broker);
  if (master !== undefined) return master;
  const addrs = [...broker.brokerAddrs.values()];
  return addrs[Math.floor(random() * addrs.length)];
}
