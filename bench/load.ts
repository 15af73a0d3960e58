/**
 * What the generator asks of a kind of load: how its next requests look and what an answer to one was worth.
 * send-load.ts and pull-load.ts are the two kinds.
 */
import { decodeFrame } from '../test/interop/support/wire.ts';

export interface Load {
  readonly mode: 'send' | 'pull';
  /** `count` requests in one buffer. */
  next(count: number): Buffer;
  /** Called with one whole answer frame; returns the messages it accounts for, or throws what is wrong with it. */
  answered(frame: Buffer): number;
}

/** Throws with the server's words when an answer is no success. */
export function refuse(frame: Buffer): never {
  const answer = decodeFrame(frame);
  throw new Error(`code ${answer.code}: ${answer.remark}`);
}
