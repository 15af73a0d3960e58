/**
 * GET_BROKER_CONFIG (26): all settings of a broker as `key=value` lines; `version` is the DataVersion of the settings
 * as JSON.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const getBrokerConfig = defineRequest({
  code: RequestCode.GET_BROKER_CONFIG,
  responseJavaClass: 'GetBrokerConfigResponseHeader',
  response: {
    version: required('string'),
  },
});
