/**
 * Whether anything may be stored. Each part of the store that cannot go on closes the gate with a sentence that says why,
 * and opens it again when it can; it is open when nobody holds it closed. Mirrors RunningFlags.
 */

/** Who may close the gate: the store itself, a failed fsync (for good), a consumequeue, the index, a full disk. */
export type GateKeeper = 'store' | 'flush' | 'consumequeue' | 'index' | 'disk';

export class WriteGate {
  readonly #reasons = new Map<GateKeeper, string>();
  /** The sentence of whoever closed it first, undefined when it is open. Read for every put. */
  closedBecause: string | undefined;

  close(keeper: GateKeeper, reason: string): void {
    this.#reasons.set(keeper, reason);
    this.#update();
  }

  open(keeper: GateKeeper): void {
    this.#reasons.delete(keeper);
    this.#update();
  }

  /** What one of them says, undefined when it does not hold the gate closed. */
  reasonOf(keeper: GateKeeper): string | undefined {
    return this.#reasons.get(keeper);
  }

  #update(): void {
    this.closedBecause = this.#reasons.values().next().value;
  }
}
