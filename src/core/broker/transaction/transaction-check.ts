/**
 * One walk over the half messages that are not ended: the producers of those that are old enough are asked, and a copy with one
 * more check in TRANSACTION_CHECK_TIMES is put back at the end of the queue, so that what hangs keeps nothing else waiting.
 * What was asked about too often, or is older than fileReservedTime, goes to TRANS_CHECK_MAX_TIME_TOPIC. Mirrors
 * TransactionalMessageServiceImpl.check.
 *
 * Differences from 4.9: a message within its CHECK_IMMUNITY_TIME_IN_SECONDS is put back without counting a check (Java gives
 * it up after transactionCheckMax rounds, unasked); what the store refuses is left where it is for the next walk.
 */
import type { Clock } from '../../common/clock.ts';
import type { BrokerConfig } from '../../common/config-schema.ts';
import type { Logger } from '../../common/logger.ts';
import { encodeHostAddress } from '../../message/host-address.ts';
import type { MessageExt } from '../../message/message.ts';
import { encodeOffsetMsgId } from '../../message/message-id.ts';
import { Property } from '../../message/properties.ts';
import { Topic } from '../../message/topic-validator.ts';
import type { MessageStore } from '../../store/message-store.ts';
import { discardedDraft, putBackDraft } from './half-message.ts';
import type { OpenHalves } from './open-halves.ts';
import type { ProducerCheck } from './producer-check.ts';
import { putRecord, type SystemQueue } from './system-queue.ts';
import type { TransactionEnd } from './transaction-end.ts';
import { type HalfHistory, historyOf } from './transaction-history.ts';

/** A walk that takes longer goes on at the next check (MAX_PROCESS_TIME_LIMIT). */
const MAX_WALK_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `close`: a killed broker had committed it. `keep`: put back without asking. */
type Step =
  | { half: MessageExt; kind: 'done' | 'close' }
  | { half: MessageExt; kind: 'ask' | 'keep' | 'discard'; properties: Record<string, string> };

export interface TransactionCheckOptions {
  readonly config: BrokerConfig;
  readonly store: MessageStore;
  readonly halves: OpenHalves;
  readonly queue: SystemQueue;
  readonly end: TransactionEnd;
  readonly producers: ProducerCheck;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes sure that the topic of what is given up exists; false when it cannot be made now. */
  readonly discardTopic: () => Promise<boolean>;
}

export class TransactionCheck {
  readonly #options: TransactionCheckOptions;
  readonly #startTime: number;
  #stopped = false;

