/** The order configuration of a topic, `brokerA:4;brokerB:4`, in the KV configuration of every namesrv. Mirrors UpdateOrderConfCommand. */

import { PocketError } from '../../common/errors.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { Admin } from './admin.ts';
import { getKv } from './kv-value.ts';
import { putKv, removeKv } from './namesrv-admin.ts';
import type { AddressResult } from './per-address.ts';
import { ORDER_TOPIC_CONFIG } from './topic-admin.ts';

/** Rejects with NOT_FOUND (responseCode 22) for a topic that has none. */
export async function getOrderConf(admin: Admin, topic: string): Promise<string> {
  const value = await getKv(admin, ORDER_TOPIC_CONFIG, topic);
  if (value !== undefined) return value;
  const text = `No config item, Namespace: ${ORDER_TOPIC_CONFIG} Key: ${topic}`;
  const responseCode = ResponseCode.QUERY_NOT_FOUND;
  throw new PocketError('NOT_FOUND', `CODE: ${responseCode}  DESC: ${text}`, { responseCode, detail: text });
}

export function putOrderConf(admin: Admin, topic: string, orderConf: string): Promise<AddressResult<void>[]> {
  return putKv(admin, ORDER_TOPIC_CONFIG, topic, orderConf);
}

/** One that is not there is no failure. */
export function removeOrderConf(admin: Admin, topic: string): Promise<AddressResult<void>[]> {
  return removeKv(admin, ORDER_TOPIC_CONFIG, topic);
}
