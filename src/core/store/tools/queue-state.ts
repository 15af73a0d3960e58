/**
 * What verify knows of one queue while it walks the log: which units agree with a message, and the first message of each kind that
 * the queue does not agree with.
 */
import { UNIT_LENGTH } from '../consumequeue/consume-queue.ts';
import type { QueueDir } from './store-dir.ts';

/** A message by its place in the log and the number it gives itself. */
export interface Numbered {
  readonly physicOffset: number;
  readonly queueOffset: number;
}

const FIRST_BYTES = 64;

export class QueueState {
  readonly dir: QueueDir;
  /** The first unit there is a file for. */
  readonly firstUnit: number;
  /** What the next message of the queue is numbered, -1 before the first. */
  next = -1;
  /** How many damaged parts of the log came before the last message. */
  gapsBefore = 0;
  /** Of the last message. */
  lastOffset = -1;
  /** The first message for which the queue has nothing, and how many there are. */
  missing: Numbered | undefined;
  missingCount = 0;
  /** The first message whose number is not the next one, and is not the queue's either. */
  jump: (Numbered & { readonly expected: number }) | undefined;
  /** The first message at whose place the queue has another one. */
  contradicted: Numbered | undefined;
  /** A bit a unit, from firstUnit on. */
  #agreed = new Uint8Array(0);

  constructor(dir: QueueDir) {
    this.dir = dir;
    this.firstUnit = (dir.segments[0]?.start ?? 0) / UNIT_LENGTH;
  }

  get hasAgreed(): boolean {
    return this.#agreed.length > 0;
  }

  /** The numbering begins at 0 again: what came before was of a topic that was deleted. */
  restart(): void {
    this.missing = undefined;
    this.missingCount = 0;
    this.jump = undefined;
    this.contradicted = undefined;
  }

  /** A message says what this unit, for which there is a file, says. */
  agree(unit: number): void {
    const bit = unit - this.firstUnit;
    const byte = bit >>> 3;
    if (byte >= this.#agreed.length) {
      const larger = new Uint8Array(Math.max(FIRST_BYTES, byte * 2));
      larger.set(this.#agreed);
      this.#agreed = larger;
    }
    this.#agreed[byte] = (this.#agreed[byte] as number) | (1 << (bit & 7));
  }

  agreesAt(unit: number): boolean {
    const bit = unit - this.firstUnit;
    return bit >= 0 && ((this.#agreed[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}
