/**
 * GET_TOPICS_BY_CLUSTER (224): the topics on the brokers of a cluster (body TopicList); empty for an unknown cluster.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getTopicsByCluster = defineRequest({
  code: RequestCode.GET_TOPICS_BY_CLUSTER,
  javaClass: 'GetTopicsByClusterRequestHeader',
  request: {
    cluster: required('string'),
  },
});
