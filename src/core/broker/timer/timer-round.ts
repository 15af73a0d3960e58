/**
 * Reads waiting messages and stores what becomes of them, a round at a time: small enough that sends have their turn in
 * between. Mirrors the dequeue services of TimerMessageStore.
 */
import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { timerDueTime } from '../../message/timer-due.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { isStored, PutMessageStatus } from '../../store/put-message.ts';
import type { TimerUnit } from './nearest-timers.ts';
import { deliveredDraft, rolledDraft, TIMER_QUEUE_ID } from './timed-message.ts';

const ROUND_MESSAGES = 128;
const ROUND_BYTES = 1024 * 1024;
/** Messages that were sent long ago are on the disk only, each in another place. */
const READS_AT_ONCE = 16;

export interface TimerRoundOptions {
  readonly store: MessageStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class TimerRound {
  readonly #options: TimerRoundOptions;

  constructor(options: TimerRoundOptions) {
    this.#options = options;
  }

  /**
   * Stores units of the timer queue in their own topics, in order, or those that are not due (a Java broker's) and those to
   * `roll` at the end of the timer queue. `next` gives them one by one until there is none; `settle` is told of each whether it
   * is dealt with. Resolves to how many there were when the store has answered. Rejects with PocketError STORE; units that are not settled are
   * those that `next` gave last.
   */
  async run(
    next: () => TimerUnit | undefined,
    { settle, roll }: { settle: (unit: TimerUnit, isDone: boolean) => void; roll: boolean },
  ): Promise<number> {
    const puts: Promise<void>[] = [];
    let bytes = 0;
    while (puts.length < ROUND_MESSAGES && bytes < ROUND_BYTES) {
      const units = taken(next);
      if (units.length === 0) break;
      const messages = await Promise.all(units.map((unit) => this.#read(unit)));
      for (const [i, unit] of units.entries()) {
        const message = messages[i];
        bytes += message?.storeSize ?? 0;
        const draft = message === undefined ? undefined : this.#draft(message, unit, roll);
        if (draft === undefined) this.#lost(unit, 'its record is gone or does not say where it belongs');
        puts.push(draft === undefined ? Promise.resolve(settle(unit, true)) : this.#put(draft, unit, settle));
      }
    }
    await Promise.all(puts);
    return puts.length;
  }

  async #read({ queueOffset }: TimerUnit): Promise<MessageExt | undefined> {
    const { store } = this.#options;
    const result = store.getMessage(Topic.TIMER, TIMER_QUEUE_ID, queueOffset, 1);
    try {
      if (result.cold.length > 0) await store.readCold(result);
      const segment = result.segments.find(({ start, end }) => end > start);
      if (segment === undefined) return undefined;
      // A copy: what is let go may be written to.
      const record = Buffer.from(segment.buffer.subarray(segment.start, segment.end));
      const message = decodeMessage(record, 0, { decompress: false });
      return message.queueOffset === queueOffset ? message : undefined;
    } finally {
      store.letGo(result);
    }
  }

  #draft(message: MessageExt, unit: TimerUnit, roll: boolean): MessageDraft | undefined {
    const now = this.#options.clock.now();
    if (roll) return rolledDraft(message, unit.dueMs);
    // The unit of a Java broker has the hash of the tag instead.
    const dueMs = unit.dueMs > MAX_HASH ? unit.dueMs : (timerDueTime(message.properties, message.storeTimestamp) ?? 0);
    return dueMs > now ? rolledDraft(message, dueMs) : deliveredDraft(message, now);
  }

  #put(draft: MessageDraft, unit: TimerUnit, settle: (unit: TimerUnit, isDone: boolean) => void): Promise<void> {
    return new Promise((resolve) => {
      const onPut = (status: PutMessageStatus): void => {
        const isRefused = status === PutMessageStatus.MESSAGE_ILLEGAL;
        if (isRefused) this.#lost(unit, 'the store refuses it as illegal');
        settle(unit, isStored(status) || isRefused);
        resolve();
      };
      this.#options.store.putMessage(draft, { onPut });
    });
  }

  #lost({ queueOffset }: TimerUnit, why: string): void {
    this.#options.logger.error(`the timed message ${queueOffset} of ${Topic.TIMER} cannot be delivered: ${why}`);
  }
}

/** Hashes are int32, times in ms since 1970 are beyond since long ago. */
const MAX_HASH = 2 ** 32;

function taken(next: () => TimerUnit | undefined): TimerUnit[] {
  const units: TimerUnit[] = [];
  for (let unit = next(); unit !== undefined; unit = units.length < READS_AT_ONCE ? next() : undefined)
    units.push(unit);
  return units;
}
