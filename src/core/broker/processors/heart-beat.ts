/**
 * HEART_BEAT (34): a client names its groups and subscriptions on this connection.
 * Behaviour: unknown consumer groups and their retry topics are created where that is allowed; a changed group is told to
 *   all its members.
 * Differences from 4.9: a body that cannot be read is code 1 with a sentence, and so are names that are too long and a
 *   client in too many groups.
 * Version notes: heartbeat V2 of 5.x is never announced, so that every heartbeat is whole.
 */

import { RETRY_GROUP_TOPIC_PREFIX } from '../../message/topic-validator.ts';
import { decodeHeartbeatData, type HeartbeatData } from '../../protocol/bodies/heartbeat-data.ts';
import type { heartBeat } from '../../protocol/requests/heart-beat.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';
import { PERM_READ, PERM_WRITE } from '../perm-name.ts';
import { MAX_CLIENT_ID_LENGTH, MAX_GROUP_LENGTH, MAX_GROUPS_OF_CLIENT, tooMany } from '../table-limits.ts';
import { TOPIC_SYS_FLAG_UNIT_SUB } from '../topic-config-text.ts';

export const processHeartBeat: BrokerProcessor<typeof heartBeat> = (context, request) => {
  const heartbeat = decodeHeartbeatData(request.body);
  checkNames(heartbeat);
  const { connection, command } = request;
  const channel = {
    connection,
    clientId: heartbeat.clientID,
    language: command.language,
    version: command.version,
    lastUpdate: context.clock.now(),
  };
  for (const data of heartbeat.consumerDataSet) {
    const group = context.groups.find(data.groupName);
    if (group !== undefined) {
      const sysFlag = data.unitMode ? TOPIC_SYS_FLAG_UNIT_SUB : 0;
      const retryTopic = RETRY_GROUP_TOPIC_PREFIX + data.groupName;
      context.topics.createInSendBack(retryTopic, group.retryQueueNums, PERM_WRITE | PERM_READ, sysFlag);
    }
    context.consumers.register(channel, data, group?.notifyConsumerIdsChangedEnable ?? true);
    context.filters.register(data.groupName, data.subscriptionDataSet);
  }
  for (const data of heartbeat.producerDataSet) context.producers.register(data.groupName, channel);
  return { code: ResponseCode.SUCCESS };
};

/** Throws ReplyError before anything of the heartbeat is taken over. */
function checkNames({ clientID, consumerDataSet, producerDataSet }: HeartbeatData): void {
  if (clientID.length > MAX_CLIENT_ID_LENGTH) {
    throw tooMany(`the clientID has ${clientID.length} characters`, MAX_CLIENT_ID_LENGTH);
  }
  for (const set of [consumerDataSet, producerDataSet]) {
    if (set.length > MAX_GROUPS_OF_CLIENT) {
      throw tooMany(`the heartbeat names ${set.length} groups`, MAX_GROUPS_OF_CLIENT);
    }
    for (const { groupName } of set) {
      if (groupName.length <= MAX_GROUP_LENGTH) continue;
      throw tooMany(`the name of a group has ${groupName.length} characters`, MAX_GROUP_LENGTH);
    }
  }
}
