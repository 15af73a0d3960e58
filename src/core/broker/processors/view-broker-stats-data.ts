/**
 * VIEW_BROKER_STATS_DATA (315): one statistic over the last minute, hour and day.
 * Behaviour: stats-items.ts says which there are; code 1 for one that was never counted.
 * Differences from 4.9: hour and day are right from the first message on (Java's are 0 for ten minutes and an hour).
 * Version notes: none.
 */

import { encodeBrokerStatsData } from '../../protocol/bodies/broker-stats-data.ts';
import type { viewBrokerStatsData } from '../../protocol/requests/view-broker-stats-data.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processViewBrokerStatsData: BrokerProcessor<typeof viewBrokerStatsData> = (context, request) => {
  const { statsName, statsKey } = request.header;
  const data = context.stats.items.view(statsName, statsKey, context.config.brokerClusterName);
  if (data === undefined) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, `The stats <${statsName}> <${statsKey}> not exist`);
  }
  return { code: ResponseCode.SUCCESS, body: encodeBrokerStatsData(data) };
};
