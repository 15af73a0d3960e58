/**
 * The state that ends and checks of transactions share: how far half and op queue are dealt with, which of the half messages
 * behind are ended or about to be, and where those went that were put back.
 */
import { OffsetSet } from '../offset-set.ts';

/** Copies of half messages that were put back, by the offset they had before. The oldest are forgotten above this. */
const MAX_MOVED = 100_000;

export class OpenHalves {
  readonly ended = new OffsetSet();
  /** Being ended: the end is not on record yet. */
  readonly ending = new Set<number>();
  readonly #moved = new Map<number, number>();
  /** Being put back: their new offsets are not known yet. */
  #moving = new Set<number>();
  #moves: Promise<unknown> = Promise.resolve();
  /** Next op message that does not speak of messages before `from` only. */
  opOffset = 0;

  /** Queue offset of the first half message that is not dealt with. */
  get from(): number {
    return this.ended.from;
  }

  set from(offset: number) {
    this.ended.from = offset;
  }

  /** Whether the message at this offset is ended, or about to be. */
  isEnded(offset: number): boolean {
    return this.ended.has(offset) || this.ending.has(offset);
  }

  /** Queue offset of the newest copy of the half message that was at `offset`. */
  newest(offset: number): number {
    let at = offset;
    for (let next = this.#moved.get(at); next !== undefined; next = this.#moved.get(at)) at = next;
    return at;
  }

  wasMoved(offset: number): boolean {
    return this.#moved.has(offset);
  }

  moved(from: number, to: number): void {
    const oldest = this.#moved.size < MAX_MOVED ? undefined : this.#moved.keys().next().value;
    if (oldest !== undefined) this.#moved.delete(oldest);
    this.#moved.set(from, to);
  }

  /** Copies of the messages at these offsets are on their way into the store until `moves` resolves. */
  moveBegins(offsets: readonly number[], moves: Promise<unknown>): void {
    this.#moving = new Set(offsets);
    this.#moves = moves.finally(() => this.#moving.clear());
  }

  /** Resolves when the newest copy of this message is known; undefined when it is. */
  moving(offset: number): Promise<unknown> | undefined {
    return this.#moving.has(offset) ? this.#moves : undefined;
  }
}
