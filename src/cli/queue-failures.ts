/**
 * Several queues were read and some could not be: one sentence that names them, exit code 7.
 */

import { PocketError } from '../core/common/errors.ts';
import type { MessageQueue } from '../core/message/message-queue.ts';

export interface QueueFailure {
  readonly mq: MessageQueue;
  readonly error: PocketError;
}

/** Throws when there is one. */
export function failOnQueues(failures: readonly QueueFailure[]): void {
  if (failures.length === 0) return;
  const queues = failures.map(({ mq, error }) => `${mq.brokerName} queue ${mq.queueId} (${error.message})`);
  throw new PocketError('PARTLY', `Not every queue could be read: ${queues.join('; ')}.`);
}
