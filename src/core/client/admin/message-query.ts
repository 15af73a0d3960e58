/**
 * Messages by what is known of them: the offset message id, a key, the unique id, or their place in a queue. Mirrors
 * MQAdminImpl's viewMessage and queryMessage, and QueryMsgByOffsetSubCommand.
 *
 * Known differences: messages stand in the order of the route's brokers (Java: of their answers); a broker that does not
 * answer is told in the result, and fails the query when the others know of no message (Java then says there is none).
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { decodeOffsetMsgId } from '../../message/message-id.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import { queryMessage } from '../../protocol/requests/query-message.ts';
import { viewMessageById } from '../../protocol/requests/view-message-by-id.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { responseError } from '../../remoting/call.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { selectBrokerAddr } from '../broker-addr.ts';
import type { PullStatus } from '../consumer/pull.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../consumer/subscription.ts';
import { decodeStoredMessages } from '../stored-messages.ts';
import type { Admin } from './admin.ts';
import { type AddressResult, eachAddress } from './per-address.ts';
import { PullSession } from './pull-session.ts';

/** Tells the broker that the key is a UNIQ_KEY; no field of the request's header. */
const UNIQUE_MSG_QUERY_FLAG = '_UNIQUE_KEY_QUERY';
const MAX_BY_KEY = 64;
const MAX_BY_UNIQ_KEY = 32;
/** An index is searched: slower than other requests. */
const QUERY_TIMEOUTS = 3;

/** Rejects with NOT_FOUND for a text that is no such id and for one that leads to no message. */
export async function viewMessage(admin: Admin, offsetMsgId: string): Promise<MessageExt> {
  const { storeHost, physicOffset } = placeOf(offsetMsgId);
  return viewMessageAt(admin, storeHost, physicOffset);
}

/** The message at an offset of a broker's commitlog. Rejects with NOT_FOUND when there is none. */
export async function viewMessageAt(admin: Admin, addr: string, physicOffset: number): Promise<MessageExt> {
  const { body } = await admin.askBroker(addr, viewMessageById, { offset: physicOffset }).catch(asNotFound);
  const [message] = decodeStoredMessages(body ?? Buffer.alloc(0));
  if (message === undefined) throw new PocketError('PROTOCOL', `the answer of ${addr} has no message`);
  return message;
}

function placeOf(offsetMsgId: string): { storeHost: string; physicOffset: number } {
  try {
    return decodeOffsetMsgId(offsetMsgId);
  } catch (cause) {
    if (!(cause instanceof PocketError)) throw cause;
    throw noMessage('query message by id finished, but no message.', cause);
  }
}

/** Brokers have no code of its own for a message that is gone. */
function asNotFound(error: unknown): never {
  const isGone =
    error instanceof PocketError && error.detail?.startsWith('can not find message by the offset') === true;
  throw isGone ? new PocketError('NOT_FOUND', error.message, { cause: error }) : error;
}

export interface KeyQuery {
  readonly topic: string;
  /** One word of KEYS. */
  readonly key: string;
  /** At most so many of each broker; default 64. */
  readonly maxNum?: number | undefined;
  /** Store times, ms; default all. */
  readonly begin?: number | undefined;
  readonly end?: number | undefined;
}

export interface FoundMessages {
  /** At least one. */
  readonly messages: MessageExt[];
  /** What each broker had. */
  readonly brokers: AddressResult<MessageExt[]>[];
}

/** Every message of the topic that has the key. Rejects with NOT_FOUND: responseCode 17 for an unknown topic, 208 without a message. */
export async function queryMessageByKey(admin: Admin, query: KeyQuery): Promise<FoundMessages> {
  const { topic, key } = query;
  const brokers = await askEachBroker(admin, query, false);
  const hasKey = ({ topic: its, properties }: MessageExt): boolean =>
    its === topic && (properties[Property.KEYS] ?? '').split(' ').includes(key);
  return found(brokers, (messages) => messages.filter(hasKey));
}

