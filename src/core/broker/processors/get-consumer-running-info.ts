/**
 * GET_CONSUMER_RUNNING_INFO (307): passed on to one member of a group, and its answer back.
 * Behaviour: code 1 when the member is not online, 207 when it does not answer within 10 s; what it answers is not looked at.
 * Differences from 4.9: none.
 * Version notes: members older than V3_1_8_SNAPSHOT are not asked.
 */

import { getConsumerRunningInfo } from '../../protocol/requests/get-consumer-running-info.ts';
import { createRequest } from '../../remoting/remoting-command.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { callConsumer } from '../broker-to-client.ts';

export const processGetConsumerRunningInfo: BrokerProcessor<typeof getConsumerRunningInfo> = (context, request) => {
  const { header, command, body } = request;
  const { consumerGroup: group, clientId } = header;
  const passedOn = { ...createRequest(getConsumerRunningInfo, header, body), extFields: command.extFields };
  return callConsumer(context, { group, clientId }, passedOn);
};
