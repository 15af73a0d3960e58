/**
 * Makes a client known at every broker over which a reply may come: a replier sends to any broker of the cluster that has the
 * reply topic, and that broker pushes only to producers whose heartbeat it has. Mirrors DefaultMQProducerImpl.prepareSendRequest.
 *
 * Known differences: all brokers of the topic's clusters are greeted, not only those of topics the client uses; a broker whose
 * connection broke is greeted again before the next request.
 */

import { PocketError } from '../../common/errors.ts';
import type { BrokerData } from '../../protocol/bodies/topic-route-data.ts';
import { masterAddr } from '../broker-addr.ts';
import type { ClientInstance } from '../client-instance.ts';
import type { FaultTable } from './fault-table.ts';
import { replyTopicOf } from './reply-message.ts';

/** A broker that does not answer is left out until `faults` takes it back. Rejects as RouteCache.publishRoute() does. */
export async function greetRepliers(instance: ClientInstance, topic: string, faults: FaultTable): Promise<void> {
  const { brokerDatas } = await instance.routes.publishRoute(topic);
  const clusters = new Set(brokerDatas.map(({ cluster }) => cluster));
  const others = await Promise.all([...clusters].map((cluster) => repliersOf(instance, cluster)));
  await Promise.all([...brokerDatas, ...others.flat()].map((broker) => greet(instance, broker, faults)));
}

/** Every broker of the cluster; none where there is no reply topic, as before 4.7. */
async function repliersOf({ routes }: ClientInstance, clusterName: string): Promise<readonly BrokerData[]> {
  try {
    return (await routes.route(replyTopicOf(clusterName))).brokerDatas;
  } catch (error) {
    if (error instanceof PocketError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

async function greet(instance: ClientInstance, broker: BrokerData, faults: FaultTable): Promise<void> {
  const addr = masterAddr(broker);
  if (addr === undefined || (!instance.isGreeted(addr) && !faults.isAvailable(broker.brokerName))) return;
  await instance.greeted(addr);
  if (!instance.isGreeted(addr)) faults.failed(broker.brokerName);
}
