/**
 * Units of a consumequeue as a broker has them (QUERY_CONSUME_QUEUE, 321). Mirrors QueryConsumeQueueCommand.
 */

import { PocketError } from '../../common/errors.ts';
import { type ConsumeQueueAnswer, decodeConsumeQueueAnswer } from '../../protocol/bodies/query-consume-queue.ts';
import { queryConsumeQueue } from '../../protocol/requests/query-consume-queue.ts';
import { masterAddr } from '../broker-addr.ts';
import type { Admin } from './admin.ts';

export interface ConsumeQueueQuery {
  /** `ip:port`; default: the master of the first broker in the topic's route. */
  readonly brokerAddr?: string | undefined;
  readonly topic: string;
  readonly queueId: number;
  /** Offset of the first unit. */
  readonly index: number;
  /** Brokers end at the file's end, and give less where they have less. */
  readonly count: number;
  /** The group whose subscription is told, too. */
  readonly consumerGroup?: string | undefined;
}

/** Rejects with NOT_FOUND for an unknown topic and for an index at which no unit is, RESPONSE for an unknown queue. */
export async function queryConsumeQueueUnits(admin: Admin, query: ConsumeQueueQuery): Promise<ConsumeQueueAnswer> {
  const { brokerAddr, ...header } = query;
  const addr = brokerAddr ?? (await firstMaster(admin, query.topic));
  const { body, command } = await admin.askBroker(addr, queryConsumeQueue, header);
  if (body !== undefined && body.length > 0) return decodeConsumeQueueAnswer(body);
  const { index, queueId, topic } = query;
  throw new PocketError('NOT_FOUND', command.remark ?? `Index ${index} of ${queueId}@${topic} is not exist!`);
}

async function firstMaster(admin: Admin, topic: string): Promise<string> {
  const [broker] = (await admin.namesrv.route(topic)).brokerDatas;
  const addr = broker && masterAddr(broker);
  if (addr !== undefined) return addr;
  throw new PocketError('NOT_FOUND', `no master of the topic ${topic} is known`, { detail: topic });
}
