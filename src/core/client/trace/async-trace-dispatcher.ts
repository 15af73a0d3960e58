/**
 * Collects the traces of one client and sends them, many in a message, to the trace topic. Mirrors AsyncTraceDispatcher.
 *
 * append() only adds to a text: nobody who sends or consumes waits for it. A message goes out when MAX_TEXT characters or
 * MAX_KEYS characters of keys are together, else FLUSH_MS after its first record; stop() sends what is left and waits for it.
 * What cannot be sent is lost: MAX_UNANSWERED messages may be under way, above that and with a full text new traces are dropped,
 * and one line says how many.
 *
 * Known differences: Java keeps 1024 contexts and 2048 messages back, and has a producer with connections of its own; keys do
 * not limit a message there, which brokers then refuse above 32 KiB of them.
 */

import type { Clock, Timer } from '../../common/clock.ts';
import type { Logger } from '../../common/logger.ts';
import type { NewMessage } from '../../message/message.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { TraceContext } from './trace-context.ts';
import { encodeTrace, traceKeys } from './trace-data-encoder.ts';

const FLUSH_MS = 500;
/** Java's 128,000, less the 10,000 it leaves for the rest of the message. */
const MAX_TEXT = 118_000;
/** Properties of a message end at 32,767 bytes. */
const MAX_KEYS = 24_000;
const MAX_UNANSWERED = 16;

/** Sends traces: a producer. */
export interface TraceSender {
  start(): Promise<void>;
  send(message: NewMessage): Promise<unknown>;
  stop(): Promise<void>;
}

/** How a client is asked for traces. */
export interface TraceOptions {
  /** Tell the trace topic of every message sent or consumed; default false. */
  readonly enableMsgTrace?: boolean | undefined;
  /** Where to, instead of RMQ_SYS_TRACE_TOPIC. */
  readonly customizedTraceTopic?: string | undefined;
}

export interface AsyncTraceDispatcherOptions {
  readonly sender: TraceSender;
  readonly traceTopic: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class AsyncTraceDispatcher {
  readonly traceTopic: string;
  readonly #options: AsyncTraceDispatcherOptions;
  #text = '';
  #keys = new Set<string>();
  #keysLength = 0;
  #timer: Timer | undefined;
  readonly #unanswered = new Set<Promise<void>>();
  #dropped = 0;
  #stopped = false;

  constructor(options: AsyncTraceDispatcherOptions) {
    this.#options = options;
    this.traceTopic = options.traceTopic || Topic.TRACE;
  }

  start(): Promise<void> {
    return this.#options.sender.start();
  }

  append(context: TraceContext): void {
    if (this.#stopped) return;
    if (this.#isFull()) {
      this.#drop();
      return;
    }
    this.#text += encodeTrace(context);
    for (const key of traceKeys(context)) {
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      this.#keysLength += key.length + 1;
    }
    if (this.#isFull()) this.#flush();
    else this.#timer ??= this.#options.clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Sends what is left, and resolves when it is answered or lost. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#settle();
    this.#flush();
    await this.#settle();
    await this.#options.sender.stop();
  }

  #isFull(): boolean {
    return this.#text.length >= MAX_TEXT || this.#keysLength >= MAX_KEYS;
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#text === '') return;
    if (this.#unanswered.size >= MAX_UNANSWERED) {
      if (!this.#stopped) this.#timer = this.#options.clock.after(FLUSH_MS, () => this.#flush());
      return;
    }
    const message = { topic: this.traceTopic, body: this.#text, keys: [...this.#keys] };
    this.#text = '';
    this.#keys = new Set();
    this.#keysLength = 0;
    const sending = this.#send(message).finally(() => this.#unanswered.delete(sending));
    this.#unanswered.add(sending);
  }

  /** Never rejects. */
  async #send(message: NewMessage): Promise<void> {
    try {
      await this.#options.sender.send(message);
    } catch (error) {
      this.#options.logger.warn(`traces were not sent to ${message.topic} and are lost: ${String(error)}`);
    }
  }

  #drop(): void {
    this.#dropped++;
    // The first, and then the powers of two.
    if ((this.#dropped & (this.#dropped - 1)) !== 0) return;
    this.#options.logger.warn(`traces come faster than ${this.traceTopic} takes them: ${this.#dropped} were dropped`);
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#unanswered);
  }
}
