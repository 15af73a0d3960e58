/**
 * The mark up to which dead letters are dealt with (dead-letters.ts says what it is): moving it, and dropping, which is nothing
 * else. A log keeps the letters until their time is over (fileReservedTime); nobody is shown them any more unless he asks.
 */

import { PocketError } from '../../common/errors.ts';
import type { Admin } from './admin.ts';
import { type DlqQueue, dlqQueues } from './dead-letters.ts';
import { TOOLS_CONSUMER } from './pull-session.ts';
import { commitOffset } from './reset-offset.ts';

/** Everything before `offset` is dealt with. Rejects with NOT_FOUND while the master is away. */
export async function setMark(admin: Admin, { mq, master }: DlqQueue, offset: number): Promise<void> {
  if (master === undefined) {
    throw new PocketError(
      'NOT_FOUND',
      `the master of ${mq.brokerName} is not registered: what is done cannot be noted`,
    );
  }
  await commitOffset(admin, master, TOOLS_CONSUMER, { mq, offset });
}

/** Which dead letters count as dealt with. */
export interface DropOptions {
  /** Whose dead letters. */
  readonly consumerGroup: string;
  /** Only so many of each queue, the oldest that wait; default all. */
  readonly count?: number | undefined;
  /** Takes every drop and resend back instead: all letters in the log wait again. */
  readonly undo?: boolean | undefined;
  /** Only says how many it would be. */
  readonly dryRun?: boolean | undefined;
}

/** Moves the marks, and resolves with how many letters they went over. Rejects with NOT_FOUND for a group without dead letters. */
export async function dropDeadLetters(admin: Admin, options: DropOptions): Promise<number> {
  const { consumerGroup, count = Number.POSITIVE_INFINITY, undo, dryRun } = options;
  let dropped = 0;
  for (const queue of await dlqQueues(admin, consumerGroup)) {
    const offset = undo ? queue.minOffset : Math.min(queue.maxOffset, queue.mark + count);
    if (offset !== queue.mark && !dryRun) await setMark(admin, queue, offset);
    dropped += Math.abs(offset - queue.mark);
  }
  return dropped;
}
