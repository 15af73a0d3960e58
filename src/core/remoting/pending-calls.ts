/** The requests of ours that wait for an answer on one connection, by opaque. */

import type { Clock, Timer } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import type { RemotingCommand } from './remoting-command.ts';

/** Requests that may wait at a time (Java's clientAsyncSemaphoreValue). */
const MAX_PENDING_CALLS = 65_535;

interface PendingCall {
  resolve: (answer: RemotingCommand) => void;
  reject: (error: PocketError) => void;
  timer: Timer;
}

export class PendingCalls {
  readonly #clock: Clock;
  readonly #remoteAddr: string;
  readonly #calls = new Map<number, PendingCall>();
  #nextOpaque = 0;

  constructor(clock: Clock, remoteAddr: string) {
    this.#clock = clock;
    this.#remoteAddr = remoteAddr;
  }

  takeOpaque(): number {
    const opaque = this.#nextOpaque;
    this.#nextOpaque = (opaque + 1) & 0x7fffffff;
    return opaque;
  }

  /** Hands an opaque to `send` and waits for its answer. Rejects with PocketError TIMEOUT, or with what fail() says. */
  wait(timeoutMs: number, send: (opaque: number) => void): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      if (this.#calls.size >= MAX_PENDING_CALLS) {
        const waiting = `${MAX_PENDING_CALLS} requests to ${this.#remoteAddr} wait for an answer already`;
        reject(new PocketError('TIMEOUT', waiting));
        return;
      }
      const opaque = this.takeOpaque();
      const timer = this.#clock.after(timeoutMs, () => {
        this.#calls.delete(opaque);
        const late = `wait response on the channel <${this.#remoteAddr}> timeout, ${timeoutMs}(ms)`;
        reject(new PocketError('TIMEOUT', late));
      });
      this.#calls.set(opaque, { resolve, reject, timer });
      send(opaque);
    });
  }

  /** An answer nobody waits for (any more) is dropped, as Java drops it. */
  answer(command: RemotingCommand): void {
    const call = this.#calls.get(command.opaque);
    if (call === undefined) return;
    this.#calls.delete(command.opaque);
    call.timer.cancel();
    call.resolve(command);
  }

  /** No answer will come any more. */
  fail(error: PocketError): void {
    for (const call of this.#calls.values()) {
      call.timer.cancel();
      call.reject(error);
    }
    this.#calls.clear();
  }
}
