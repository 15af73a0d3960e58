/** The strategies a program names or makes, and CONFIG, which gives every member what it was told. */

import { PocketError } from '../../../common/errors.ts';
import type { MessageQueue } from '../../../message/message-queue.ts';
import { allocateAveragely } from './average.ts';
import { allocateByCircle } from './by-circle.ts';
import { allocateConsistentHash } from './consistent-hash.ts';
import type { AllocateMessageQueueStrategy } from './strategy.ts';

/** The strategies that need nothing but their name. */
export type AllocateStrategyName = 'AVG' | 'AVG_BY_CIRCLE' | 'CONSISTENT_HASH';

const byName: Readonly<Record<AllocateStrategyName, AllocateMessageQueueStrategy>> = {
  AVG: allocateAveragely,
  AVG_BY_CIRCLE: allocateByCircle,
  CONSISTENT_HASH: allocateConsistentHash(),
};

/** Throws PocketError ILLEGAL_ARGUMENT. */
export function strategyOf(
  choice: AllocateStrategyName | AllocateMessageQueueStrategy | undefined,
): AllocateMessageQueueStrategy {
  if (choice === undefined) return allocateAveragely;
  if (typeof choice === 'object' && typeof choice?.allocate === 'function') return choice;
  const strategy = typeof choice === 'string' && Object.hasOwn(byName, choice) ? byName[choice] : undefined;
  if (strategy !== undefined) return strategy;
  const message = `allocateMessageQueueStrategy is one of ${Object.keys(byName).join(', ')}, or an object with allocate()`;
  throw new PocketError('ILLEGAL_ARGUMENT', message);
}

/** CONFIG: this member holds these queues, whoever else there is. Mirrors AllocateMessageQueueByConfig. */
export function allocateByConfig(messageQueueList: readonly MessageQueue[]): AllocateMessageQueueStrategy {
  return { name: 'CONFIG', allocate: () => [...messageQueueList] };
}
