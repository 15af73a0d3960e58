/**
 * REGISTER_BROKER (103): a broker announces itself and its topics to a namesrv, every 30 s (body RegisterBrokerBody).
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const registerBroker = defineRequest({
  code: RequestCode.REGISTER_BROKER,
  javaClass: 'RegisterBrokerRequestHeader',
  request: {
    brokerName: required('string'),
    brokerAddr: required('string'),
    clusterName: required('string'),
    haServerAddr: required('string'),
    brokerId: required('long'),
    /** The body is the zlib form of RegisterBrokerBody. */
    compressed: optional('boolean'),
    /** CRC32 of the body without its top bit; 0 or absent means unchecked. */
    bodyCrc32: optional('int'),
  },
  responseJavaClass: 'RegisterBrokerResponseHeader',
  response: {
    haServerAddr: optional('string'),
    masterAddr: optional('string'),
  },
});
