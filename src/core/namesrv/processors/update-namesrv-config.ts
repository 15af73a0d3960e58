/**
 * UPDATE_NAMESRV_CONFIG (318): changes settings of the running namesrv by a properties text.
 * Behaviour: as UPDATE_BROKER_CONFIG; a text that names kvConfigPath or configStorePath is refused with NO_PERMISSION and
 *   nothing of it is taken.
 * Differences from 4.9: a change that cannot be saved is refused with SYSTEM_ERROR and nothing is changed.
 * Version notes: 5.x protects more keys.
 */

import { PocketError } from '../../common/errors.ts';
import { parseProperties } from '../../common/java-properties.ts';
import type { updateNamesrvConfig } from '../../protocol/requests/update-namesrv-config.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { NamesrvProcessor } from '../namesrv-context.ts';

const PROTECTED_KEYS = ['kvConfigPath', 'configStorePath'];

export const processUpdateNamesrvConfig: NamesrvProcessor<typeof updateNamesrvConfig> = async (context, request) => {
  if (request.body === undefined) return { code: ResponseCode.SUCCESS };
  context.logger.info(`updateConfig called by ${request.connection.remoteAddr}`);
  const text = request.body.toString('utf8');
  if (namesProtectedKey(text)) throw new ReplyError(ResponseCode.NO_PERMISSION, 'Can not update config path');
  try {
    await context.configuration.update(text);
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, error.message);
  }
  return { code: ResponseCode.SUCCESS };
};

/** A text that cannot be read is judged by update(). */
function namesProtectedKey(text: string): boolean {
  try {
    const properties = parseProperties(text);
    return PROTECTED_KEYS.some((key) => properties.has(key));
  } catch {
    return false;
  }
}
