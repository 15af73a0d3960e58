/**
 * Cuts a byte stream into frames. Bytes come in chunks of a buffer that is overwritten by the next read, so whole frames
 * are handed out in place and only the unfinished rest is copied. The rest grows as its bytes arrive, never on the word
 * of a length field: a peer that announces 16 MiB and sends nothing costs nothing.
 *
 * Differences from NettyDecoder: none in what is accepted; a wrong length throws and the connection closes.
 */

import { PocketError } from '../common/errors.ts';
import { FRAME_PREFIX_LENGTH } from './remoting-command.ts';

/**
 * Takes one whole frame whose prefix starts at `start` of `buffer`; valid only during the call. Returns false to make
 * the decoder keep everything behind this frame for resume().
 */
export type FrameSink = (buffer: Buffer, start: number, end: number) => boolean;

/** A rest of up to this size is kept in a buffer that stays with the connection. */
const KEPT_REST_LENGTH = 4096;

export class FrameDecoder {
  readonly #maxFrameLength: number;
  readonly #sink: FrameSink;
  #rest: Buffer | undefined;
  #restStart = 0;
  #restEnd = 0;
  #suspended = false;

  /** `maxFrameLength` counts the whole frame, its length field included. */
  constructor(maxFrameLength: number, sink: FrameSink) {
    this.#maxFrameLength = maxFrameLength;
    this.#sink = sink;
  }

  /** Bytes held back: an unfinished frame, or frames behind a suspension. */
  get restLength(): number {
    return this.#restEnd - this.#restStart;
  }

  /** Memory that is kept for them. */
  get heldBytes(): number {
    return this.#rest?.length ?? 0;
  }

  /** Throws PocketError PROTOCOL when a length cannot be right; the decoder is unusable then. */
  push(buffer: Buffer, start: number, end: number): void {
    let at = start;
    if (this.#suspended) {
      this.#keep(buffer, at, end);
      return;
    }
    // First finish the frame whose beginning is in the rest.
    while (this.restLength > 0 && at < end && !this.#suspended) {
      const missing = this.#missingBytes();
      const taken = Math.min(missing, end - at);
      this.#keep(buffer, at, at + taken);
      at += taken;
      if (this.#missingBytes() === 0) this.#drainRest();
    }
    if (at < end && !this.#suspended) at = this.#cut(buffer, at, end);
    if (at < end) this.#keep(buffer, at, end);
  }

  /** Goes on after the sink returned false. */
  resume(): void {
    if (!this.#suspended) return;
    this.#suspended = false;
    this.#drainRest();
  }

  /** How many bytes the first frame of the rest lacks as far as can be told; 0 when it is whole. */
  #missingBytes(): number {
    const rest = this.#rest;
    const have = this.restLength;
    if (rest === undefined || have < FRAME_PREFIX_LENGTH) return FRAME_PREFIX_LENGTH - have;
    return Math.max(0, this.#frameLength(rest, this.#restStart) - have);
  }

  #frameLength(buffer: Buffer, at: number): number {
    const total = buffer.readInt32BE(at);
    const headerLength = buffer.readUIntBE(at + 5, 3);
    if (total < 4 || total + 4 > this.#maxFrameLength || headerLength > total - 4) {
      throw new PocketError('PROTOCOL', `a frame of ${total} bytes with a header of ${headerLength} bytes is refused`);
    }
    return total + 4;
  }

  /** Hands out the whole frames of buffer[start, end) and returns where the rest begins. */
  #cut(buffer: Buffer, start: number, end: number): number {
    let at = start;
    while (end - at >= FRAME_PREFIX_LENGTH) {
      const frameEnd = at + this.#frameLength(buffer, at);
      if (frameEnd > end) break;
      const goOn = this.#sink(buffer, at, frameEnd);
      at = frameEnd;
      if (!goOn) {
        this.#suspended = true;
        break;
      }
    }
    return at;
  }

  #drainRest(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#restStart = this.#cut(rest, this.#restStart, this.#restEnd);
    if (this.#restStart < this.#restEnd) return;
    this.#restStart = 0;
    this.#restEnd = 0;
    if (rest.length > KEPT_REST_LENGTH) this.#rest = undefined;
  }

  #keep(buffer: Buffer, start: number, end: number): void {
    const added = end - start;
    const needed = this.restLength + added;
    let rest = this.#rest;
    if (rest === undefined || this.#restEnd + added > rest.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(KEPT_REST_LENGTH, 2 ** Math.ceil(Math.log2(needed))));
      rest?.copy(grown, 0, this.#restStart, this.#restEnd);
      this.#restEnd = this.restLength;
      this.#restStart = 0;
      this.#rest = grown;
      rest = grown;
    }
    buffer.copy(rest, this.#restEnd, start, end);
    this.#restEnd += added;
  }
}
