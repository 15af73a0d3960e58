/** VIEW_BROKER_STATS_DATA (315): one statistics item by minute, hour and day (body BrokerStatsData). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const viewBrokerStatsData = defineRequest({
  code: RequestCode.VIEW_BROKER_STATS_DATA,
  javaClass: 'ViewBrokerStatsDataRequestHeader',
  request: {
    /** Such as TOPIC_PUT_NUMS. */
    statsName: required('string'),
    /** Such as a topic, `topic@group` or the cluster name. */
    statsKey: required('string'),
  },
});
