/**
 * The address of a queue's broker, with the route of the queue's topic fetched where it is not known yet. Mirrors
 * MQClientInstance's findBrokerAddressInPublish and findBrokerAddressInSubscribe as their callers use them.
 */

import { PocketError } from '../common/errors.ts';
import type { MessageQueue } from '../message/message-queue.ts';
import type { RouteCache } from './route-cache.ts';

/** The master. Rejects with PocketError NOT_FOUND when the broker name has none, else as a route does. */
export async function findMaster(routes: RouteCache, mq: MessageQueue): Promise<string> {
  const known = routes.masterAddr(mq.brokerName);
  if (known !== undefined) return known;
  await routes.route(mq.topic);
  const addr = routes.masterAddr(mq.brokerName);
  if (addr === undefined) throw brokerNotFound(mq.brokerName);
  return addr;
}

/** The broker of that id, else the master, else any. Rejects as findMaster does. */
export async function findReader(routes: RouteCache, mq: MessageQueue, brokerId: number): Promise<string> {
  const known = routes.readAddr(mq.brokerName, brokerId);
  if (known !== undefined) return known.addr;
  await routes.route(mq.topic);
  const found = routes.readAddr(mq.brokerName, brokerId);
  if (found === undefined) throw brokerNotFound(mq.brokerName);
  return found.addr;
}

export function brokerNotFound(brokerName: string): PocketError {
  return new PocketError('NOT_FOUND', `The broker[${brokerName}] not exist`, { detail: brokerName });
}
