/**
 * CLEAN_EXPIRED_CONSUMEQUEUE (306): deletes the queues all of whose messages are gone.
 * Behaviour: success whatever there was to do; such a queue begins at offset 0 again. SCHEDULE_TOPIC_XXXX stays.
 * Differences from 4.9: none.
 * Version notes: none.
 */

import type { cleanExpiredConsumequeue } from '../../protocol/requests/clean-expired-consumequeue.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { BrokerProcessor } from '../broker-context.ts';

export const processCleanExpiredConsumequeue: BrokerProcessor<typeof cleanExpiredConsumequeue> = (context) => {
  const count = context.store.cleanExpiredQueues();
  context.logger.info(`${count} queues were deleted because all of their messages are gone`);
  return { code: ResponseCode.SUCCESS };
};
