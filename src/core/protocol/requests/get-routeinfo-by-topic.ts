/** GET_ROUTEINFO_BY_TOPIC (105): brokers and queues of a topic (body TopicRouteData). */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const getRouteinfoByTopic = defineRequest({
  code: RequestCode.GET_ROUTEINFO_BY_TOPIC,
  javaClass: 'GetRouteInfoRequestHeader',
  request: {
    topic: required('string'),
    /** True: the asker cannot read bare integer keys. */
    acceptStandardJsonOnly: optional('boolean'),
  },
});
