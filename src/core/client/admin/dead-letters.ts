/**
 * The dead letters of a consumer group: where they lie, which of them are dealt with, and reading them. A dead letter is a
 * message of the topic `%DLQ%GROUP`, where a broker puts what the group has given back too often; RETRY_TOPIC says where it
 * comes from, ORIGIN_MESSAGE_ID which message it was.
 *
 * A log keeps what was written, so what is dealt with is a mark: the offset of TOOLS_CONSUMER in the queue, at its broker. It is
 * the same for everybody who asks, lies with the queue and survives what the queue survives. That group is there on every broker
 * (those of 5.x take offsets of groups they know alone), and nobody else stores offsets of it.
 *
 * Where the topic may not be read (brokers of 4.9.1 make it write-only) the units of its queue are asked for and each message
 * by its place, for which brokers ask no permission: slower, but nothing has to be changed.
 */

import { PocketError } from '../../common/errors.ts';
import { bodyCrc } from '../../message/body-crc.ts';
import type { MessageExt } from '../../message/message.ts';
import { lineOfMessage, type MessageLine } from '../../message/message-line.ts';
import { compareMessageQueues, type MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { SysFlag } from '../../message/sys-flag.ts';
import { DLQ_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { queryConsumerOffset } from '../../protocol/requests/query-consumer-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { masterAddr, selectBrokerAddr } from '../broker-addr.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import { isTopicNotExist } from '../namesrv-client.ts';
import { PERM_READ } from '../topic-queues.ts';
import type { Admin } from './admin.ts';
import { mapBounded } from './bounded.ts';
import { queryConsumeQueueUnits } from './consume-queue-query.ts';
import { viewMessageAt } from './message-query.ts';
import { PullSession, TOOLS_CONSUMER } from './pull-session.ts';

const MESSAGES_A_READ = 32;

/** A queue of a group's dead letters. */
export interface DlqQueue {
  readonly mq: MessageQueue;
  /** The broker that is asked. */
  readonly addr: string;
  /** Undefined: the master is not registered, and the mark cannot be moved. */
  readonly master: string | undefined;
  readonly isReadable: boolean;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** The first letter that is not dealt with; minOffset <= mark <= maxOffset. */
  readonly mark: number;
}

/** Every queue of a group's dead letters, by broker name. Rejects with NOT_FOUND for a group without any. */
export async function dlqQueues(admin: Admin, consumerGroup: string): Promise<DlqQueue[]> {
  const topic = DLQ_GROUP_TOPIC_PREFIX + consumerGroup;
  const { brokerDatas, queueDatas } = await admin.namesrv.route(topic).catch((cause: unknown) => {
    throw isTopicNotExist(cause) ? noLetters(consumerGroup, cause) : cause;
  });
  const places = queueDatas.flatMap(({ brokerName, readQueueNums, writeQueueNums, perm }) => {
    const broker = brokerDatas.find((data) => data.brokerName === brokerName);
    const addr = broker && selectBrokerAddr(broker, admin.random);
    if (addr === undefined) return [];
    const place = { addr, master: broker && masterAddr(broker) };
    return Array.from({ length: Math.max(readQueueNums, writeQueueNums) }, (_, queueId) => ({
      ...place,
      mq: { topic, brokerName, queueId },
      isReadable: (perm & PERM_READ) !== 0 && queueId < readQueueNums,
    }));
  });
  const sorted = places.sort((a, b) => compareMessageQueues(a.mq, b.mq));
  return mapBounded(sorted, async (place) => {
    const { topic, queueId } = place.mq;
    const at = { topic, queueId, bname: place.mq.brokerName };
    const [min, max, mark] = await Promise.all([
      admin.askBroker(place.addr, getMinOffset, at),
      admin.askBroker(place.addr, getMaxOffset, at),
      markOf(admin, place.addr, place.mq),
    ]);
    const minOffset = Math.max(0, min.header.offset);
    const maxOffset = Math.max(minOffset, max.header.offset);
    // A mark behind the end is one of a topic that was deleted and has come back.
    const isVoid = mark === undefined || mark > maxOffset;
    return { ...place, minOffset, maxOffset, mark: isVoid ? minOffset : Math.max(minOffset, mark) };
  });
}

export function noLetters(consumerGroup: string, cause?: unknown): PocketError {
  const text = `the group ${consumerGroup} has no dead letters: no broker has a topic ${DLQ_GROUP_TOPIC_PREFIX}${consumerGroup}`;
  return new PocketError('NOT_FOUND', text, { cause, detail: consumerGroup });
}

/** Undefined: none was ever set. */
async function markOf(admin: Admin, addr: string, mq: MessageQueue): Promise<number | undefined> {
  const { topic, queueId } = mq;
  try {
    return (await admin.askBroker(addr, queryConsumerOffset, { consumerGroup: TOOLS_CONSUMER, topic, queueId })).header
      .offset;
  } catch (error) {
    if (error instanceof PocketError && error.responseCode === ResponseCode.QUERY_NOT_FOUND) return undefined;
    throw error;
  }
}

/** Which letters are wanted; all that is given must hold. */
export interface DlqSelection {
  /** Unique id of the message, offset message id of the letter, or offset message id of the message it was. */
  readonly id?: string | undefined;
  /** One word of KEYS. */
  readonly key?: string | undefined;
  /** Found in the body (as UTF-8), the keys, or the value of a property of the user's or the tag. */
  readonly match?: RegExp | undefined;
  /** Also those that are dealt with; default false. */
  readonly handled?: boolean | undefined;
}

/** Whether a letter is one of those wanted. */
export function isSelected({ id, key, match }: DlqSelection, message: MessageExt): boolean {
  const { properties } = message;
  if (id !== undefined && ![message.msgId, message.offsetMsgId, properties[Property.ORIGIN_MESSAGE_ID]].includes(id)) {
    return false;
  }
  if (key !== undefined && !(properties[Property.KEYS] ?? '').split(' ').includes(key)) return false;
  if (match === undefined) return true;
  return searchedTexts(message).some((text) => text.search(match) >= 0);
}

/** Properties that RocketMQ itself writes say nothing about what the message is. */
const systemNames: ReadonlySet<string> = new Set(Object.values(Property));

function searchedTexts({ body, properties }: MessageExt): string[] {
  const own = Object.keys(properties).filter(
    (name) => name === Property.TAGS || name === Property.KEYS || !systemNames.has(name),
  );
  return [body.toString('utf8'), ...own.map((name) => properties[name] ?? '')];
}

/**
 * Letters of a queue from one offset to another (not included), in their order, a few at a time, with `next` as the offset behind
 * the last one looked at. What the log has lost is passed over. Rejects as a request to a broker does.
 */
export async function* readLetters(
  admin: Admin,
  queue: DlqQueue,
  from: number,
  to: number,
): AsyncGenerator<{ messages: MessageExt[]; next: number }> {
  const read = queue.isReadable ? pulling(admin, queue) : viewing(admin, queue);
  for (let offset = from; offset < to; ) {
    const { messages, next } = await read(offset, Math.min(MESSAGES_A_READ, to - offset));
    if (next <= offset) return;
    offset = next;
    yield { messages: messages.filter(({ queueOffset }) => queueOffset < to), next: Math.min(next, to) };
  }
}

type Read = (offset: number, count: number) => Promise<{ messages: MessageExt[]; next: number }>;

function pulling(admin: Admin, { mq }: DlqQueue): Read {
  const everything = tagSubscription(mq.topic, SUBSCRIBE_ALL, 0);
  let session: PullSession | undefined;
  return async (offset, count) => {
    session ??= await PullSession.open(admin, mq.topic);
    const { messages, nextBeginOffset } = await session.pull(mq, offset, count, everything);
    for (const { properties } of messages) {
      // The answer's, not the message's.
      delete properties[Property.MIN_OFFSET];
      delete properties[Property.MAX_OFFSET];
    }
    return { messages, next: nextBeginOffset };
  };
}

function viewing(admin: Admin, { mq, addr }: DlqQueue): Read {
  const { topic, queueId, brokerName } = mq;
  return async (index, count) => {
    const units = await queryConsumeQueueUnits(admin, { brokerAddr: addr, topic, queueId, index, count });
    const queueData = units.queueData.slice(0, count);
    const found = await mapBounded(queueData, async ({ physicOffset }) => {
      try {
        return { ...(await viewMessageAt(admin, addr, physicOffset)), brokerName };
      } catch (error) {
        if (error instanceof PocketError && error.code === 'NOT_FOUND') return undefined;
        throw error;
      }
    });
    return { messages: found.filter((message) => message !== undefined), next: index + queueData.length };
  };
}

/** A letter, for who looks at it. */
export interface DeadLetter {
  /** As it lies in the topic of dead letters; storeTimestamp is when it died. */
  readonly message: MessageExt;
  /** Topic it was sent to; undefined where the letter does not say. */
  readonly originTopic: string | undefined;
  /** Offset message id of its first copy there. */
  readonly originMessageId: string | undefined;
  /** It is dealt with: resent or dropped. */
  readonly handled: boolean;
}

/** The letters wanted, queue by queue, the oldest first. Rejects with NOT_FOUND for a group without dead letters. */
export async function* deadLetters(
  admin: Admin,
  consumerGroup: string,
  selection: DlqSelection = {},
): AsyncGenerator<DeadLetter> {
  for (const queue of await dlqQueues(admin, consumerGroup)) {
    const from = selection.handled ? queue.minOffset : queue.mark;
    for await (const { messages } of readLetters(admin, queue, from, queue.maxOffset)) {
      for (const message of messages) if (isSelected(selection, message)) yield deadLetterOf(message, queue);
    }
  }
}

function deadLetterOf(message: MessageExt, { mark }: DlqQueue): DeadLetter {
  return {
    message,
    originTopic: message.properties[Property.RETRY_TOPIC],
    originMessageId: message.properties[Property.ORIGIN_MESSAGE_ID],
    handled: message.queueOffset < mark,
  };
}

/** The letters wanted as lines of JSON hold messages. Rejects as deadLetters does. */
export async function* deadLetterLines(
  admin: Admin,
  consumerGroup: string,
  selection: DlqSelection = {},
): AsyncGenerator<MessageLine> {
  for await (const { message } of deadLetters(admin, consumerGroup, selection)) {
    yield lineOfMessage(message, isStillCompressed(message));
  }
}

/** Its body is as it is stored, because it cannot be decompressed here. */
export function isStillCompressed({ body, bodyCRC, sysFlag }: MessageExt): boolean {
  return (sysFlag & SysFlag.COMPRESSED) !== 0 && bodyCrc(body, 0, body.length) === bodyCRC;
}
