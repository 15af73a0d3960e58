/**
 * Which request is answered by which processor: the one table of the broker. Codes that are not here get code 3
 * (processor-table.ts). Sends have a raw processor in front of the ordinary one.
 */

import { RequestCode } from '../../protocol/request-code.ts';
import { checkClientConfig } from '../../protocol/requests/check-client-config.ts';
import { cleanExpiredConsumequeue } from '../../protocol/requests/clean-expired-consumequeue.ts';
import { cleanUnusedTopic } from '../../protocol/requests/clean-unused-topic.ts';
import { cloneGroupOffset } from '../../protocol/requests/clone-group-offset.ts';
import { consumeMessageDirectly } from '../../protocol/requests/consume-message-directly.ts';
import { consumerSendMsgBack } from '../../protocol/requests/consumer-send-msg-back.ts';
import { deleteExpiredCommitlog } from '../../protocol/requests/delete-expired-commitlog.ts';
import { deleteSubscriptiongroup } from '../../protocol/requests/delete-subscriptiongroup.ts';
import { deleteTopicInBroker } from '../../protocol/requests/delete-topic-in-broker.ts';
import { endTransaction } from '../../protocol/requests/end-transaction.ts';
import { getAllConsumerOffset } from '../../protocol/requests/get-all-consumer-offset.ts';
import { getAllDelayOffset } from '../../protocol/requests/get-all-delay-offset.ts';
import { getAllProducerInfo } from '../../protocol/requests/get-all-producer-info.ts';
import { getAllSubscriptiongroupConfig } from '../../protocol/requests/get-all-subscriptiongroup-config.ts';
import { getAllTopicConfig } from '../../protocol/requests/get-all-topic-config.ts';
import { getBrokerConfig } from '../../protocol/requests/get-broker-config.ts';
import { getBrokerConsumeStats } from '../../protocol/requests/get-broker-consume-stats.ts';
import { getBrokerRuntimeInfo } from '../../protocol/requests/get-broker-runtime-info.ts';
import { getConsumeStats } from '../../protocol/requests/get-consume-stats.ts';
import { getConsumerConnectionList } from '../../protocol/requests/get-consumer-connection-list.ts';
import { getConsumerListByGroup } from '../../protocol/requests/get-consumer-list-by-group.ts';
import { getConsumerRunningInfo } from '../../protocol/requests/get-consumer-running-info.ts';
import { getEarliestMsgStoretime } from '../../protocol/requests/get-earliest-msg-storetime.ts';
import { getMaxOffset } from '../../protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../protocol/requests/get-min-offset.ts';
import { getProducerConnectionList } from '../../protocol/requests/get-producer-connection-list.ts';
import { getSubscriptiongroupConfig } from '../../protocol/requests/get-subscriptiongroup-config.ts';
import { getSystemTopicListFromBroker } from '../../protocol/requests/get-system-topic-list-from-broker.ts';
import { getTopicConfig } from '../../protocol/requests/get-topic-config.ts';
import { getTopicStatsInfo } from '../../protocol/requests/get-topic-stats-info.ts';
import { heartBeat } from '../../protocol/requests/heart-beat.ts';
import { invokeBrokerToGetConsumerStatus } from '../../protocol/requests/invoke-broker-to-get-consumer-status.ts';
import { invokeBrokerToResetOffset } from '../../protocol/requests/invoke-broker-to-reset-offset.ts';
import { litePullMessage } from '../../protocol/requests/lite-pull-message.ts';
import { lockBatchMq } from '../../protocol/requests/lock-batch-mq.ts';
import { pullMessage } from '../../protocol/requests/pull-message.ts';
import { queryConsumeQueue } from '../../protocol/requests/query-consume-queue.ts';
import { queryConsumeTimeSpan } from '../../protocol/requests/query-consume-time-span.ts';
import { queryConsumerOffset } from '../../protocol/requests/query-consumer-offset.ts';
import { queryCorrectionOffset } from '../../protocol/requests/query-correction-offset.ts';
import { queryMessage } from '../../protocol/requests/query-message.ts';
import { querySubscriptionByConsumer } from '../../protocol/requests/query-subscription-by-consumer.ts';
import { queryTopicConsumeByWho } from '../../protocol/requests/query-topic-consume-by-who.ts';
import { queryTopicsByConsumer } from '../../protocol/requests/query-topics-by-consumer.ts';
import { resumeCheckHalfMessage } from '../../protocol/requests/resume-check-half-message.ts';
import { searchOffsetByTimestamp } from '../../protocol/requests/search-offset-by-timestamp.ts';
import { sendBatchMessage } from '../../protocol/requests/send-batch-message.ts';
import { sendMessage } from '../../protocol/requests/send-message.ts';
import { sendMessageV2 } from '../../protocol/requests/send-message-v2.ts';
import { sendReplyMessage } from '../../protocol/requests/send-reply-message.ts';
import { sendReplyMessageV2 } from '../../protocol/requests/send-reply-message-v2.ts';
import { unlockBatchMq } from '../../protocol/requests/unlock-batch-mq.ts';
import { unregisterClient } from '../../protocol/requests/unregister-client.ts';
import { updateAndCreateSubscriptiongroup } from '../../protocol/requests/update-and-create-subscriptiongroup.ts';
import { updateAndCreateTopic } from '../../protocol/requests/update-and-create-topic.ts';
import { updateBrokerConfig } from '../../protocol/requests/update-broker-config.ts';
import { updateConsumerOffset } from '../../protocol/requests/update-consumer-offset.ts';
import { viewBrokerStatsData } from '../../protocol/requests/view-broker-stats-data.ts';
import { viewMessageById } from '../../protocol/requests/view-message-by-id.ts';
import type { RequestSchema } from '../../protocol/schema.ts';
import { ProcessorTable } from '../../remoting/processor-table.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { processCheckClientConfig } from './check-client-config.ts';
import { processCleanExpiredConsumequeue } from './clean-expired-consumequeue.ts';
import { processCleanUnusedTopic } from './clean-unused-topic.ts';
import { processCloneGroupOffset } from './clone-group-offset.ts';
import { processConsumeMessageDirectly } from './consume-message-directly.ts';
import { processConsumerSendMsgBack } from './consumer-send-msg-back.ts';
import { processDeleteExpiredCommitlog } from './delete-expired-commitlog.ts';
import { processDeleteSubscriptiongroup } from './delete-subscriptiongroup.ts';
import { processDeleteTopicInBroker } from './delete-topic-in-broker.ts';
import { processEndTransaction } from './end-transaction.ts';
import { processGetAllConsumerOffset } from './get-all-consumer-offset.ts';
import { processGetAllDelayOffset } from './get-all-delay-offset.ts';
import { processGetAllProducerInfo } from './get-all-producer-info.ts';
import { processGetAllSubscriptiongroupConfig } from './get-all-subscriptiongroup-config.ts';
import { processGetAllTopicConfig } from './get-all-topic-config.ts';
import { processGetBrokerConfig } from './get-broker-config.ts';
import { processGetBrokerConsumeStats } from './get-broker-consume-stats.ts';
import { processGetBrokerRuntimeInfo } from './get-broker-runtime-info.ts';
import { processGetConsumeStats } from './get-consume-stats.ts';
import { processGetConsumerConnectionList } from './get-consumer-connection-list.ts';
import { processGetConsumerListByGroup } from './get-consumer-list-by-group.ts';
import { processGetConsumerRunningInfo } from './get-consumer-running-info.ts';
import { processGetEarliestMsgStoretime } from './get-earliest-msg-storetime.ts';
import { processGetMaxOffset } from './get-max-offset.ts';
import { processGetMinOffset } from './get-min-offset.ts';
import { processGetProducerConnectionList } from './get-producer-connection-list.ts';
import { processGetSubscriptiongroupConfig } from './get-subscriptiongroup-config.ts';
import { processGetSystemTopicListFromBroker } from './get-system-topic-list-from-broker.ts';
import { processGetTopicConfig } from './get-topic-config.ts';
import { processGetTopicStatsInfo } from './get-topic-stats-info.ts';
import { processHeartBeat } from './heart-beat.ts';
import { processInvokeBrokerToGetConsumerStatus } from './invoke-broker-to-get-consumer-status.ts';
import { processInvokeBrokerToResetOffset } from './invoke-broker-to-reset-offset.ts';
import { processLockBatchMq } from './lock-batch-mq.ts';
import { processPullMessage } from './pull-message.ts';
import { processQueryConsumeQueue } from './query-consume-queue.ts';
import { processQueryConsumeTimeSpan } from './query-consume-time-span.ts';
import { processQueryConsumerOffset } from './query-consumer-offset.ts';
import { processQueryCorrectionOffset } from './query-correction-offset.ts';
import { processQueryMessage } from './query-message.ts';
import { processQuerySubscriptionByConsumer } from './query-subscription-by-consumer.ts';
import { processQueryTopicConsumeByWho } from './query-topic-consume-by-who.ts';
import { processQueryTopicsByConsumer } from './query-topics-by-consumer.ts';
import { processResumeCheckHalfMessage } from './resume-check-half-message.ts';
import { processSearchOffsetByTimestamp } from './search-offset-by-timestamp.ts';
import { sendBatch } from './send-batch-message.ts';
import { eitherSpelling, sendProcessor } from './send-message.ts';
import { rawSendProcessor } from './send-message-raw.ts';
import { processSendReplyMessage, replySchema } from './send-reply-message.ts';
import { processUnlockBatchMq } from './unlock-batch-mq.ts';
import { processUnregisterClient } from './unregister-client.ts';
import { processUpdateAndCreateSubscriptiongroup } from './update-and-create-subscriptiongroup.ts';
import { processUpdateAndCreateTopic } from './update-and-create-topic.ts';
import { processUpdateBrokerConfig } from './update-broker-config.ts';
import { processUpdateConsumerOffset } from './update-consumer-offset.ts';
import { processViewBrokerStatsData } from './view-broker-stats-data.ts';
import { processViewMessageById } from './view-message-by-id.ts';

