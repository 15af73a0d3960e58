/**
 * One delay level: its messages lie in one queue of SCHEDULE_TOPIC_XXXX, all with the same delay, so that the first of them
 * is the first that is due. One timer waits for that; what is due is stored in its own topic, in order, a round at a time.
 * Mirrors ScheduleMessageService.DeliverDelayedMessageTimerTask.
 *
 * Differences from 4.9: the timer is set for the message instead of running every 100 ms; the offset goes on when the
 * store has answered, and what a round could not store is tried again, nothing twice.
 */
import type { Clock, Timer } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { isStored } from '../../store/put-message.ts';
import { deliveredDraft, queueOfLevel } from './delayed-message.ts';

/** A round is put in one go: small enough that sends have their turn in between, below what the store writes at once. */
export const ROUND_MESSAGES = 128;
const ROUND_BYTES = 1024 * 1024;
/** The wall clock may be set: due times are looked at again after this. */
const MAX_WAIT_MS = 1000;
/** After a refusal of the store. */
const RETRY_MS = 1000;

export interface DelayQueueOptions {
  store: MessageStore;
  clock: Clock;
  logger: Logger;
  level: number;
  /** Of the level, ms. */
  delayMs: number;
}

export class DelayQueue {
  /** The first message that is not known to be delivered. */
  offset: number;
  /** Where the commitlog ended when the round that is under way began; undefined without one. */
  roundBegan: number | undefined;
  readonly #options: DelayQueueOptions;
  readonly #queueId: number;
  #timer: Timer | undefined;
  #running = false;
  /** Offsets from `offset` on that are dealt with: of the round under way, or behind one that the store refused. */
  readonly #done = new Set<number>();

  constructor(options: DelayQueueOptions, offset: number) {
    this.#options = options;
    this.#queueId = queueOfLevel(options.level);
    this.offset = offset;
  }

  get maxOffset(): number {
    return this.#options.store.maxOffsetInQueue(Topic.SCHEDULE, this.#queueId);
  }

  /** Whether messages wait that are not delivered. */
  get pending(): boolean {
    return this.maxOffset > this.offset;
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  /** What is on its way into the store may still be answered, and then counts. */
  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The message at this offset is dealt with. */
  delivered(offset: number): void {
    this.#done.add(offset);
    while (this.#done.delete(this.offset)) this.offset++;
  }

  isDelivered(offset: number): boolean {
    return offset < this.offset || this.#done.has(offset);
  }

  /** A message came into the queue. */
  wake(): void {
    if (this.#running && this.#timer === undefined && this.roundBegan === undefined) this.#deliver();
  }

  #later(ms: number): void {
    if (!this.#running) return;
    this.#timer = this.#options.clock.after(ms, () => {
      this.#timer = undefined;
      this.#deliver();
    });
  }

  #deliver(): void {
    const { logger, level } = this.#options;
    try {
      const round = this.#nextRound();
      if (round.length > 0) this.#put(round);
    } catch (error) {
      logger.error(`delayed messages of level ${level} cannot be read, it is tried again`, error);
      this.#later(RETRY_MS);
    }
  }

  /** Due messages from the offset on; none when there is nothing to do now, and then the timer is set if one waits. */
  #nextRound(): DueMessage[] {
    const { store, clock } = this.#options;
    this.#skipDeleted();
    const query = { topic: Topic.SCHEDULE, queueId: this.#queueId, index: this.offset, count: ROUND_MESSAGES };
    const units = store.queueUnits(query)?.units ?? [];
    const now = clock.now();
    const round: DueMessage[] = [];
    let bytes = 0;
    for (const { physicOffset, physicSize, tagsCode } of units) {
      const isFirst = round.length === 0;
      const wait = this.#wait(tagsCode, now);
      if (wait > 0 && isFirst) this.#later(wait);
      if (wait > 0 || (!isFirst && bytes + physicSize > ROUND_BYTES)) break;
      round.push({ offset: this.offset + round.length, draft: this.#draft(physicOffset) });
      bytes += physicSize;
    }
    return round;
  }

  /** Milliseconds until a message is looked at again; 0: it goes now, as does one whose time lies further off than the delay. */
  #wait(dueTime: number, now: number): number {
    const wait = dueTime - now;
    return wait <= 0 || wait > this.#options.delayMs ? 0 : Math.min(wait, MAX_WAIT_MS);
  }

  /** Goes on behind messages whose files retention has deleted, and back from an offset that the queue does not reach. */
  #skipDeleted(): void {
    const { store, logger, level } = this.#options;
    const first = store.minOffsetInQueue(Topic.SCHEDULE, this.#queueId);
    const { offset, maxOffset } = this;
    this.offset = Math.max(first, Math.min(offset, maxOffset));
    if (this.offset === offset) return;
    logger.warn(`delayed messages of level ${level} go on at ${this.offset}: ${offset} is not in the queue`);
  }

  /** Undefined for a record that is gone or does not say where it belongs: nobody will ever be able to deliver it. */
  #draft(physicOffset: number): MessageDraft | undefined {
    const { store, logger, level } = this.#options;
    const record = store.lookMessageByOffset(physicOffset);
    const draft = record === undefined ? undefined : deliveredDraft(record);
    if (draft === undefined)
      logger.error(`the delayed message of level ${level} at ${physicOffset} cannot be delivered`);
    return draft;
  }

  #put(round: readonly DueMessage[]): void {
    const { store } = this.#options;
    this.roundBegan = store.commitLogMaxOffset;
    let open = round.length;
    const end = (offset: number, isDone: boolean): void => {
      if (isDone) this.delivered(offset);
      if (--open === 0) this.#endRound((round.at(-1)?.offset ?? 0) + 1);
    };
    for (const { offset, draft } of round) {
      if (draft === undefined || this.isDelivered(offset)) end(offset, true);
      else store.putMessage(draft, { onPut: (status) => end(offset, isStored(status)) });
    }
  }

  #endRound(next: number): void {
    this.roundBegan = undefined;
    this.#later(this.offset === next ? 0 : RETRY_MS);
  }
}

interface DueMessage {
  offset: number;
  draft: MessageDraft | undefined;
}
