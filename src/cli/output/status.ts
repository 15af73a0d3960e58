/** What `mqadmin status` prints: a line each server. */

import type { ProcessStatus } from '../../core/cluster/process-status.ts';

/** `now` in ms since 1970. */
export function renderStatus(rows: readonly ProcessStatus[], now: number): string {
  const cells = [
    ['#Role', '#Name', '#Addr', '#Pid', '#Up', '#Answers'],
    ...rows.map(({ role, name = '', addr, pid, startedAt, answers }) => {
      return [role, name, addr, String(pid), uptime(now - startedAt), answers ? 'yes' : 'no'];
    }),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The two largest units: `3d 4h`, `5m 6s`, `7s`. */
function uptime(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ');
}
