/**
 * Which brokers a producer avoids for a while: one that failed for FAILED_MS, and with `latencyFault` (Java's
 * sendLatencyFaultEnable) a slow one for a time that grows with its slowness. Mirrors MQFaultStrategy and
 * LatencyFaultToleranceImpl.
 *
 * Known differences: a failed broker is avoided without the switch too, for 30 s instead of 10 min; where every broker is
 * avoided the choice is plain round robin.
 */

import type { Clock } from '../../common/clock.ts';

const FAILED_MS = 30_000;

/** From this latency (ms) on, avoided for that long (ms). */
const avoidance: readonly (readonly [latency: number, avoidMs: number])[] = [
  [15_000, 600_000],
  [3000, 180_000],
  [2000, 120_000],
  [1000, 60_000],
  [550, 30_000],
];

export class FaultTable {
  readonly #clock: Clock;
  readonly #latencyFault: boolean;
  /** brokerName -> monotonic ms until which it is avoided. Holds brokers of routes only, so it stays small. */
  readonly #avoidedUntil = new Map<string, number>();

  constructor(clock: Clock, latencyFault: boolean) {
    this.#clock = clock;
    this.#latencyFault = latencyFault;
  }

  isAvailable(brokerName: string): boolean {
    const until = this.#avoidedUntil.get(brokerName);
    if (until === undefined) return true;
    if (this.#clock.monotonic() < until) return false;
    this.#avoidedUntil.delete(brokerName);
    return true;
  }

  /** The broker answered after `latencyMs`. */
  succeeded(brokerName: string, latencyMs: number): void {
    const avoidMs = this.#latencyFault ? (avoidance.find(([latency]) => latencyMs >= latency)?.[1] ?? 0) : 0;
    if (avoidMs === 0) this.#avoidedUntil.delete(brokerName);
    else this.#avoidedUntil.set(brokerName, this.#clock.monotonic() + avoidMs);
  }

  failed(brokerName: string): void {
    this.#avoidedUntil.set(brokerName, this.#clock.monotonic() + FAILED_MS);
  }
}
