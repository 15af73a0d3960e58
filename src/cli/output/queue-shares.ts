/** What allocateMQ prints: `{"result":{"address":[{"brokerName":S,"queueId":I,"topic":S}]}}`, one line. */

import type { QueueShare } from '../../core/client/admin/queue-allocation.ts';
import { stringifyFastJson } from '../../core/common/fastjson.ts';

export const renderQueueShares = (shares: readonly QueueShare[]): string =>
  `${stringifyFastJson({
    result: new Map(
      shares.map(({ address, queues }) => [
        address,
        queues.map(({ brokerName, queueId, topic }) => ({ brokerName, queueId, topic })),
      ]),
    ),
  })}\n`;

export const queueSharesDocument = (shares: readonly QueueShare[]): object => ({
  result: Object.fromEntries(shares.map(({ address, queues }) => [address, queues])),
});
