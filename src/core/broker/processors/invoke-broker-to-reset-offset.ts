/**
 * INVOKE_BROKER_TO_RESET_OFFSET (222): sends the members of a group to other offsets of a topic.
 * Behaviour: the offset of each write queue at a time, or its end for -1; unless it is forced, none goes forward. Every member
 *   is told by a one-way RESET_CONSUMER_CLIENT_OFFSET (220); the stored offsets are theirs to change, the broker leaves them.
 *   1 for an unknown topic, or a queue of which the group has no offset; 206 when nobody is online. The same offsets are the
 *   answer.
 * Differences from 4.9: members that say they are C++ clients get the form they can read without being asked for it; for Java
 *   the request's language alone decides.
 * Version notes: members older than V3_0_7_SNAPSHOT are an error; queueId and offset of 5.x are not read.
 */

import { encodeResetOffset, encodeResetOffsetForC, type QueueOffset } from '../../protocol/bodies/reset-offset.ts';
import type { invokeBrokerToResetOffset } from '../../protocol/requests/invoke-broker-to-reset-offset.ts';
import { resetConsumerClientOffset } from '../../protocol/requests/reset-consumer-client-offset.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { checkKnowsOffsets } from '../broker-to-client.ts';

const CPP = 'CPP';
/** As a timestamp: the end of each queue. */
const END = -1;

interface Reset {
  readonly topic: string;
  readonly group: string;
  readonly timestamp: number;
  readonly isForce: boolean;
}

export const processInvokeBrokerToResetOffset: BrokerProcessor<typeof invokeBrokerToResetOffset> = (
  context,
  request,
) => {
  const { topic, group, timestamp } = request.header;
  const { remoteAddr } = request.connection;
  context.logger.info(`reset offset of ${group} on ${topic} to ${timestamp} called by ${remoteAddr}`);
  const offsets = targets(context, request.header);
  const channels = context.consumers.group(group)?.channels() ?? [];
  if (channels.length === 0) {
    const where = `Group: ${group} Topic: ${topic} Timestamp: ${timestamp}`;
    const remark = `Consumer not online, so can not reset offset, ${where}`;
    throw new ReplyError(ResponseCode.CONSUMER_NOT_ONLINE, remark);
  }
  for (const channel of channels) checkKnowsOffsets(channel);
  const notice = createRequest(resetConsumerClientOffset, request.header, encodeResetOffset(offsets));
  const noticeForC = { ...notice, body: encodeResetOffsetForC(offsets) };
  const isForC = request.command.language === CPP;
  for (const { connection, language } of channels) {
    connection.oneway(isForC || language === CPP ? noticeForC : notice);
  }
  return { code: ResponseCode.SUCCESS, body: encodeResetOffset(offsets) };
};

function targets(context: BrokerContext, { topic, group, timestamp, isForce }: Reset): QueueOffset[] {
  const { store, offsets, config } = context;
  const topicConfig = context.topics.select(topic);
  if (topicConfig === undefined) {
    throw refusal(`[reset-offset] reset offset failed, no topic in this broker. topic=${topic}`);
  }
  return Array.from({ length: topicConfig.writeQueueNums }, (_, queueId) => {
    const current = offsets.query(group, topic, queueId);
    // The first two letters are Java's.
    if (current === -1) throw refusal(`THe consumer group <${group}> not exist`);
    const byTime =
      timestamp === END ? store.maxOffsetInQueue(topic, queueId) : store.offsetInQueueByTime(topic, queueId, timestamp);
    const wanted = Math.max(0, byTime);
    const mq = { topic, brokerName: config.brokerName, queueId };
    return { mq, offset: isForce || wanted < current ? wanted : current };
  });
}

function refusal(text: string): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, text);
}
