/**
 * How much may be under way at a time: messages and bytes that were taken and not yet answered. Mirrors the two semaphores of
 * DefaultMQProducerImpl (backPressureForAsyncSendNum, backPressureForAsyncSendSize). Whoever waits is served in order; a
 * message larger than the whole window goes alone.
 */

export class SendWindow {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #idle: (() => void)[] = [];
  #messages = 0;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Undefined: taken. Else resolves when it is. */
  take(bytes: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) {
      this.#enter(bytes);
      return undefined;
    }
    return new Promise((enter) => this.#waiting.push({ bytes, enter }));
  }

  /** What take() took is answered. */
  give(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#enter(next.bytes);
      next.enter();
    }
    if (this.#messages > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const tell of idle) tell();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#messages > 0) await new Promise<void>((tell) => this.#idle.push(tell));
  }

  #hasRoom(bytes: number): boolean {
    if (this.#messages === 0) return true;
    return this.#messages < this.#maxMessages && this.#bytes + bytes <= this.#maxBytes;
  }

  #enter(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }
}
