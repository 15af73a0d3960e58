/** Between the pulled messages of a push consumer and its listener. Mirrors the interface ConsumeMessageService. */

import type { MessageExt } from '../../message/message.ts';
import type { ProcessQueue } from './process-queue.ts';

export interface ConsumeMessageService {
  /** Takes pulled messages of a queue, in their order. */
  submit(queue: ProcessQueue, messages: readonly MessageExt[]): void;
  /** Starts no further listener call, and resolves when those under way are dealt with. */
  close(): Promise<void>;
}
