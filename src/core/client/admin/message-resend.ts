/**
 * A stored message once more: given to one consumer client (CONSUME_MESSAGE_DIRECTLY, 309), or sent to its topic again.
 * Mirrors DefaultMQAdminExtImpl.consumeMessageDirectly and what QueryMsgByIdSubCommand does with -s.
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { nearlyTimeOfUniqId } from '../../message/message-id.ts';
import {
  type ConsumeMessageDirectlyResult,
  decodeConsumeMessageDirectlyResult,
} from '../../protocol/bodies/consume-message-directly-result.ts';
import { consumeMessageDirectly } from '../../protocol/requests/consume-message-directly.ts';
import { call } from '../../remoting/call.ts';
import { ClientInstance } from '../client-instance.ts';
import { Producer } from '../producer/producer.ts';
import type { SendResult } from '../producer/send-result.ts';
import type { Admin } from './admin.ts';
import { queryMessageByUniqKey, viewMessage } from './message-query.ts';

/** The consumer works on the message meanwhile. */
const CONSUME_TIMEOUTS = 3;
/** The index knows seconds, and a message may be stored before its id says it was made. */
const CLOCK_SLACK_MS = 1000;
const RESEND_GROUP = 'ReSendMsgById';

export interface ConsumerTarget {
  readonly consumerGroup: string;
  readonly clientId: string;
}

/** Exactly one of `result` and `error` is there. */
export interface ConsumedDirectly {
  /** As asked for. */
  readonly msgId: string;
  readonly result?: ConsumeMessageDirectlyResult;
  readonly error?: PocketError;
}

/** Has a client consume the messages of some offset message ids, one after the other; a failure ends nothing. */
export async function consumeByIds(
  admin: Admin,
  target: ConsumerTarget,
  offsetMsgIds: readonly string[],
): Promise<ConsumedDirectly[]> {
  const results: ConsumedDirectly[] = [];
  for (const msgId of offsetMsgIds) {
    try {
      results.push({ msgId, result: await consume(admin, target, await viewMessage(admin, msgId)) });
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      results.push({ msgId, error });
    }
  }
  return results;
}

/** Has a client consume the message of a unique id; an offset message id will do. Rejects as queryMessageByUniqKey. */
export async function consumeByUniqKey(
  admin: Admin,
  target: ConsumerTarget,
  topic: string,
  msgId: string,
): Promise<ConsumeMessageDirectlyResult> {
  const message = await viewMessage(admin, msgId).catch(async (error: unknown) => {
    if (!(error instanceof PocketError)) throw error;
    const time = nearlyTimeOfUniqId(msgId, admin.clock.now()) ?? 0;
    const { messages } = await queryMessageByUniqKey(admin, topic, msgId, Math.max(0, time - CLOCK_SLACK_MS));
    return messages[0] as MessageExt;
  });
  return consume(admin, target, message);
}

async function consume(
  admin: Admin,
  target: ConsumerTarget,
  message: MessageExt,
): Promise<ConsumeMessageDirectlyResult> {
  const header = { ...target, msgId: message.offsetMsgId };
  const timeoutMs = admin.timeoutMs * CONSUME_TIMEOUTS;
  const { body } = await call(admin.client, message.storeHost, consumeMessageDirectly, header, { timeoutMs });
  return decodeConsumeMessageDirectlyResult(body);
}

export interface ResendResult {
  /** As asked for. */
  readonly msgId: string;
  /** The message was found. */
  readonly found: boolean;
  readonly sent?: SendResult | undefined;
  /** Why it was not found, or not sent. */
  readonly error?: PocketError | undefined;
}

/** Sends the messages of some offset message ids to their topics again, one after the other; a failure ends nothing. */
export async function* resendMessages(
  admin: Admin,
  offsetMsgIds: readonly string[],
  unitName?: string,
): AsyncGenerator<ResendResult> {
  const { clock, logger, random } = admin;
  const instance = new ClientInstance({ clock, logger, random, shared: admin, unitName });
  const producer = new Producer({ group: RESEND_GROUP, instance });
  try {
    await producer.start();
    for (const msgId of offsetMsgIds) yield await resend(admin, producer, msgId);
  } finally {
    await producer.stop();
    await instance.stop();
  }
}

async function resend(admin: Admin, producer: Producer, msgId: string): Promise<ResendResult> {
  let found = false;
  try {
    const message = await viewMessage(admin, msgId);
    found = true;
    return { msgId, found, sent: await producer.send(message) };
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    return { msgId, found, error };
  }
}