interface Row {
  code: number;
  register(table: ProcessorTable<BrokerContext>): void;
}

function row<S extends RequestSchema>(schema: S, processor: BrokerProcessor<S>): Row {
  return { code: schema.code, register: (table) => table.register<S['request'], S['response']>(schema, processor) };
}

const processSendMessage = sendProcessor(sendBatch);

const rows: readonly Row[] = [
  row(eitherSpelling(sendMessage), processSendMessage),
  row(pullMessage, processPullMessage),
  row(queryMessage, processQueryMessage),
  row(queryConsumerOffset, processQueryConsumerOffset),
  row(updateConsumerOffset, processUpdateConsumerOffset),
  row(updateAndCreateTopic, processUpdateAndCreateTopic),
  row(getAllTopicConfig, processGetAllTopicConfig),
  row(updateBrokerConfig, processUpdateBrokerConfig),
  row(getBrokerConfig, processGetBrokerConfig),
  row(getBrokerRuntimeInfo, processGetBrokerRuntimeInfo),
  row(searchOffsetByTimestamp, processSearchOffsetByTimestamp),
  row(getMaxOffset, processGetMaxOffset),
  row(getMinOffset, processGetMinOffset),
  row(getEarliestMsgStoretime, processGetEarliestMsgStoretime),
  row(viewMessageById, processViewMessageById),
  row(heartBeat, processHeartBeat),
  row(unregisterClient, processUnregisterClient),
  row(consumerSendMsgBack, processConsumerSendMsgBack),
  row(endTransaction, processEndTransaction),
  row(getConsumerListByGroup, processGetConsumerListByGroup),
  row(lockBatchMq, processLockBatchMq),
  row(unlockBatchMq, processUnlockBatchMq),
  row(getAllConsumerOffset, processGetAllConsumerOffset),
  row(getAllDelayOffset, processGetAllDelayOffset),
  row(checkClientConfig, processCheckClientConfig),
  row(updateAndCreateSubscriptiongroup, processUpdateAndCreateSubscriptiongroup),
  row(getAllSubscriptiongroupConfig, processGetAllSubscriptiongroupConfig),
  row(getTopicStatsInfo, processGetTopicStatsInfo),
  row(getConsumerConnectionList, processGetConsumerConnectionList),
  row(getProducerConnectionList, processGetProducerConnectionList),
  row(deleteSubscriptiongroup, processDeleteSubscriptiongroup),
  row(getConsumeStats, processGetConsumeStats),
  row(deleteTopicInBroker, processDeleteTopicInBroker),
  row(invokeBrokerToResetOffset, processInvokeBrokerToResetOffset),
  row(invokeBrokerToGetConsumerStatus, processInvokeBrokerToGetConsumerStatus),
  row(queryTopicConsumeByWho, processQueryTopicConsumeByWho),
  row(queryConsumeTimeSpan, processQueryConsumeTimeSpan),
  row(getSystemTopicListFromBroker, processGetSystemTopicListFromBroker),
  row(cleanExpiredConsumequeue, processCleanExpiredConsumequeue),
  row(getConsumerRunningInfo, processGetConsumerRunningInfo),
  row(queryCorrectionOffset, processQueryCorrectionOffset),
  row(consumeMessageDirectly, processConsumeMessageDirectly),
  row(eitherSpelling(sendMessageV2), processSendMessage),
  row(cloneGroupOffset, processCloneGroupOffset),
  row(viewBrokerStatsData, processViewBrokerStatsData),
  row(cleanUnusedTopic, processCleanUnusedTopic),
  row(getBrokerConsumeStats, processGetBrokerConsumeStats),
  row(queryConsumeQueue, processQueryConsumeQueue),
  row(replySchema(sendReplyMessage), processSendReplyMessage),
  row(replySchema(sendReplyMessageV2), processSendReplyMessage),
  row(getAllProducerInfo, processGetAllProducerInfo),
  row(deleteExpiredCommitlog, processDeleteExpiredCommitlog),
  row(queryTopicsByConsumer, processQueryTopicsByConsumer),
  row(querySubscriptionByConsumer, processQuerySubscriptionByConsumer),
  row(resumeCheckHalfMessage, processResumeCheckHalfMessage),
  row(getTopicConfig, processGetTopicConfig),
  row(getSubscriptiongroupConfig, processGetSubscriptiongroupConfig),
  row(eitherSpelling(sendBatchMessage), processSendMessage),
  row(litePullMessage, processPullMessage),
];

/** The VIP port serves everything but this (framing.md section 9). */
const NOT_ON_VIP: ReadonlySet<number> = new Set([RequestCode.PULL_MESSAGE]);

/** The codes a broker serves, ascending. */
export const servedCodes: readonly number[] = rows.map(({ code }) => code).sort((a, b) => a - b);

/** The processors of the broker's port and of its VIP port. */
export function brokerProcessors(context: BrokerContext): {
  main: ProcessorTable<BrokerContext>;
  vip: ProcessorTable<BrokerContext>;
} {
  const send = rawSendProcessor(context);
  const main = new ProcessorTable(context, context.logger);
  const vip = new ProcessorTable(context, context.logger);
  for (const { code, register } of rows) {
    register(main);
    if (!NOT_ON_VIP.has(code)) register(vip);
  }
  for (const table of [main, vip]) table.raw(RequestCode.SEND_MESSAGE, send).raw(RequestCode.SEND_MESSAGE_V2, send);
  return { main, vip };
}
