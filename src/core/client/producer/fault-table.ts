/**
 * Which brokers a producer avoids for a while. With sendLatencyFaultEnable by the two tables of Java's MQFaultStrategy and
 * LatencyFaultToleranceImpl (4.9): a slow broker for a time that grows with its slowness, one that failed as long as one that
 * took 30 s.
 *
 * Difference: without the switch, where Java avoids nothing, a broker that failed is avoided for FAILED_MS.
 */

import type { Clock } from '../../common/clock.ts';
import { PocketError } from '../../common/errors.ts';
import type { ProducerOptions } from './producer-options.ts';

const FAILED_MS = 30_000;
/** What a failure counts as, ms. */
const FAILED_LATENCY_MS = 30_000;
const LATENCY_MAX: readonly number[] = [50, 100, 550, 1000, 2000, 3000, 15_000];
const NOT_AVAILABLE_DURATION: readonly number[] = [0, 0, 30_000, 60_000, 120_000, 180_000, 600_000];

interface FaultItem {
  readonly brokerName: string;
  /** Of the last send, ms. */
  readonly latency: number;
  /** Monotonic ms from which on it may be used. */
  readonly availableFrom: number;
}

type FaultOptions = Pick<ProducerOptions, 'sendLatencyFaultEnable' | 'latencyMax' | 'notAvailableDuration'>;

export class FaultTable {
  /** Java's sendLatencyFaultEnable. */
  readonly latencyFault: boolean;
  readonly #clock: Clock;
  readonly #latencyMax: readonly number[];
  readonly #notAvailableDuration: readonly number[];
  /** By brokerName. Holds brokers of routes only, so it stays small. */
  readonly #items = new Map<string, FaultItem>();
  #picks = 0;

  /** Throws PocketError ILLEGAL_ARGUMENT for tables of different lengths, or latencies that do not rise. */
  constructor(clock: Clock, options: FaultOptions) {
    const { latencyMax = LATENCY_MAX, notAvailableDuration = NOT_AVAILABLE_DURATION } = options;
    const rises = latencyMax.every((latency, i) => latency > (latencyMax[i - 1] ?? -1));
    if (!rises || latencyMax.length !== notAvailableDuration.length) {
      throw new PocketError('ILLEGAL_ARGUMENT', 'latencyMax must rise and be as long as notAvailableDuration');
    }
    this.#clock = clock;
    this.#latencyMax = latencyMax;
    this.#notAvailableDuration = notAvailableDuration;
    this.latencyFault = options.sendLatencyFaultEnable ?? false;
  }

  isAvailable(brokerName: string): boolean {
    const item = this.#items.get(brokerName);
    return item === undefined || this.#clock.monotonic() >= item.availableFrom;
  }

  /** The broker answered after `latency` ms. */
  succeeded(brokerName: string, latency: number): void {
    if (this.latencyFault) this.#update(brokerName, latency, this.#durationOf(latency));
    else this.#items.delete(brokerName);
  }

  /** The broker answered with a failure, or not within `latency` ms. */
  failed(brokerName: string, latency = 0): void {
    this.#update(brokerName, latency, this.latencyFault ? this.#durationOf(FAILED_LATENCY_MS) : FAILED_MS);
  }

  /** Forgets a broker. */
  remove(brokerName: string): void {
    this.#items.delete(brokerName);
  }

  /** One of the better half of the brokers known, in turn. */
  pickOneAtLeast(): string | undefined {
    const now = this.#clock.monotonic();
    const isAway = (item: FaultItem): number => (now >= item.availableFrom ? 0 : 1);
    const sorted = [...this.#items.values()].sort(
      (a, b) => isAway(a) - isAway(b) || a.latency - b.latency || a.availableFrom - b.availableFrom,
    );
    const half = Math.floor(sorted.length / 2);
    return sorted[half === 0 ? 0 : ++this.#picks % half]?.brokerName;
  }

  #update(brokerName: string, latency: number, duration: number): void {
    this.#items.set(brokerName, { brokerName, latency, availableFrom: this.#clock.monotonic() + duration });
  }

  #durationOf(latency: number): number {
    const row = this.#latencyMax.findLastIndex((from) => latency >= from);
    return this.#notAvailableDuration[row] ?? 0;
  }
}
