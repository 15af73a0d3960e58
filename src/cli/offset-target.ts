/**
 * The `--to` of `offset reset`: earliest, latest, so long ago (-30s -15m -2h -1d), so many messages on or back (+100, -100), a
 * time (milliseconds, yyyy-MM-dd#HH:mm:ss:SSS, 2026-01-31, 2026-01-31T08:00), or a file of offsets.
 */

import type { OffsetTarget } from '../core/client/admin/offset-reset.ts';
import { ValueFault } from './faults.ts';
import { readOffsetFile } from './offset-file.ts';
import { parseTimeValue } from './time-value.ts';

const MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `now`: the wall clock, ms. Throws ValueFault. */
export function parseOffsetTarget(text: string, topic: string, now: number): OffsetTarget {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  const ago = /^-(\d{1,9})([smhd])$/.exec(text);
  if (ago !== null) return { kind: 'time', timestamp: now - Number(ago[1]) * (MS[ago[2] ?? ''] ?? 0) };
  if (/^[+-]\d{1,15}$/.test(text)) return { kind: 'shift', messages: Number(text) };
  if (/^\d{10,16}$/.test(text) || /^\d{4}-\d+-\d+#/.test(text)) return time(parseTimeValue(text, '--to'));
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) {
    // A day alone would be one of UTC.
    return time(Date.parse(text.length === 10 ? `${text}T00:00` : text));
  }
  return { kind: 'offsets', offsets: readOffsetFile(text, topic) };
}

function time(timestamp: number): OffsetTarget {
  if (Number.isFinite(timestamp)) return { kind: 'time', timestamp };
  throw new ValueFault('--to is no day there is.');
}
