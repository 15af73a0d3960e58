/**
 * Many messages, one after another from an input that may be endless: what is in memory is a piece of input and the window of
 * messages under way. Stops at the first message that is none or cannot be sent, unless told to go on.
 */

import type { Producer } from '../../core/client/producer/producer.ts';
import { PocketError } from '../../core/common/errors.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { MadeMessage } from './message-maker.ts';
import { type SendMode, senderOf } from './senders.ts';

/** How many of the numbers that failed are kept; the others are counted. */
const MAX_NUMBERS = 100;
/** After so long the event loop has its turn: signals and timers are then looked at. */
const TURN_MS = 20;

/** One message to come: its number, from 1, and how to make it, which may throw a PocketError ILLEGAL_ARGUMENT. */
export interface ProduceItem {
  readonly n: number;
  make(): MadeMessage;
}

export interface ProduceRunOptions {
  readonly producer: Producer;
  readonly items: AsyncIterable<ProduceItem> | Iterable<ProduceItem>;
  readonly mode: SendMode;
  /** Messages of a batch. */
  readonly batchSize: number;
  /** Messages a second; undefined: as fast as they are taken. */
  readonly rate: number | undefined;
  readonly continueOnError: boolean;
  /** At most so many messages. */
  readonly count: number | undefined;
  progress(sent: number): void;
}

/** What `mqadmin produce --output json` shows. */
export interface ProduceResult {
  readonly mode: SendMode;
  /** Messages that brokers stored; of oneway: that went out. */
  readonly sent: number;
  /** Of their bodies. */
  readonly bytes: number;
  readonly seconds: number;
  /** Messages a second. */
  readonly rate: number;
  /** Of a request, milliseconds; absent for oneway. Within 3 %. */
  readonly latencyMs?: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** How often a broker answered something else than SEND_OK for a message that it stored. */
  readonly notSendOk?: Readonly<Record<string, number>>;
  readonly failed: number;
  /** The first 100 numbers (of input its lines) that were not sent, rising. */
  readonly failedNumbers?: readonly number[];
}

interface ProduceFailure {
  readonly n: number;
  readonly error: unknown;
  /** The message could not be made; nothing was asked of a broker. */
  readonly isBroken: boolean;
}

export class ProduceRun {
  readonly #options: ProduceRunOptions;
  readonly #latency = new LatencyHistogram();
  readonly #notOk = new Map<string, number>();
  #failedNumbers: number[] = [];
  #sent = 0;
  #lastSent = 0;
  #bytes = 0;
  #failed = 0;
  #seconds = 0;
  #first: ProduceFailure | undefined;
  #stopped = false;

  constructor(options: ProduceRunOptions) {
    this.#options = options;
  }

  /** The first thing that went wrong. */
  get firstFailure(): ProduceFailure | undefined {
    return this.#first;
  }

  /** The highest number that was sent, 0 when none was. */
  get lastSent(): number {
    return this.#lastSent;
  }

  /** No further message is begun; those under way are waited for. */
  stop(): void {
    this.#stopped = true;
  }

  /** Never rejects for a message; rejects with what the input failed with, after what was under way has ended. */
  async run(): Promise<void> {
    const { items, producer, mode, batchSize, count = Number.POSITIVE_INFINITY } = this.#options;
    const sender = senderOf({ producer, mode, batchSize, outcomes: this });
    const begun = performance.now();
    let turn = begun;
    let taken = 0;
    try {
      for await (const item of items) {
        if (this.#isOver || taken >= count) break;
        taken++;
        const made = this.#make(item);
        if (made !== undefined) {
          await this.#pace(begun, taken);
          if (this.#isOver) break;
          await sender.send(item.n, made);
        }
        if (performance.now() - turn > TURN_MS) {
          await new Promise<void>((go) => setImmediate(go));
          turn = performance.now();
        }
        if (taken >= count) break;
      }
    } finally {
      await sender.end();
      this.#seconds = (performance.now() - begun) / 1000;
    }
  }

  result(): ProduceResult {
    const { mode } = this.#options;
    const latency = this.#latency;
    const at = (percent: number): number => round(latency.percentile(percent), 3);
    const isTold = mode !== 'oneway' && latency.count > 0;
    return {
      mode,
      sent: this.#sent,
      bytes: this.#bytes,
      seconds: round(this.#seconds, 3),
      rate: this.#sent === 0 ? 0 : Math.round(this.#sent / Math.max(this.#seconds, 0.001)),
      ...(isTold && { latencyMs: { p50: at(50), p90: at(90), p99: at(99), max: at(100) } }),
      ...(this.#notOk.size > 0 && { notSendOk: Object.fromEntries(this.#notOk) }),
      failed: this.#failed,
      ...(this.#failed > 0 && { failedNumbers: [...this.#failedNumbers].sort((a, b) => a - b) }),
    };
  }

  sent(numbers: readonly number[], bytes: number, millis: number): void {
    this.#sent += numbers.length;
    this.#lastSent = Math.max(this.#lastSent, numbers.at(-1) ?? 0);
    this.#bytes += bytes;
    this.#latency.add(millis);
    this.#options.progress(this.#sent);
  }

  unsafe(count: number, status: string): void {
    this.#notOk.set(status, (this.#notOk.get(status) ?? 0) + count);
  }

  failed(numbers: readonly number[], error: unknown, isBroken = false): void {
    this.#failed += numbers.length;
    this.#failedNumbers.push(...numbers.slice(0, MAX_NUMBERS - this.#failedNumbers.length));
    const [n] = numbers;
    if (n !== undefined && (this.#first === undefined || n < this.#first.n)) this.#first = { n, error, isBroken };
  }

  get #isOver(): boolean {
    return this.#stopped || (this.#first !== undefined && !this.#options.continueOnError);
  }

  #make(item: ProduceItem): MadeMessage | undefined {
    try {
      return item.make();
    } catch (error) {
      if (!(error instanceof PocketError)) throw error;
      this.failed([item.n], error, true);
      return undefined;
    }
  }

  async #pace(begun: number, taken: number): Promise<void> {
    const { rate } = this.#options;
    if (rate === undefined) return;
    const due = begun + ((taken - 1) * 1000) / rate;
    for (let left = due - performance.now(); left >= 1 && !this.#isOver; left = due - performance.now()) {
      await new Promise((go) => setTimeout(go, Math.min(left, PACE_MS)));
    }
  }
}

/** A wait for the next message is interrupted within so long. */
const PACE_MS = 200;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
