/**
 * CONSUMER_SEND_MSG_BACK (36): a consumer gives back a message that it could not consume. A copy is stored for its group: to be
 * delivered again after a delay, or in the group's dead letter queue once it came back too often.
 * Behaviour: group (26), brokerPermission (16), no retry queues (answered OK, nothing stored), the retry topic and its
 *   permission (16), the message (1); then the put, whose failure is code 1 with the status as remark.
 * Differences from 4.9: with SYNC_FLUSH the answer waits for the disk (Java's copy says WAIT=false, and so does ours, but a
 *   consumer goes on behind the message once it has the answer).
 * Version notes: maxReconsumeTimes counts from V3_4_9 on.
 */

import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import { Property } from '../../message/properties.ts';
import { draftOfRecord } from '../../message/record-draft.ts';
import { DLQ_GROUP_TOPIC_PREFIX, RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import type { SubscriptionGroupConfig } from '../../protocol/bodies/subscription-group.ts';
import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import type { consumerSendMsgBack } from '../../protocol/requests/consumer-send-msg-back.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { type Reply, SUSPENDED } from '../../remoting/processor-table.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { PutMessageStatus } from '../../store/put-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { isWriteable, PERM_READ, PERM_WRITE } from '../perm-name.ts';
import { isConsumedTooOften } from '../reconsume-limit.ts';
import { TOPIC_SYS_FLAG_UNIT_SUB } from '../topic-config-text.ts';

type SendBackProcessor = BrokerProcessor<typeof consumerSendMsgBack>;
type SendBackRequest = Parameters<SendBackProcessor>[1];

/** Level of the first retry when the consumer leaves it to the broker: 10 s. */
const FIRST_RETRY_LEVEL = 3;

export const processConsumerSendMsgBack: SendBackProcessor = async (context, request) => {
  const group = admit(context, request);
  if (group.retryQueueNums <= 0) return { code: ResponseCode.SUCCESS };
  const retry = retryTopic(context, request, group);
  const message = readMessage(context, request);
  const { delayLevel, maxReconsumeTimes } = request.header;
  const client = { version: request.command.version, maxReconsumeTimes };
  const isDead = delayLevel < 0 || isConsumedTooOften(message.reconsumeTimes, group, client);
  const topic = isDead ? deadLetterTopic(context, group) : retry;
  if ((await context.topics.saving(topic.topicName)) === false) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `topic[${topic.topicName}] not exist`);
  }
  const level = delayLevel === 0 ? FIRST_RETRY_LEVEL + message.reconsumeTimes : delayLevel;
  const queueId = context.messagePut.chooseQueue(topic, -1);
  store(context, request, message, { topic: topic.topicName, queueId, level: isDead ? 0 : level });
  return SUSPENDED;
};

function admit({ groups, config }: BrokerContext, { header }: SendBackRequest): SubscriptionGroupConfig {
  const group = groups.require(header.group);
  if (!isWriteable(config.brokerPermission)) {
    throw new ReplyError(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] sending message is forbidden`);
  }
  return group;
}

function retryTopic({ topics }: BrokerContext, request: SendBackRequest, group: SubscriptionGroupConfig): TopicConfig {
  const name = RETRY_GROUP_TOPIC_PREFIX + group.groupName;
  const sysFlag = request.header.unitMode === true ? TOPIC_SYS_FLAG_UNIT_SUB : 0;
  const topic = topics.createInSendBack(name, group.retryQueueNums, PERM_WRITE | PERM_READ, sysFlag);
  if (!isWriteable(topic.perm)) {
    throw new ReplyError(ResponseCode.NO_PERMISSION, `the topic[${name}] sending message is forbidden`);
  }
  return topic;
}

function deadLetterTopic({ topics }: BrokerContext, group: SubscriptionGroupConfig): TopicConfig {
  return topics.createInSendBack(DLQ_GROUP_TOPIC_PREFIX + group.groupName, 1, PERM_WRITE | PERM_READ, 0);
}

function readMessage({ store }: BrokerContext, { header }: SendBackRequest): MessageExt {
  const record = store.lookMessageByOffset(header.offset);
  if (record === undefined) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `look message by offset failed, ${header.offset}`);
  }
  return decodeMessage(record, 0, { decompress: false });
}

/** `level`: the delay, 0 for none. */
function store(
  { schedule, stats }: BrokerContext,
  request: SendBackRequest,
  message: MessageExt,
  { topic, queueId, level }: { topic: string; queueId: number; level: number },
): void {
  const reconsumeTimes = message.reconsumeTimes + 1;
  const sentTo = message.properties[Property.RETRY_TOPIC] ?? message.topic;
  const properties: Record<string, string> = {
    ...message.properties,
    [Property.RETRY_TOPIC]: sentTo,
    [Property.ORIGIN_MESSAGE_ID]: message.properties[Property.ORIGIN_MESSAGE_ID] ?? message.offsetMsgId,
    [Property.WAIT]: 'false',
    [Property.DELAY]: String(level),
  };
  const onPut = (status: PutMessageStatus): void => {
    if (status === PutMessageStatus.PUT_OK) stats.items.sentBack(request.header.group, sentTo);
    request.respond(answer(status));
  };
  schedule.put(draftOfRecord(message, { topic, queueId, properties, reconsumeTimes }), properties, { onPut });
}

function answer(status: PutMessageStatus): Reply<(typeof consumerSendMsgBack)['response']> {
  if (status === PutMessageStatus.PUT_OK) return { code: ResponseCode.SUCCESS };
  return { code: ResponseCode.SYSTEM_ERROR, remark: status };
}
