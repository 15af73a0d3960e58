/** GET_NAMESRV_CONFIG (319): all settings of a namesrv as `key=value` lines. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const getNamesrvConfig = defineRequest({
  code: RequestCode.GET_NAMESRV_CONFIG,
});
