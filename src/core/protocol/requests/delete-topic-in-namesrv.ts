/** DELETE_TOPIC_IN_NAMESRV (216): removes the route of a topic. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const deleteTopicInNamesrv = defineRequest({
  code: RequestCode.DELETE_TOPIC_IN_NAMESRV,
  javaClass: 'DeleteTopicFromNamesrvRequestHeader',
  request: {
    topic: required('string'),
    /** Only the brokers of this cluster; absent means all. */
    clusterName: optional('string'),
  },
});
