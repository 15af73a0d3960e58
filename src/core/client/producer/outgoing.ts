/**
 * Messages made ready for the wire: checked, given their unique ids, compressed, their properties encoded; and the requests
 * they go in.
 */

import type { NewMessage } from '../../message/message.ts';
import type { MessageQueue } from '../../message/message-queue.ts';
import { encodeProperties, Property } from '../../message/properties.ts';
import { SysFlag } from '../../message/sys-flag.ts';
import { RETRY_GROUP_TOPIC_PREFIX, Topic } from '../../message/topic-validator.ts';
import { sendBatchMessage } from '../../protocol/requests/send-batch-message.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../protocol/requests/send-message-v2.ts';
import { sendReplyMessageV2 } from '../../protocol/requests/send-reply-message-v2.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { checkBatch, encodeBatch } from './message-batch.ts';
import { bodyOf, checkSize, propertiesOf } from './new-message.ts';
import type { ProducerOptions } from './producer-options.ts';
import { REPLY_MESSAGE_FLAG } from './reply-message.ts';

const COMPRESS_FROM_BYTES = 4096;
const DEFAULT_TOPIC_QUEUE_NUMS = 4;

/** A message ready for the wire. */
export interface Outgoing {
  readonly topic: string;
  readonly body: Buffer;
  readonly sysFlag: number;
  readonly flag: number;
  readonly properties: string;
  readonly msgId: string;
  readonly reconsumeTimes: number;
  readonly maxReconsumeTimes: number | undefined;
  /** The request it goes as: a message, a batch, a reply. */
  readonly schema: typeof sendMessageV2;
}

type Limits = Pick<ProducerOptions, 'compressMsgBodyOverHowmuch' | 'compressLevel' | 'maxMessageSize'>;

/** One message. Rejects with PocketError ILLEGAL_ARGUMENT for one that no broker would take. */
export async function outgoingOf(message: NewMessage, limits: Limits, nextUniqId: () => string): Promise<Outgoing> {
  const { compressMsgBodyOverHowmuch = COMPRESS_FROM_BYTES, compressLevel, maxMessageSize } = limits;
  const plain = bodyOf(message, maxMessageSize);
  const properties = propertiesOf(message);
  const msgId = properties[Property.UNIQ_KEY] ?? nextUniqId();
  properties[Property.UNIQ_KEY] = msgId;
  const { topic, flag = 0 } = message;
  const compressed = plain.length >= compressMsgBodyOverHowmuch;
  const sysFlag =
    (compressed ? SysFlag.COMPRESSED | SysFlag.COMPRESSION_ZLIB : 0) |
    (properties[Property.TRAN_MSG] === 'true' ? SysFlag.TRANSACTION_PREPARED : 0);
  return {
    ...{ topic, flag, sysFlag, msgId, ...attemptsOf(topic, properties) },
    body: compressed ? await compress(plain, compressLevel) : plain,
    properties: encodeProperties(properties),
    schema: properties[Property.MSG_TYPE] === REPLY_MESSAGE_FLAG ? sendReplyMessageV2 : sendMessageV2,
  };
}

/** What a retry says of itself goes into the header; as in Java it stays among the properties, too. */
function attemptsOf(
  topic: string,
  properties: Readonly<Record<string, string>>,
): Pick<Outgoing, 'reconsumeTimes' | 'maxReconsumeTimes'> {
  if (!topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) return { reconsumeTimes: 0, maxReconsumeTimes: undefined };
  const max = properties[Property.MAX_RECONSUME_TIMES];
  return {
    reconsumeTimes: Number(properties[Property.RECONSUME_TIME] ?? 0),
    maxReconsumeTimes: max === undefined ? undefined : Number(max),
  };
}

/** Messages that go as one. Throws PocketError ILLEGAL_ARGUMENT for those that cannot. */
export function outgoingBatch(messages: readonly NewMessage[], limits: Limits, nextUniqId: () => string): Outgoing {
  const { maxMessageSize } = limits;
  const first = checkBatch(messages.map((message) => ({ topic: message.topic, properties: propertiesOf(message) })));
  const plain = messages.map((message) => {
    const { topic, flag = 0 } = message;
    return { topic, flag, body: bodyOf(message, maxMessageSize), properties: propertiesOf(message) };
  });
  const { topic, body, properties, msgIds } = encodeBatch(plain, first, nextUniqId);
  checkSize(body, maxMessageSize);
  const msgId = msgIds.join(',');
  const schema = sendBatchMessage;
  return {
    topic,
    body,
    sysFlag: 0,
    flag: 0,
    properties,
    msgId,
    reconsumeTimes: 0,
    maxReconsumeTimes: undefined,
    schema,
  };
}

/** The request of a message to a queue. `bornTimestamp`: ms. */
export function requestOf(
  outgoing: Outgoing,
  queue: MessageQueue,
  { group, bornTimestamp }: { group: string; bornTimestamp: number },
): RemotingCommand {
  const { topic, sysFlag, flag, properties, reconsumeTimes, maxReconsumeTimes, schema } = outgoing;
  const header = toSendMessageV2Header({
    producerGroup: group,
    ...{ topic, sysFlag, bornTimestamp, flag, properties, reconsumeTimes, maxReconsumeTimes },
    defaultTopic: Topic.AUTO_CREATE,
    defaultTopicQueueNums: DEFAULT_TOPIC_QUEUE_NUMS,
    queueId: queue.queueId,
    unitMode: false,
    batch: schema === sendBatchMessage,
    bname: queue.brokerName,
  });
  return createRequest(schema, header, outgoing.body);
}

/** Loaded when first needed: a tool that sends short messages starts without it. */
async function compress(body: Buffer, level: number | undefined): Promise<Buffer> {
  const { compressBody } = await import('../../message/compression.ts');
  return compressBody(body, level);
}
