/**
 * Transactions of which a broker does not know how they end: half messages from its saved offset on that no op message speaks of.
 * Read the way every broker of 4.9 and 5.x lets one: the op topic is in no topic list, so units and records are asked one by one.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { queryConsumerOffset } from '../../protocol/requests/query-consumer-offset.ts';
import { viewMessageById } from '../../protocol/requests/view-message-by-id.ts';
import { decodeStoredMessages } from '../stored-messages.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { clusterInfo } from './cluster-admin.ts';
import { mastersOf } from './cluster-brokers.ts';
import type { BrokerTarget } from './config-admin.ts';
import { queryConsumeQueueUnits } from './consume-queue-query.ts';
import { type AddressResult, eachAddress } from './per-address.ts';

const TRANS_GROUP = 'CID_RMQ_SYS_TRANS';
const QUEUE_ID = 0;
const PAGE_UNITS = 200;
/** More op messages than a broker has not dealt with in any healthy state. */
const MAX_OPS = 1_000_000;

/** A half message nobody has ended. */
export interface HangingHalfMessage {
  readonly producerGroup: string;
  /** The topic it was sent to. */
  readonly topic: string;
  /** UNIQ_KEY, else the offset message id. */
  readonly msgId: string;
  /** Of its newest copy. */
  readonly offsetMsgId: string;
  /** When its producer made it, ms. */
  readonly bornTimestamp: number;
  /** ms, by the clock here. */
  readonly age: number;
  /** How often producers were asked about it. */
  readonly checkTimes: number;
}

export interface HangingOptions extends BrokerTarget {
  /** ms; younger ones may still be on their way. */
  readonly olderThan: number;
  readonly producerGroup?: string | undefined;
  /** Of each broker, the oldest. */
  readonly limit: number;
}

/**
 * Of one master, of those of a cluster, or without either of all. Rejects with NOT_FOUND for an unknown cluster.
 */
export async function hangingHalfMessages(
  admin: Admin,
  options: HangingOptions,
): Promise<AddressResult<HangingHalfMessage[]>[]> {
  const addrs = options.brokerAddr === undefined ? await masters(admin, options.clusterName) : [options.brokerAddr];
  return eachAddress(addrs, (addr) => hangingOf(admin, addr, options));
}

async function masters(admin: Admin, clusterName: string | undefined): Promise<string[]> {
  const info = await clusterInfo(admin);
  const clusters = clusterName === undefined ? Object.keys(info.clusterAddrTable) : [clusterName];
  const names = clusters.flatMap((cluster) => {
    const members = info.clusterAddrTable[cluster];
    if (members !== undefined) return [...members];
    throw new PocketError('NOT_FOUND', `the cluster ${cluster} does not exist`, { detail: cluster });
  });
  return mastersOf(info, names);
}

async function hangingOf(admin: Admin, addr: string, options: HangingOptions): Promise<HangingHalfMessage[]> {
  // In this order: what is ended while this goes on may be listed, what is not cannot be missing.
  const halves = await rangeOf(admin, addr, Topic.TRANS_HALF);
  const ended = await endedFrom(admin, addr, halves.from);
  const now = admin.clock.now();
  const hanging = new Map<string, HangingHalfMessage>();
  for (let at = halves.from; at < halves.to && hanging.size < options.limit; ) {
    const physicOffsets = await unitsAt(admin, addr, Topic.TRANS_HALF, at);
    if (physicOffsets.length === 0) break;
    const first = at;
    at += physicOffsets.length;
    const open = physicOffsets.filter((_, i) => first + i < halves.to && !ended.has(first + i));
    for (const half of await recordsAt(admin, addr, open)) {
      const one = hangingOne(half, now);
      if (one.age < options.olderThan) continue;
      if (options.producerGroup !== undefined && one.producerGroup !== options.producerGroup) continue;
      // A later copy of the same takes its place.
      if (hanging.size < options.limit) hanging.set(`${one.producerGroup} ${one.msgId}`, one);
    }
  }
  return [...hanging.values()].sort((a, b) => b.age - a.age);
}

function hangingOne({ properties, msgId, offsetMsgId, bornTimestamp }: MessageExt, now: number): HangingHalfMessage {
  return {
    producerGroup: properties[Property.PGROUP] ?? '',
    topic: properties[Property.REAL_TOPIC] ?? '',
    msgId,
    offsetMsgId,
    bornTimestamp,
    age: now - bornTimestamp,
    checkTimes: Number(properties[Property.TRANSACTION_CHECK_TIMES] ?? 0),
  };
}

/** From the saved offset, or the first there is, to the end. */
async function rangeOf(admin: Admin, addr: string, topic: string): Promise<{ from: number; to: number }> {
  const queue = { topic, queueId: QUEUE_ID };
  const min = (await admin.askBroker(addr, getMinOffset, queue)).header.offset;
  const to = (await admin.askBroker(addr, getMaxOffset, queue)).header.offset;
  return { from: Math.max(min, await savedOffset(admin, addr, topic)), to };
}

async function savedOffset(admin: Admin, addr: string, topic: string): Promise<number> {
  const place = { consumerGroup: TRANS_GROUP, topic, queueId: QUEUE_ID };
  try {
    return (await admin.askBroker(addr, queryConsumerOffset, place)).header.offset;
  } catch (error) {
    // The group has not dealt with anything yet.
    if (error instanceof PocketError && error.code === 'RESPONSE') return 0;
    throw error;
  }
}

/** Queue offsets from `half` on that op messages say are done with. */
async function endedFrom(admin: Admin, addr: string, half: number): Promise<Set<number>> {
  const ended = new Set<number>();
  const { from, to } = await rangeOf(admin, addr, Topic.TRANS_OP_HALF);
  if (to - from > MAX_OPS) {
    throw new PocketError('STORE', `${addr} has ${to - from} op messages that it has not dealt with: too many`);
  }
  for (let at = from; at < to; ) {
    const physicOffsets = await unitsAt(admin, addr, Topic.TRANS_OP_HALF, at);
    if (physicOffsets.length === 0) break;
    at += physicOffsets.length;
    for (const { body } of await recordsAt(admin, addr, physicOffsets)) {
      // 5.x writes several offsets into one.
      for (const word of body.toString('latin1').split(',')) if (Number(word) >= half) ended.add(Number(word));
    }
  }
  return ended;
}

async function unitsAt(admin: Admin, brokerAddr: string, topic: string, index: number): Promise<number[]> {
  const query = { brokerAddr, topic, queueId: QUEUE_ID, index, count: PAGE_UNITS };
  try {
    return (await queryConsumeQueueUnits(admin, query)).queueData.map(({ physicOffset }) => physicOffset);
  } catch (error) {
    if (error instanceof PocketError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

/** Those that are still there. */
async function recordsAt(admin: Admin, addr: string, physicOffsets: readonly number[]): Promise<MessageExt[]> {
  const records = await mapBounded(physicOffsets, async (offset) => {
    try {
      const { body = Buffer.alloc(0) } = await admin.askBroker(addr, viewMessageById, { offset });
      return decodeStoredMessages(body);
    } catch (error) {
      if (error instanceof PocketError && error.code === 'RESPONSE') return [];
      throw error;
    }
  });
  return records.flat();
}
