/**
 * Which timed messages wait, nearest first. The timer queue itself says so: the tags code of a unit is the time its message is
 * due, and `delivered` has those that are dealt with. Memory holds the nearest only (nearest-timers.ts); when few of them are
 * left the queue is read again from the oldest that waits, a slice at a time.
 */
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { OffsetSet } from '../offset-set.ts';
import { isBefore, NearestTimers, type TimerUnit } from './nearest-timers.ts';
import { TIMER_QUEUE_ID } from './timed-message.ts';

const SLICE_UNITS = 8192;
/** So many that cannot be read are passed over at a time. */
const MAX_LOOKS = 1024;

type TimerStore = Pick<MessageStore, 'queueUnits' | 'minOffsetInQueue' | 'maxOffsetInQueue'>;

export class PendingTimers {
  /** Offsets of the timer queue that are delivered, or were put at its end again. */
  readonly delivered = new OffsetSet();
  readonly #store: TimerStore;
  readonly #nearest: NearestTimers;
  /** The next unit to look at. */
  #at = 0;
  /** Until the queue is read up to here, only timers before #known may go: an earlier one may still be found. */
  #readAgainTo = 0;
  /** Those before are in #nearest already, or were. */
  #known: TimerUnit | undefined;

  constructor(store: TimerStore, limit: number) {
    this.#store = store;
    this.#nearest = new NearestTimers(limit);
  }

  get minOffset(): number {
    return this.#store.minOffsetInQueue(Topic.TIMER, TIMER_QUEUE_ID);
  }

  get maxOffset(): number {
    return this.#store.maxOffsetInQueue(Topic.TIMER, TIMER_QUEUE_ID);
  }

  /** The first that waits; maxOffset when none does. `delivered` forgets those before. */
  get oldest(): number {
    const { delivered } = this;
    delivered.from = delivered.next(Math.max(delivered.from, this.minOffset));
    return delivered.from;
  }

  /** `delivered` is as it was saved: begins to read the queue. */
  begin(): void {
    this.#at = this.oldest;
    this.#readAgainTo = this.maxOffset;
    this.#known = undefined;
  }

  /** Reads a slice of what was not looked at. True when there is more. Throws the disk's error. */
  scan(): boolean {
    this.#readAgainWhenFew();
    const { delivered, maxOffset } = this;
    const index = Math.max(delivered.next(Math.max(this.#at, delivered.from)), this.minOffset);
    this.#at = index;
    if (index >= maxOffset) return false;
    const query = { topic: Topic.TIMER, queueId: TIMER_QUEUE_ID, index, count: SLICE_UNITS };
    const units = this.#store.queueUnits(query)?.units ?? [];
    for (const [i, { tagsCode }] of units.entries()) this.#found({ dueMs: tagsCode, queueOffset: index + i });
    // One that cannot be read does not stop those behind it.
    this.#at = index + Math.max(1, units.length);
    return this.#at < maxOffset;
  }

  /** Takes out the first that is due; undefined when none is, or may be told yet. */
  takeDue(now: number): TimerUnit | undefined {
    const { first } = this;
    if (first === undefined || first.dueMs > now) return undefined;
    return this.#nearest.pop();
  }

  /** The unit at an offset; undefined when it cannot be read. */
  #unit(queueOffset: number): TimerUnit | undefined {
    const query = { topic: Topic.TIMER, queueId: TIMER_QUEUE_ID, index: queueOffset, count: 1 };
    const dueMs = this.#store.queueUnits(query)?.units?.[0]?.tagsCode;
    return dueMs === undefined ? undefined : { dueMs, queueOffset };
  }

  /**
   * The first from an offset on that waits and `isTooOld`; undefined when there is none. One that cannot be read does not keep
   * those behind it from being found.
   */
  firstTooOld(from: number, isTooOld: (queueOffset: number) => boolean): TimerUnit | undefined {
    for (let looks = 0, at = this.delivered.next(from); looks < MAX_LOOKS; looks++, at = this.delivered.next(at + 1)) {
      if (at >= this.maxOffset || !isTooOld(at)) return undefined;
      const unit = this.#unit(at);
      if (unit !== undefined) return unit;
    }
    return undefined;
  }

  /** One that was taken out since the last scan() goes later. */
  putBack(unit: TimerUnit): void {
    this.#nearest.push(unit);
  }

  /** The next that goes, without those dealt with meanwhile. */
  get first(): TimerUnit | undefined {
    const nearest = this.#nearest;
    while (nearest.first !== undefined && this.delivered.has(nearest.first.queueOffset)) nearest.pop();
    const { first } = nearest;
    const isHeldUp = this.#at < this.#readAgainTo && first !== undefined;
    return isHeldUp && (this.#known === undefined || !isBefore(first, this.#known)) ? undefined : first;
  }

  #found(unit: TimerUnit): void {
    if (this.delivered.has(unit.queueOffset)) return;
    const isKnown = this.#known !== undefined && unit.queueOffset < this.#readAgainTo && isBefore(unit, this.#known);
    if (!isKnown) this.#nearest.push(unit);
  }

  #readAgainWhenFew(): void {
    const nearest = this.#nearest;
    const { horizon } = nearest;
    if (horizon === undefined || this.#at < this.maxOffset || nearest.size > nearest.limit / 4) return;
    this.#known = horizon;
    nearest.horizon = undefined;
    this.#readAgainTo = this.#at;
    this.#at = this.oldest;
  }
}
