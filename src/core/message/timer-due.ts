/**
 * When a timed message of RocketMQ 5.x is to be delivered: what its sender asks for in TIMER_DELAY_SEC, TIMER_DELAY_MS or
 * TIMER_DELIVER_MS, the first of them that is there, and TIMER_OUT_MS, what a broker has made of that.
 */
import { Property } from './properties.ts';

/** The coarsest TIMER_OUT_MS: the time asked for lies at most so much behind it. */
export const MAX_TIMER_PRECISION_MS = 1000;

type Properties = Readonly<Record<string, string>>;

/** The time a sender asks for, ms since 1970, as of `now`; NaN for what is no number, undefined when none is asked for. */
export function requestedTime(properties: Properties, now: number): number | undefined {
  const seconds = properties[Property.TIMER_DELAY_SEC];
  if (seconds !== undefined) return now + longOf(seconds) * 1000;
  const ms = properties[Property.TIMER_DELAY_MS];
  if (ms !== undefined) return now + longOf(ms);
  const deliver = properties[Property.TIMER_DELIVER_MS];
  return deliver === undefined ? undefined : longOf(deliver);
}

/** When a waiting record is due, ms since 1970: as asked for, within what TIMER_OUT_MS allows. Undefined without TIMER_OUT_MS. */
export function timerDueTime(properties: Properties, storeTimestamp: number): number | undefined {
  const out = longOf(properties[Property.TIMER_OUT_MS] ?? '');
  if (!Number.isFinite(out)) return undefined;
  const asked = requestedTime(properties, storeTimestamp) ?? out;
  return Number.isNaN(asked) ? out : Math.min(Math.max(asked, out), out + MAX_TIMER_PRECISION_MS);
}

/** As Java's Long.parseLong; NaN where that throws. */
function longOf(text: string): number {
  return /^[+-]?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
}