/**
 * The message with a unique id; of several, as a resent one has, the one stored first. `begin` is a store time, ms. Rejects
 * as queryMessageByKey does.
 */
export async function queryMessageByUniqKey(
  admin: Admin,
  topic: string,
  uniqKey: string,
  begin = 0,
): Promise<FoundMessages> {
  const brokers = await askEachBroker(admin, { topic, key: uniqKey, maxNum: MAX_BY_UNIQ_KEY, begin }, true);
  const earliest = (first: MessageExt, other: MessageExt): MessageExt =>
    other.storeTimestamp < first.storeTimestamp ? other : first;
  return found(brokers, (messages) => {
    const [first, ...others] = messages.filter(({ msgId }) => msgId === uniqKey);
    return first === undefined ? [] : [others.reduce(earliest, first)];
  });
}

/** Every stored copy with a unique id, the oldest first. Rejects as queryMessageByKey does. */
export async function messagesByUniqKey(admin: Admin, topic: string, uniqKey: string): Promise<MessageExt[]> {
  const brokers = await askEachBroker(admin, { topic, key: uniqKey }, true);
  const { messages } = found(brokers, (all) =>
    all.filter(({ msgId, topic: its }) => msgId === uniqKey && its === topic),
  );
  return messages.sort((a, b) => a.storeTimestamp - b.storeTimestamp);
}

async function askEachBroker(
  admin: Admin,
  { topic, key, maxNum = MAX_BY_KEY, begin = 0, end = Number.MAX_SAFE_INTEGER }: KeyQuery,
  isUniqKey: boolean,
): Promise<AddressResult<MessageExt[]>[]> {
  const { brokerDatas } = await admin.namesrv.route(topic);
  const addrs = brokerDatas.flatMap((broker) => selectBrokerAddr(broker, admin.random) ?? []);
  return eachAddress(addrs, async (addr) => {
    const request = createRequest(queryMessage, { topic, key, maxNum, beginTimestamp: begin, endTimestamp: end });
    request.extFields = { ...request.extFields, [UNIQUE_MSG_QUERY_FLAG]: String(isUniqKey) };
    const answer = await admin.client.invoke(addr, request, admin.timeoutMs * QUERY_TIMEOUTS);
    if (answer.code === ResponseCode.QUERY_NOT_FOUND) return [];
    if (answer.code !== ResponseCode.SUCCESS) throw responseError(answer, addr);
    return answer.body === undefined ? [] : decodeStoredMessages(answer.body);
  });
}

function found(brokers: AddressResult<MessageExt[]>[], pick: (messages: MessageExt[]) => MessageExt[]): FoundMessages {
  const messages = pick(brokers.flatMap(({ value }) => value ?? []));
  if (messages.length > 0) return { messages, brokers };
  throw brokers.find(({ error }) => error)?.error ?? noMessage('query message by key finished, but no message.');
}

function noMessage(text: string, cause?: PocketError): PocketError {
  const responseCode = ResponseCode.NO_MESSAGE;
  return new PocketError('NOT_FOUND', `CODE: ${responseCode}  DESC: ${text}`, { responseCode, detail: text, cause });
}

export interface MessageAtOffset {
  /** Undefined: there is none at the offset. */
  readonly message: MessageExt | undefined;
  readonly status: PullStatus;
  /** Of the queue. */
  readonly minOffset: number;
  readonly maxOffset: number;
}

/** The message at an offset of a queue. Rejects with NOT_FOUND for an unknown topic or broker, ILLEGAL_ARGUMENT for a negative offset. */
export async function messageAtOffset(admin: Admin, mq: MessageQueue, offset: number): Promise<MessageAtOffset> {
  if (offset < 0) throw new PocketError('ILLEGAL_ARGUMENT', `an offset is a number from 0, not ${offset}`);
  const session = await PullSession.open(admin, mq.topic);
  const everything = tagSubscription(mq.topic, SUBSCRIBE_ALL, 0);
  const { status, messages, minOffset, maxOffset } = await session.pull(mq, offset, 1, everything);
  return { message: messages[0], status, minOffset, maxOffset };
}
