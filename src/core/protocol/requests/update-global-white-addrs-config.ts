/** UPDATE_GLOBAL_WHITE_ADDRS_CONFIG (53): replaces the global white list of one access control file. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, required } from '../schema.ts';

export const updateGlobalWhiteAddrsConfig = defineRequest({
  code: RequestCode.UPDATE_GLOBAL_WHITE_ADDRS_CONFIG,
  javaClass: 'UpdateGlobalWhiteAddrsConfigRequestHeader',
  request: {
    globalWhiteAddrs: required('string'),
    aclFileFullPath: required('string'),
  },
});
