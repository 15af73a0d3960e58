/**
 * What all connections of a server may take together: how many there are, how many bytes of answers wait for peers that do
 * not read, how many bytes of unfinished requests have come in. A server with several ports has one of these.
 *
 * At a limit of bytes the connection that takes the most is closed: a peer that behaves takes little and is not the one.
 */

import type { Logger } from '../common/logger.ts';

const MIB = 1024 * 1024;

/** Answers that wait for one peer before nothing more is read from it. */
export const HIGH_WATER = MIB;
/** The same while much waits for all peers together. */
const LOWERED_HIGH_WATER = 64 * 1024;
/** Answers that wait for all peers before the lower mark holds for each. */
const TOTAL_HIGH_WATER = 64 * MIB;
/** Answers that may wait for one peer: what the server pushes does not stop when nothing is read any more. */
export const MAX_WAITING_BYTES = 64 * MIB;
const MAX_TOTAL_WAITING_BYTES = 256 * MIB;
const MAX_TOTAL_UNFINISHED_BYTES = 256 * MIB;
/** Once connections have to be closed, this part of the limit is what may stay: not one after the other for every byte. */
const ENOUGH = 7 / 8;
/** For a process whose limit of open files is not known. */
const DEFAULT_MAX_CONNECTIONS = 10_000;

/** A connection as the limits see it. */
export interface LimitedConnection {
  readonly remoteAddr: string;
  /** Bytes of answers that wait for the peer. */
  readonly waitingBytes: number;
  /** Bytes of memory that hold what has come in and cannot be worked on yet. */
  readonly unfinishedBytes: number;
  /** Brings waitingBytes up to date and reports the difference. */
  countWaiting(): void;
  /** Closes at once. */
  destroy(reason: string): void;
}

export interface RemotingLimitsOptions {
  logger: Logger;
  maxConnections?: number | undefined;
  maxTotalWaitingBytes?: number;
  maxTotalUnfinishedBytes?: number;
}

type Bytes = 'waitingBytes' | 'unfinishedBytes';

export class RemotingLimits {
  readonly maxConnections: number;
  /** Sums over all connections. */
  readonly totals: Record<Bytes, number> = { waitingBytes: 0, unfinishedBytes: 0 };
  readonly #logger: Logger;
  readonly #max: Readonly<Record<Bytes, number>>;
  readonly #connections = new Set<LimitedConnection>();
  #closing = false;

  constructor(options: RemotingLimitsOptions) {
    this.#logger = options.logger;
    this.maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    this.#max = {
      waitingBytes: options.maxTotalWaitingBytes ?? MAX_TOTAL_WAITING_BYTES,
      unfinishedBytes: options.maxTotalUnfinishedBytes ?? MAX_TOTAL_UNFINISHED_BYTES,
    };
  }

  /** Sockets that are open, also those of connections that are being closed. */
  get connections(): number {
    return this.#connections.size;
  }

  get isFull(): boolean {
    return this.#connections.size >= this.maxConnections;
  }

  add(connection: LimitedConnection): void {
    this.#connections.add(connection);
  }

  /** The socket is gone; what it took was given back with changed(). */
  remove(connection: LimitedConnection): void {
    this.#connections.delete(connection);
  }

  /** Answers that may wait for a peer before nothing more is read from it. */
  get highWater(): number {
    return this.totals.waitingBytes > TOTAL_HIGH_WATER ? LOWERED_HIGH_WATER : HIGH_WATER;
  }

  /** A connection takes `difference` bytes more than before. At the limit the one that takes the most is closed. */
  changed(bytes: Bytes, difference: number): void {
    this.totals[bytes] += difference;
    if (this.totals[bytes] <= this.#max[bytes] || this.#closing) return;
    // Counting and closing report differences as well, and closing one makes others write.
    this.#closing = true;
    for (const connection of this.#connections) connection.countWaiting();
    const enough = this.#max[bytes] * ENOUGH;
    if (this.totals[bytes] > this.#max[bytes]) while (this.totals[bytes] > enough && this.#closeLargest(bytes));
    this.#closing = false;
  }

  #closeLargest(bytes: Bytes): boolean {
    let largest: LimitedConnection | undefined;
    for (const connection of this.#connections) {
      if (largest === undefined || connection[bytes] > largest[bytes]) largest = connection;
    }
    if (largest === undefined || largest[bytes] === 0) return false;
    const what = bytes === 'waitingBytes' ? 'of answers wait for' : 'of unfinished requests have come from';
    const reason = `${this.totals[bytes]} bytes ${what} all peers together, more than ${this.#max[bytes]}; ${largest[bytes]} of them are this one's`;
    this.#logger.warn(`connection of ${largest.remoteAddr} is closed: ${reason}`);
    largest.destroy(reason);
    return largest[bytes] === 0;
  }
}
