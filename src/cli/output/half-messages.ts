/** What `transaction list` prints: of each broker a line for each half message that hangs, the oldest first. */

import type { HangingHalfMessage } from '../../core/client/admin/half-messages.ts';
import type { AddressResult } from '../../core/client/admin/per-address.ts';
import { timeWithMillis } from './java-time.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

export function renderHalfMessages(results: readonly AddressResult<HangingHalfMessage[]>[]): string {
  return results.flatMap(({ addr, value }) => (value === undefined ? [] : brokerLines(addr, value))).join('');
}

export const halfMessagesDocument = (halfMessages: HangingHalfMessage[]): object => ({
  halfMessages: halfMessages.map((half) => ({ ...half, bornTime: timeWithMillis(half.bornTimestamp) })),
});

function brokerLines(addr: string, halves: readonly HangingHalfMessage[]): string[] {
  if (halves.length === 0) return [`${addr}: no half message hangs\n`];
  const rows = [
    ['#Age', '#Checks', '#Producer group', '#Topic', '#Message id'],
    ...halves.map((half) => [ageText(half.age), String(half.checkTimes), half.producerGroup, half.topic, half.msgId]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) =>
      `${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join(' ')
        .trimEnd()}\n`,
  );
  return [`${addr}: ${halves.length} half message${halves.length === 1 ? ' hangs' : 's hang'}\n`, ...lines];
}

/** The two largest units: `2h5m`, `45s`. */
function ageText(ms: number): string {
  let rest = Math.max(0, ms);
  let text = '';
  let parts = 0;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (parts > 0 || count > 0) parts++;
    if (count > 0 && parts <= 2) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
