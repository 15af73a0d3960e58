/** AVG_BY_CIRCLE: the queues are dealt out one by one, round and round. Mirrors AllocateMessageQueueAveragelyByCircle. */

import type { AllocateMessageQueueStrategy } from './strategy.ts';

export const allocateByCircle: AllocateMessageQueueStrategy = {
  name: 'AVG_BY_CIRCLE',
  allocate(_group, currentCID, mqAll, cidAll) {
    const index = cidAll.indexOf(currentCID);
    return mqAll.filter((_, at) => at % cidAll.length === index);
  },
};
