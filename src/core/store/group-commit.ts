/**
 * SYNC_FLUSH: answers of written puts that wait until the disk has them. One fdatasync serves every put that was written
 * before it began; while it runs, those that come gather for the next one. Mirrors GroupCommitService.
 *
 * A put that waits longer than syncFlushTimeout is answered FLUSH_DISK_TIMEOUT, and so are all that wait when an fsync
 * fails: they are in the log and may be consumed, but a power cut may take them. Differences: Java polls every 10 ms and
 * flushes once or twice for each put; here the fsync begins with the write.
 */
import type { Clock, Timer } from '../common/clock.ts';
import type { PendingPut } from './pending-put.ts';
import { PutMessageStatus } from './put-message.ts';

/** So many puts may wait; further ones are refused as when the disk is too busy. */
const MAX_WAITING_PUTS = 65_536;

/** The puts of one write. */
export interface WrittenBatch {
  puts: PendingPut[];
  /** Commitlog offset behind the last of them. */
  endOffset: number;
  /** Of all its records. */
  bytes: number;
  storeTimestamp: number;
}

export interface GroupCommitOptions {
  clock: Clock;
  /** Resolves when all that was written before the call is durable, or when that failed. Never rejects. */
  flush: () => Promise<void>;
  /** Commitlog bytes before this are durable. */
  flushedOffset: () => number;
  /** An fsync failed: nothing that waits becomes durable any more. */
  failed: () => boolean;
  /** syncFlushTimeout, ms. */
  timeoutMs: () => number;
  answer: (batch: WrittenBatch, status: PutMessageStatus) => void;
}

interface Waiting {
  readonly batch: WrittenBatch;
  readonly deadline: number;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  /** In the order of the log. */
  #waiting: Waiting[] = [];
  #waitingPuts = 0;
  #timer: Timer | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** So many written puts wait for the disk that no more may come. */
  get full(): boolean {
    return this.#waitingPuts >= MAX_WAITING_PUTS;
  }

  /** Answers the batch when it is durable, or when it has taken too long. */
  add(batch: WrittenBatch): void {
    const { clock, timeoutMs, flush } = this.#options;
    this.#waiting.push({ batch, deadline: clock.monotonic() + timeoutMs() });
    this.#waitingPuts += batch.puts.length;
    this.#setTimer();
    void flush().then(this.#onFlushed);
  }

  /** Ends the timer. What still waits is answered when the last flush ends. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  readonly #onFlushed = (): void => {
    const { flushedOffset, failed } = this.#options;
    const durable = flushedOffset();
    this.#answerWhile(({ batch }) => batch.endOffset <= durable, PutMessageStatus.PUT_OK);
    if (failed()) this.#answerWhile(() => true, PutMessageStatus.FLUSH_DISK_TIMEOUT);
  };

  readonly #onTime = (): void => {
    this.#timer = undefined;
    const now = this.#options.clock.monotonic();
    this.#answerWhile(({ deadline }) => deadline <= now, PutMessageStatus.FLUSH_DISK_TIMEOUT);
    this.#setTimer();
  };

  #answerWhile(isDue: (waiting: Waiting) => boolean, status: PutMessageStatus): void {
    let count = 0;
    for (const waiting of this.#waiting) {
      if (!isDue(waiting)) break;
      count++;
    }
    // Taken out first: a listener may put again.
    for (const { batch } of this.#waiting.splice(0, count)) {
      this.#waitingPuts -= batch.puts.length;
      this.#options.answer(batch, status);
    }
  }

  #setTimer(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#timer !== undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, first.deadline - clock.monotonic()), this.#onTime);
  }
}
