/** UPDATE_AND_CREATE_TOPIC (17): creates or replaces the config of one topic on a broker. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const updateAndCreateTopic = defineRequest({
  code: RequestCode.UPDATE_AND_CREATE_TOPIC,
  javaClass: 'CreateTopicRequestHeader',
  request: {
    topic: required('string'),
    defaultTopic: required('string'),
    readQueueNums: required('int'),
    writeQueueNums: required('int'),
    perm: required('int'),
    /** SINGLE_TAG or MULTI_TAG. */
    topicFilterType: required('string'),
    topicSysFlag: optional('int'),
    /** Ignored by brokers: order comes from the KV namespace ORDER_TOPIC_CONFIG of the namesrv. */
    order: required('boolean'),
  },
});
