/** UPDATE_NAMESRV_CONFIG (318): changes namesrv settings while it runs; the body is Java properties text. */
import { RequestCode } from '../request-code.ts';
import { defineRequest } from '../schema.ts';

export const updateNamesrvConfig = defineRequest({
  code: RequestCode.UPDATE_NAMESRV_CONFIG,
});