  constructor(options: TransactionCheckOptions) {
    this.#options = options;
    this.#startTime = options.clock.now();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Rejects with PocketError STORE when the half queue cannot be read. */
  async run(): Promise<void> {
    const { halves, queue, clock } = this.#options;
    const end = clock.monotonic() + MAX_WALK_MS;
    while (!this.#stopped && clock.monotonic() < end) {
      halves.from = halves.ended.next(Math.max(halves.from, queue.minOffset));
      if (halves.from >= queue.maxOffset) return;
      const { messages, next } = await queue.read(halves.from);
      if (next <= halves.from || !(await this.#slice(messages, next))) return;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** False when the walk ends here. */
  async #slice(messages: readonly MessageExt[], next: number): Promise<boolean> {
    const { halves } = this.#options;
    const histories = await Promise.all(messages.map((half) => this.#history(half)));
    const steps: Step[] = [];
    let until = next;
    for (const [i, half] of messages.entries()) {
      const step = this.#stopped ? undefined : this.#step(half, histories[i]);
      if (step === undefined) {
        until = half.queueOffset;
        break;
      }
      steps.push(step);
    }
    const results = await this.#carryOut(steps);
    // What the store has not taken is looked at again; what lies behind it is known to be done with then.
    const failed = steps.find((_, i) => results[i] !== true);
    halves.from = failed?.half.queueOffset ?? until;
    return failed === undefined && until === next;
  }

  /** Of a half message from before the start of the broker. */
  #history(half: MessageExt): Promise<HalfHistory> | undefined {
    const { store, halves, end } = this.#options;
    if (half.commitLogOffset >= end.startedAt || halves.isEnded(half.queueOffset)) return undefined;
    return historyOf(store, half);
  }

  /** What is to be done about a half message; undefined: nothing yet, nor about those behind it. */
  #step(half: MessageExt, history: HalfHistory | undefined): Step | undefined {
    const { config, halves, clock } = this.#options;
    const { queueOffset, properties, bornTimestamp } = half;
    if (halves.ended.has(queueOffset) || halves.wasMoved(queueOffset)) return { half, kind: 'done' };
    if (halves.ending.has(queueOffset)) return undefined;
    if (history?.committed === true) return { half, kind: 'close' };
    if (history !== undefined && history.newest > queueOffset) {
      halves.moved(queueOffset, history.newest);
      return { half, kind: 'done' };
    }
    const times = checkTimes(properties);
    if (times !== undefined && times >= config.transactionCheckMax) return { half, kind: 'discard', properties };
    const counted = { ...properties, [Property.TRANSACTION_CHECK_TIMES]: String((times ?? 0) + 1) };
    const age = clock.now() - bornTimestamp;
    if (age > config.fileReservedTime * HOUR_MS) return { half, kind: 'discard', properties: counted };
    if (half.storeTimestamp >= this.#startTime) return undefined;
    const immunity = immunityMs(properties);
    if (immunity === undefined && age >= 0 && age < config.transactionTimeOut) return undefined;
    if (immunity !== undefined && age < (immunity < 0 ? config.transactionTimeOut : immunity)) {
      const first = properties[Property.TRAN_PREPARED_QUEUE_OFFSET] ?? String(queueOffset);
      return { half, kind: 'keep', properties: { ...properties, [Property.TRAN_PREPARED_QUEUE_OFFSET]: first } };
    }
    return { half, kind: 'ask', properties: counted };
  }

  /** Whether each step is on record. */
  async #carryOut(steps: readonly Step[]): Promise<boolean[]> {
    const { halves, discardTopic } = this.#options;
    const mayDiscard = steps.some(({ kind }) => kind === 'discard') && (await discardTopic());
    const moving = steps.filter(({ kind }) => kind === 'ask' || kind === 'keep').map(({ half }) => half.queueOffset);
    // Nothing may come between: an end that arrives from now on waits for the copy.
    const results = Promise.all(steps.map((step) => this.#do(step, mayDiscard)));
    halves.moveBegins(moving, results);
    return results;
  }

  async #do(step: Step, mayDiscard: boolean): Promise<boolean> {
    const { store, end, logger } = this.#options;
    const { half } = step;
    switch (step.kind) {
      case 'done':
        return true;
      case 'close':
        return end.close(half.queueOffset);
      case 'discard': {
        const isDiscarded = mayDiscard && (await putRecord(store, discardedDraft(half, step.properties))) !== undefined;
        if (isDiscarded) logger.warn(`half message ${half.msgId} is given up: see ${Topic.TRANS_CHECK_MAX_TIME}`);
        return isDiscarded;
      }
      default:
        return this.#putBack(half, step.properties, step.kind === 'ask');
    }
  }

  async #putBack(half: MessageExt, properties: Record<string, string>, ask: boolean): Promise<boolean> {
    const { store, halves, producers } = this.#options;
    if (halves.isEnded(half.queueOffset)) return halves.ended.has(half.queueOffset);
    const place = await putRecord(store, putBackDraft(half, properties));
    if (place === undefined) return false;
    const { queueOffset, physicOffset } = place;
    halves.moved(half.queueOffset, queueOffset);
    if (!ask) return true;
    const offsetMsgId = encodeOffsetMsgId(encodeHostAddress(half.storeHost), physicOffset);
    producers.ask({ ...half, properties, queueOffset, commitLogOffset: physicOffset, offsetMsgId });
    return true;
  }
}

/** Checks so far; undefined for a message that was never checked, -1 for what is no number, as Java counts on from it. */
function checkTimes(properties: Readonly<Record<string, string>>): number | undefined {
  const text = properties[Property.TRANSACTION_CHECK_TIMES];
  return text === undefined ? undefined : wholeNumber(text);
}

/** How long its producer does not want to be asked, ms; undefined: it says nothing; below 0: the broker's time-out. */
function immunityMs(properties: Readonly<Record<string, string>>): number | undefined {
  const text = properties[Property.CHECK_IMMUNITY_TIME_IN_SECONDS];
  return text === undefined ? undefined : wholeNumber(text) * 1000;
}

function wholeNumber(text: string): number {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : -1;
}
