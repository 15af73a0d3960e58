/**
 * Prints what a consumer is handed, message by message, until it has printed enough or nobody reads any more. What was not
 * printed is not consumed: the group gets it again.
 */

import type { MessageExt } from '../core/message/message.ts';
import type { Io } from './io.ts';

export interface SubscriptionPrinterOptions {
  readonly io: Io;
  readonly render: (message: MessageExt) => string;
  /** Ends after so many; undefined: never. */
  readonly count: number | undefined;
}

export class SubscriptionPrinter {
  /** Resolves after the last message wanted; rejects with what stdout refused a message for. */
  readonly ended: Promise<void>;
  readonly #options: SubscriptionPrinterOptions;
  #printed = 0;
  #over = false;
  #end: (failure?: unknown) => void = () => {};

  constructor(options: SubscriptionPrinterOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#end = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    this.ended.catch(() => {});
  }

  /** False when it is over and the message was not printed. */
  print(message: MessageExt): boolean {
    if (this.#over) return false;
    const { io, render, count } = this.#options;
    try {
      io.out(render(message));
    } catch (error) {
      this.#over = true;
      this.#end(error);
      return false;
    }
    this.#printed++;
    this.#over = this.#printed === count;
    if (this.#over) this.#end();
    return true;
  }
}
