/**
 * DELETE_EXPIRED_COMMITLOG (329): expired commitlog files go now and in the next 19 rounds, whatever the hour.
 * Behaviour: success at once; files that are not older than fileReservedTime stay.
 * Differences from 4.9: the first round begins with the request instead of within cleanResourceInterval.
 * Version notes: none.
 */

import type { deleteExpiredCommitlog } from '../../protocol/requests/delete-expired-commitlog.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processDeleteExpiredCommitlog: BrokerProcessor<typeof deleteExpiredCommitlog> = (context) => {
  context.logger.info('expired commitlog files are deleted because somebody asked for it');
  context.store.deleteExpiredCommitLog();
  return { code: ResponseCode.SUCCESS };
};
