/**
 * UPDATE_BROKER_CONFIG (25): changes settings of the running broker by a properties text.
 * Behaviour: known keys get their new values, which act at once or after a restart (docs/COMPAT.md, "Configuration keys");
 *   texts that cannot be parsed and unknown keys are ignored with success; the version is raised and everything saved.
 *   brokerPermission and what else the namesrvs know is told to them before the answer.
 * Differences from 4.9: a value the broker would not start with, and a change that cannot be saved, is refused with
 *   SYSTEM_ERROR and nothing is changed (Java takes both).
 * Version notes: none.
 */

import { PocketError } from '../../common/errors.ts';
import type { updateBrokerConfig } from '../../protocol/requests/update-broker-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processUpdateBrokerConfig: BrokerProcessor<typeof updateBrokerConfig> = async (context, request) => {
  if (request.body === undefined) return { code: ResponseCode.SUCCESS };
  context.logger.info(`updateBrokerConfig called by ${request.connection.remoteAddr}`);
  try {
    await context.configuration.update(request.body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, error.message);
  }
  return { code: ResponseCode.SUCCESS };
};
