/**
 * AVG, the default: contiguous blocks in the order of the client ids, the first `queues mod clients` clients one queue
 * larger. Mirrors AllocateMessageQueueAveragely.
 */

import type { AllocateMessageQueueStrategy } from './strategy.ts';

export const allocateAveragely: AllocateMessageQueueStrategy = {
  name: 'AVG',
  allocate(_group, currentCID, mqAll, cidAll) {
    const index = cidAll.indexOf(currentCID);
    const size = Math.floor(mqAll.length / cidAll.length);
    const larger = mqAll.length % cidAll.length;
    const start = index * size + Math.min(index, larger);
    return mqAll.slice(start, start + size + (index < larger ? 1 : 0));
  },
};
