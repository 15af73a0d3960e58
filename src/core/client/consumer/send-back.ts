/**
 * Gives a message that could not be consumed back to the broker, which delivers it again later: CONSUMER_SEND_MSG_BACK,
 * and when that fails a new message to the group's retry topic. Mirrors sendMessageBack of DefaultMQPushConsumerImpl and
 * DefaultMQPullConsumerImpl.
 */

import type { Message, MessageExt } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { consumerSendMsgBack } from '../../protocol/requests/consumer-send-msg-back.ts';
import { call } from '../../remoting/call.ts';
import type { ClientInstance } from '../client-instance.ts';
import { brokerNotFound } from '../find-broker.ts';
import type { Producer } from '../producer/producer.ts';

/** The producer group every Java client has for the messages it sends for itself. */
export const INNER_PRODUCER_GROUP = 'CLIENT_INNER_PRODUCER';
const SEND_BACK_TIMEOUT_MS = 5000;
/** Delay level of the first retry: level 3 is 10 s. */
const FIRST_RETRY_LEVEL = 3;

export interface SendBackOptions {
  readonly instance: ClientInstance;
  readonly producer: Producer;
  readonly group: string;
  readonly maxReconsumeTimes: number;
  /** When the broker delivers it again: a delay level, 0 (default) by the number of tries, -1 never (dead letter queue). */
  readonly delayLevel?: number | undefined;
}

/** `brokerName`: where the message was pulled. Rejects with PocketError when neither way works. */
export async function sendBack(options: SendBackOptions, message: MessageExt, brokerName: string): Promise<void> {
  const { instance, group, maxReconsumeTimes } = options;
  try {
    const addr = instance.routes.masterAddr(brokerName);
    if (addr === undefined) throw brokerNotFound(brokerName);
    const header = {
      offset: message.commitLogOffset,
      group,
      delayLevel: options.delayLevel ?? 0,
      originMsgId: message.msgId,
      originTopic: message.topic,
      unitMode: false,
      maxReconsumeTimes,
      bname: brokerName,
    };
    await call(instance.client, addr, consumerSendMsgBack, header, { timeoutMs: SEND_BACK_TIMEOUT_MS });
  } catch (error) {
    instance.logger.warn(
      `the broker did not take ${message.msgId} back, it is sent to the retry topic: ${String(error)}`,
    );
    await options.producer.send(retryMessage(message, group, maxReconsumeTimes), { timeoutMs: SEND_BACK_TIMEOUT_MS });
  }
}

/** What an ordered consumer gives up: to the retry topic, where its number of tries makes it a dead letter. Rejects as a send. */
export async function sendToRetryTopic(options: SendBackOptions, message: MessageExt): Promise<void> {
  const copy = retryMessage(message, options.group, options.maxReconsumeTimes, message.reconsumeTimes);
  await options.producer.send(copy, { timeoutMs: SEND_BACK_TIMEOUT_MS });
}

/** The copy for the retry topic, as the broker would have made it; `tries` is the reconsumeTimes of the copy. */
export function retryMessage(
  message: MessageExt,
  group: string,
  maxReconsumeTimes: number,
  tries = message.reconsumeTimes + 1,
): Message {
  const properties: Record<string, string> = {
    ...message.properties,
    [Property.RETRY_TOPIC]: message.topic,
    [Property.ORIGIN_MESSAGE_ID]: message.properties[Property.ORIGIN_MESSAGE_ID] ?? message.offsetMsgId,
    [Property.RECONSUME_TIME]: String(tries),
    [Property.MAX_RECONSUME_TIMES]: String(maxReconsumeTimes),
    [Property.DELAY]: String(FIRST_RETRY_LEVEL + message.reconsumeTimes),
  };
  // Consumer-side notes and the half-message mark are no part of the copy.
  for (const name of [Property.TRAN_MSG, Property.MIN_OFFSET, Property.MAX_OFFSET, Property.CONSUME_START_TIME]) {
    delete properties[name];
  }
  return { topic: `${RETRY_GROUP_TOPIC_PREFIX}${group}`, body: message.body, flag: message.flag, properties };
}
