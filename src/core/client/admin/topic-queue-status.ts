/**
 * Every queue of a topic that may be written or read. topicStatus, as mqadmin's, knows those that may be written: while a topic
 * shrinks, queues that are only read still hold messages.
 */

import { PocketError } from '../../common/errors.ts';
import { compareMessageQueues, type MessageQueue } from '../../message/message-queue.ts';
import type { TopicOffset } from '../../protocol/bodies/topic-stats-table.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import { PERM_READ, PERM_WRITE } from '../topic-queues.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { messageAtOffset } from './message-query.ts';
import { topicRoute, topicStatus } from './topic-admin.ts';

/** One queue. */
export interface TopicQueueStatus extends TopicOffset {
  /** Producers send to it. */
  readonly writable: boolean;
  /** Consumers read it. */
  readonly readable: boolean;
}

/** By broker name and queue. Rejects as topicStatus does. */
export async function topicQueueStatus(admin: Admin, topic: string): Promise<TopicQueueStatus[]> {
  const [{ queueDatas, brokerDatas }, written] = await Promise.all([
    topicRoute(admin, topic),
    topicStatus(admin, topic),
  ]);
  const rows = await mapBounded(queueDatas, async ({ brokerName, readQueueNums, writeQueueNums, perm }) => {
    const own = written.filter(({ mq }) => mq.brokerName === brokerName);
    const broker = brokerDatas.find((data) => data.brokerName === brokerName);
    const addr = broker && selectBrokerAddr(broker, admin.random);
    const missing = Array.from({ length: readQueueNums }, (_, queueId) => ({ topic, brokerName, queueId })).filter(
      ({ queueId }) => !own.some(({ mq }) => mq.queueId === queueId),
    );
    const others = addr === undefined ? [] : await mapBounded(missing, (mq) => offsetsOf(admin, addr, mq));
    return [...own, ...others].map((row) => ({
      ...row,
      writable: (perm & PERM_WRITE) !== 0 && row.mq.queueId < writeQueueNums,
      readable: (perm & PERM_READ) !== 0 && row.mq.queueId < readQueueNums,
    }));
  });
  return rows.flat().sort((a, b) => compareMessageQueues(a.mq, b.mq));
}

async function offsetsOf(admin: Admin, addr: string, mq: MessageQueue): Promise<TopicOffset> {
  const at = { topic: mq.topic, queueId: mq.queueId, bname: mq.brokerName };
  const [min, max] = await Promise.all([
    admin.askBroker(addr, getMinOffset, at),
    admin.askBroker(addr, getMaxOffset, at),
  ]);
  const minOffset = Math.max(0, min.header.offset);
  const maxOffset = max.header.offset;
  const lastUpdateTimestamp = maxOffset > minOffset ? await storeTime(admin, mq, maxOffset - 1) : 0;
  return { mq, minOffset, maxOffset, lastUpdateTimestamp };
}

/** 0 where the message cannot be read. */
async function storeTime(admin: Admin, mq: MessageQueue, offset: number): Promise<number> {
  try {
    return (await messageAtOffset(admin, mq, offset)).message?.storeTimestamp ?? 0;
  } catch (error) {
    if (error instanceof PocketError) return 0;
    throw error;
  }
}
