/**
 * GET_NAMESRV_CONFIG (319): all settings as `key=value` lines, those of the configuration file that nobody knows included.
 * Behaviour: keys without a value are left out.
 * Differences from 4.9: the order of the lines; backslashes and characters outside ASCII are escaped, so that mqadmin shows
 *   them as they are; our own scanNotActiveBrokerInterval and brokerChannelExpiredTime are listed.
 * Version notes: none.
 */

import { formatConfigLines } from '../../common/java-properties.ts';
import type { getNamesrvConfig } from '../../protocol/requests/get-namesrv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

export const processGetNamesrvConfig: NamesrvProcessor<typeof getNamesrvConfig> = (context) => ({
  code: ResponseCode.SUCCESS,
  body: Buffer.from(formatConfigLines(context.configuration.listing())),
});
