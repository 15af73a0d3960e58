/**
 * Times as mqadmin's options take them: milliseconds since 1970, or `yyyy-MM-dd#HH:mm:ss:SSS` in local time.
 */

import { ValueFault } from './faults.ts';

/** `name` is the option as typed, for the fault. */
export function parseTimeValue(text: string, name: string): number {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})#(\d{1,2}):(\d{1,2}):(\d{1,2}):(\d{1,3})$/.exec(text);
  if (parts === null) {
    throw new ValueFault(`${name} is a time in milliseconds or as yyyy-MM-dd#HH:mm:ss:SSS, not "${text}".`);
  }
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, millis = 0] = parts.slice(1).map(Number);
  return new Date(year, month - 1, day, hour, minute, second, millis).getTime();
}

/** The `-s` of resetOffsetByTime: a time, or `now` for the end of each queue, which brokers are told as -1. */
export function parseResetTime(text: string): number {
  return text === 'now' ? -1 : parseTimeValue(text, '-s');
}
