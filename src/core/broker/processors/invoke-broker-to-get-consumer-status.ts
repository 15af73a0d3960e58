/**
 * INVOKE_BROKER_TO_GET_CONSUMER_STATUS (223): how far the members of a group say they are in the queues of a topic.
 * Behaviour: each member, or the one whose client id is named, is asked (221); those that do not answer, or not with success,
 *   are left out; code 1 when nobody is online.
 * Differences from 4.9: members are asked at the same time; an unknown group gets the sentence of one without members (Java:
 *   a NullPointerException).
 * Version notes: members older than V3_0_7_SNAPSHOT are an error.
 */

import { PocketError } from '../../common/errors.ts';
import { decodeConsumerStatus, encodeConsumerStatus } from '../../protocol/bodies/consumer-status.ts';
import { getConsumerStatusFromClient } from '../../protocol/requests/get-consumer-status-from-client.ts';
import type { invokeBrokerToGetConsumerStatus } from '../../protocol/requests/invoke-broker-to-get-consumer-status.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { checkKnowsOffsets } from '../broker-to-client.ts';
import type { ClientChannel } from '../client-channel.ts';

const CLIENT_TIMEOUT_MS = 5000;

export const processInvokeBrokerToGetConsumerStatus: BrokerProcessor<typeof invokeBrokerToGetConsumerStatus> = async (
  context,
  request,
) => {
  const { topic, group, clientAddr = '' } = request.header;
  const channels = context.consumers.group(group)?.channels() ?? [];
  if (channels.length === 0) {
    const remark = `No Any Consumer online in the consumer group: [${group}]`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
  }
  for (const channel of channels) checkKnowsOffsets(channel);
  const question = createRequest(getConsumerStatusFromClient, { topic, group });
  const askedFor = channels.filter(({ clientId }) => clientAddr.trim() === '' || clientId === clientAddr);
  const answers = await Promise.all(
    askedFor.map(async (channel) => [channel.clientId, await statusOf(channel, question)] as const),
  );
  const consumerTable = Object.fromEntries(
    answers.flatMap(([id, table]) => (table === undefined ? [] : [[id, table]])),
  );
  return { code: ResponseCode.SUCCESS, body: encodeConsumerStatus({ consumerTable, messageQueueTable: [] }) };
};

async function statusOf({ connection }: ClientChannel, question: ReturnType<typeof createRequest>) {
  try {
    const { code, body } = await connection.invoke(question, CLIENT_TIMEOUT_MS);
    if (code !== ResponseCode.SUCCESS || body === undefined) return undefined;
    return decodeConsumerStatus(body).messageQueueTable;
  } catch (error) {
    if (error instanceof PocketError) return undefined;
    throw error;
  }
}
