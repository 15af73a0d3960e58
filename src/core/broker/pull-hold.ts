/**
 * Pull requests that found nothing new and wait for a message. Mirrors PullRequestHoldService: a held request is answered
 * when a message that its filter lets through arrives in its queue, or by the scan (every 5 s; every
 * shortPollingTimeMills with longPollingEnable=false) once the queue has grown or its hold time has passed.
 *
 * Messages that arrive in one commit wake a request once, after the last of them: it then gets them all.
 * The number of held requests is bounded by pullThreadPoolQueueCapacity, and so are the bytes of their frames and the
 * number of one connection; at a limit hold() refuses and the caller answers as Java does when its pull queue is full
 * ([OVERLOAD], code 2), which makes clients wait before they ask again.
 */

import type { Clock, Timer } from '../common/clock.ts';

/** Requests one connection may have here: far above the queues that one client consumes. */
const MAX_PER_CONNECTION = 4096;
/** A request keeps its frame's fields: usually 300 bytes of them. */
const MAX_BYTES = 128 * 1024 * 1024;
/** So many are answered before what was written is counted and the sockets get their turn. */
const RESUMED_PER_TURN = 256;

export interface HeldPull {
  /** Whose request it is; only compared. */
  readonly connection: object;
  /** Memory it keeps, about. */
  readonly bytes: number;
  readonly topic: string;
  readonly queueId: number;
  /** The first offset that would satisfy the request. */
  readonly offset: number;
  /** Monotonic time at which the request is answered in any case. */
  readonly holdUntil: number;
  /** Nobody waits for the answer any more. */
  readonly abandoned: boolean;
  matches(tagsCode: number): boolean;
  /** Evaluates the request again and answers it, without holding it a second time. */
  resume(): void;
}

export interface PullHoldOptions {
  clock: Clock;
  /** Highest number of requests held at a time; asked at each. */
  limit: () => number;
  /** Asked when the scan is started or restarted. */
  scanIntervalMs: () => number;
  store: WatchedStore;
}

/** What the service needs of the store: the ends of queues, and to be told of messages (onArrive) where requests wait. */
export interface WatchedStore {
  maxOffsetInQueue(topic: string, queueId: number): number;
  watch(topic: string, queueId: number): boolean;
  unwatch(topic: string, queueId: number): void;
}

export class PullHold {
  readonly #options: PullHoldOptions;
  /** topic -> queueId -> requests in the order they came. */
  readonly #held = new Map<string, Map<number, HeldPull[]>>();
  readonly #perConnection = new Map<object, number>();
  #size = 0;
  #bytes = 0;
  #woken: HeldPull[] = [];
  #timer: Timer | undefined;

  constructor(options: PullHoldOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Requests that are about to be answered. */
  get wokenSize(): number {
    return this.#woken.length;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(this.#options.scanIntervalMs(), () => this.scan());
  }

  /** The interval of the scan is another one now. */
  restartScan(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.start();
  }

  /** Answers the requests for a topic that is gone: its queues of the same names would be others. */
  wakeTopic(topic: string): void {
    for (const [queueId, pulls] of this.#held.get(topic) ?? []) {
      for (const pull of pulls) this.#wake(pull);
      this.#options.store.unwatch(topic, queueId);
    }
    this.#held.delete(topic);
  }

  /** Forgets all held requests: their connections are about to close. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#held.clear();
    this.#perConnection.clear();
    this.#size = 0;
    this.#bytes = 0;
    this.#woken = [];
  }

  /** False at the limit: the request is not held. */
  hold(pull: HeldPull): boolean {
    const { connection, bytes } = pull;
    const ofConnection = this.#perConnection.get(connection) ?? 0;
    if (ofConnection >= MAX_PER_CONNECTION || this.#bytes + bytes > MAX_BYTES) return false;
    if (this.#size >= this.#options.limit()) return false;
    let queues = this.#held.get(pull.topic);
    if (queues === undefined) {
      queues = new Map();
      this.#held.set(pull.topic, queues);
    }
    const pulls = queues.get(pull.queueId);
    if (pulls === undefined) {
      queues.set(pull.queueId, [pull]);
      this.#options.store.watch(pull.topic, pull.queueId);
    } else pulls.push(pull);
    this.#size++;
    this.#bytes += bytes;
    this.#perConnection.set(connection, ofConnection + 1);
    return true;
  }

  /** A message has become readable; maxOffset is the queue's end behind it. Called for every message. */
  readonly onArrive = (topic: string, queueId: number, maxOffset: number, tagsCode: number): void => {
    if (this.#size === 0) return;
    const pulls = this.#held.get(topic)?.get(queueId);
    if (pulls === undefined || pulls.length === 0) return;
    let kept = 0;
    for (const pull of pulls) {
      if (maxOffset > pull.offset && pull.matches(tagsCode)) this.#wake(pull);
      else pulls[kept++] = pull;
    }
    pulls.length = kept;
  };

  /** Answers what has waited long enough or whose queue has grown, and drops what nobody waits for. */
  scan(): void {
    const { store, clock } = this.#options;
    const now = clock.monotonic();
    for (const [topic, queues] of this.#held) {
      for (const [queueId, pulls] of queues) {
        const maxOffset = store.maxOffsetInQueue(topic, queueId);
        let kept = 0;
        for (const pull of pulls) {
          if (pull.abandoned) this.#forget(pull);
          else if (maxOffset > pull.offset || now >= pull.holdUntil) this.#wake(pull);
          else pulls[kept++] = pull;
        }
        pulls.length = kept;
        if (kept > 0) continue;
        queues.delete(queueId);
        store.unwatch(topic, queueId);
      }
      if (queues.size === 0) this.#held.delete(topic);
    }
  }

  #wake(pull: HeldPull): void {
    this.#forget(pull);
    if (this.#woken.length === 0) queueMicrotask(this.#resumeWoken);
    this.#woken.push(pull);
  }

  #forget({ connection, bytes }: HeldPull): void {
    this.#size--;
    this.#bytes -= bytes;
    const left = (this.#perConnection.get(connection) ?? 1) - 1;
    if (left === 0) this.#perConnection.delete(connection);
    else this.#perConnection.set(connection, left);
  }

  readonly #resumeWoken = (): void => {
    const woken = this.#woken;
    const rest = woken.length > RESUMED_PER_TURN ? woken.splice(RESUMED_PER_TURN) : [];
    this.#woken = rest;
    for (const pull of woken) if (!pull.abandoned) pull.resume();
    if (rest.length > 0) setImmediate(this.#resumeWoken);
  };
}
