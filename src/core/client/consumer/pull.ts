/**
 * PULL_MESSAGE (11) of one queue: the request, and the four outcomes a puller must tell apart. Mirrors PullAPIWrapper and
 * MQClientAPIImpl.processPullResponse.
 *
 * The answer's body is stored records one after the other; the broker filters by hash of the tags only, so the tag itself
 * is compared here again.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { Property } from '../../message/properties.ts';
import type { SubscriptionData } from '../../protocol/bodies/subscription-data.ts';
import { pullMessage } from '../../protocol/requests/pull-message.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { decodeHeader } from '../../protocol/schema.ts';
import { responseError } from '../../remoting/call.ts';
import type { RemotingClient } from '../../remoting/remoting-client.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { decodeStoredMessages } from '../stored-messages.ts';
import { hasTag } from './subscription.ts';

/** Bits of the request's sysFlag. */
const FLAG_COMMIT_OFFSET = 1;
const FLAG_SUSPEND = 2;
const FLAG_SUBSCRIPTION = 4;

/**
 * What became of a pull. NO_MATCHED_MSG: there are messages, but none with the tag; OFFSET_ILLEGAL: the queue does not have the
 * offset. After each of them `nextBeginOffset` is where to go on.
 */
export type PullStatus = 'FOUND' | 'NO_NEW_MSG' | 'NO_MATCHED_MSG' | 'OFFSET_ILLEGAL';

const statusByCode: ReadonlyMap<number, PullStatus> = new Map([
  [ResponseCode.SUCCESS, 'FOUND'],
  [ResponseCode.PULL_NOT_FOUND, 'NO_NEW_MSG'],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, 'NO_MATCHED_MSG'],
  [ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_ILLEGAL'],
]);

export interface PullOptions {
  readonly mq: MessageQueue;
  readonly consumerGroup: string;
  readonly offset: number;
  readonly maxMsgNums: number;
  readonly subscription: SubscriptionData;
  /** true: the request brings its subscription; false: the broker takes that of the group's heartbeat. */
  readonly bringSubscription: boolean;
  /** The broker may hold the request this long (ms) until a message comes; 0: it answers at once. */
  readonly suspendTimeoutMillis: number;
  /** Offset to commit with the request. */
  readonly commitOffset?: number | undefined;
  /** Time-out of the whole call, ms. */
  readonly timeoutMs: number;
}

/** What a pull brought. */
export interface PullResult {
  /** What became of it. */
  readonly status: PullStatus;
  /** Where the next pull goes on. */
  readonly nextBeginOffset: number;
  /** The lowest offset the queue holds. */
  readonly minOffset: number;
  /** The offset the queue's next message will have. */
  readonly maxOffset: number;
  /** Broker id the next pull of this queue should go to. */
  readonly suggestWhichBrokerId: number;
  /** Empty unless FOUND, and then too when no tag matches. */
  readonly messages: MessageExt[];
}

/** Pulls once from the broker at `addr`. Rejects with PocketError CONNECT, TIMEOUT or RESPONSE. */
export async function pullQueue(client: RemotingClient, addr: string, options: PullOptions): Promise<PullResult> {
  const { mq, subscription } = options;
  const request = createRequest(pullMessage, {
    consumerGroup: options.consumerGroup,
    topic: mq.topic,
    queueId: mq.queueId,
    queueOffset: options.offset,
    maxMsgNums: options.maxMsgNums,
    sysFlag: sysFlagOf(options),
    commitOffset: options.commitOffset ?? 0,
    suspendTimeoutMillis: options.suspendTimeoutMillis,
    subscription: options.bringSubscription ? subscription.subString : undefined,
    subVersion: subscription.subVersion,
    expressionType: subscription.expressionType,
    bname: mq.brokerName,
  });
  return resultOf(await client.invoke(addr, request, options.timeoutMs), addr, options);
}

function sysFlagOf(options: PullOptions): number {
  return (
    (options.commitOffset === undefined ? 0 : FLAG_COMMIT_OFFSET) |
    (options.suspendTimeoutMillis > 0 ? FLAG_SUSPEND : 0) |
    (options.bringSubscription ? FLAG_SUBSCRIPTION : 0)
  );
}

function resultOf(answer: RemotingCommand, addr: string, options: PullOptions): PullResult {
  const status = statusByCode.get(answer.code);
  if (status === undefined) throw responseError(answer, addr);
  const header = decodeHeader(pullMessage.response, answer.extFields);
  if (status === 'FOUND' && answer.body === undefined) {
    throw new PocketError('PROTOCOL', `the answer of ${addr} says FOUND and has no messages`);
  }
  const messages = status === 'FOUND' && answer.body !== undefined ? readMessages(answer.body, options) : [];
  for (const message of messages) {
    message.properties[Property.MIN_OFFSET] = String(header.minOffset);
    message.properties[Property.MAX_OFFSET] = String(header.maxOffset);
    message.brokerName = options.mq.brokerName;
    if (isPrepared(message)) message.transactionId = message.properties[Property.UNIQ_KEY];
  }
  return { status, ...header, messages };
}

/** As Java reads the property: committed messages keep it, too. */
function isPrepared({ properties }: MessageExt): boolean {
  return properties[Property.TRAN_MSG]?.toLowerCase() === 'true';
}

function readMessages(body: Buffer, { subscription }: PullOptions): MessageExt[] {
  return decodeStoredMessages(body, (message) => hasTag(subscription, message.properties[Property.TAGS]));
}
