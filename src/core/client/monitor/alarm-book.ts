/**
 * Which alarms there are, since when, and what is to be told of them: a condition must hold for `forMs` before its alarm fires;
 * the end of one that was told is told; between two notices about the same alarm lie `repeatMs`, whether it goes on or comes
 * back. Kept in memory only: a monitor that starts again tells again what it finds.
 */

import type { Condition, Finding } from './monitor-rule.ts';

/** Alarms that are kept in mind; what is found beyond is not followed. */
const MAX_ALARMS = 10_000;

export interface AlarmEvent {
  readonly state: 'firing' | 'recovered';
  /** As found last. */
  readonly finding: Finding;
  /** Since when the condition holds, or held; ms since 1970. */
  readonly since: number;
  readonly at: number;
}

interface Alarm {
  finding: Finding;
  /** Undefined: it does not hold, but was told within repeatMs. */
  since: number | undefined;
  /** Whether people believe that it holds. */
  told: boolean;
  toldAt: number | undefined;
}

export interface AlarmBookOptions {
  readonly maxAlarms?: number | undefined;
  /** True: whatever is found fires at once. */
  readonly atOnce?: boolean | undefined;
}

export class AlarmBook {
  readonly #alarms = new Map<string, Alarm>();
  readonly #max: number;
  readonly #atOnce: boolean;
  #leftOut = 0;

  constructor({ maxAlarms = MAX_ALARMS, atOnce = false }: AlarmBookOptions = {}) {
    this.#max = maxAlarms;
    this.#atOnce = atOnce;
  }

  /** Findings of the last round that are not followed, because there are too many. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * Takes what a round has found at `now` (ms) and returns what is to be told. Alarms of which `isUnknown` says so stay as
   * they are.
   */
  enter(
    findings: readonly Finding[],
    now: number,
    isUnknown: (condition: Condition, consumerGroup: string | undefined) => boolean,
  ): AlarmEvent[] {
    const events: AlarmEvent[] = [];
    const found = new Set<string>();
    this.#leftOut = 0;
    for (const finding of findings) {
      const key = keyOf(finding);
      const alarm = this.#alarms.get(key) ?? this.#open(key, finding);
      if (alarm === undefined) continue;
      found.add(key);
      alarm.finding = finding;
      alarm.since ??= now;
      if (this.#isDue(alarm, alarm.since, now)) events.push(told(alarm, alarm.since, 'firing', now));
    }
    for (const [key, alarm] of this.#alarms) {
      const { condition, consumerGroup, rule } = alarm.finding;
      if (found.has(key) || isUnknown(condition, consumerGroup)) continue;
      if (alarm.told) events.push(told(alarm, alarm.since ?? now, 'recovered', now));
      alarm.since = undefined;
      if (alarm.toldAt === undefined || now - alarm.toldAt >= rule.repeatMs) this.#alarms.delete(key);
    }
    return events;
  }

  #open(key: string, finding: Finding): Alarm | undefined {
    if (this.#alarms.size >= this.#max) {
      this.#leftOut++;
      return undefined;
    }
    const alarm: Alarm = { finding, since: undefined, told: false, toldAt: undefined };
    this.#alarms.set(key, alarm);
    return alarm;
  }

  #isDue({ finding: { rule }, toldAt }: Alarm, since: number, now: number): boolean {
    if (!this.#atOnce && now - since < rule.forMs) return false;
    return toldAt === undefined || now - toldAt >= rule.repeatMs;
  }
}

/** A recovery does not begin the time in which nothing is told again: it belongs to the notice before. */
function told(alarm: Alarm, since: number, state: AlarmEvent['state'], at: number): AlarmEvent {
  alarm.told = state === 'firing';
  if (state === 'firing') alarm.toldAt = at;
  return { state, finding: alarm.finding, since, at };
}

const keyOf = ({ rule, condition, consumerGroup, topic }: Finding): string =>
  [rule.name, condition, consumerGroup ?? '', topic ?? ''].join('\n');
