/**
 * GET_BROKER_CONFIG (26): all settings as `key=value` lines, those of the configuration file that nobody knows included.
 * Behaviour: keys without a value are left out; the header has the configuration's DataVersion as JSON.
 * Differences from 4.9: the order of the lines; backslashes and characters outside ASCII are escaped, so that mqadmin shows
 *   them as they are.
 * Version notes: none.
 */

import { formatConfigLines } from '../../common/java-properties.ts';
import { encodeDataVersion } from '../../protocol/bodies/topic-config.ts';
import type { getBrokerConfig } from '../../protocol/requests/get-broker-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processGetBrokerConfig: BrokerProcessor<typeof getBrokerConfig> = (context) => ({
  code: ResponseCode.SUCCESS,
  header: { version: encodeDataVersion(context.configuration.version).toString() },
  body: Buffer.from(formatConfigLines(context.configuration.listing())),
});
