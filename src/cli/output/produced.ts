/** What produce tells in the end: how many, how fast, and what was not sent; at most 80 columns. */

import type { ProduceResult } from '../produce/produce-run.ts';

export function renderProduced(result: ProduceResult, topic: string, unit: 'line' | 'message'): string {
  const { sent, bytes, seconds, rate, latencyMs, notSendOk, failed, failedNumbers } = result;
  const lines = [`${plural(sent, 'message')} sent to ${topic}: ${sizeText(bytes)} in ${seconds.toFixed(2)} s`];
  if (sent > 0) lines.push(`  ${count(rate)} a second`);
  if (latencyMs !== undefined) {
    const { p50, p90, p99, max } = latencyMs;
    lines.push(`  latency: p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, max ${ms(max)} ms`);
  }
  for (const [status, times] of Object.entries(notSendOk ?? {})) {
    lines.push(`  ${plural(times, 'message')} stored with ${status}`);
  }
  if (failed > 0) lines.push(...failures(failed, failedNumbers ?? [], unit));
  return `${lines.join('\n')}\n`;
}

const WIDTH = 80;

function failures(failed: number, numbers: readonly number[], unit: string): string[] {
  const lines = [`  ${plural(failed, unit)} not sent:`];
  const more = failed - numbers.length;
  for (const word of [...ranges(numbers), ...(more > 0 ? [`and ${count(more)} more`] : [])]) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word},`;
    else lines.push(`    ${word},`);
  }
  return lines.map((line, i) => (i === lines.length - 1 ? line.replace(/,$/, '') : line));
}

/** 1, 2, 3, 7 -> 1-3, 7 */
function ranges(numbers: readonly number[]): string[] {
  const found: [first: number, last: number][] = [];
  for (const n of numbers) {
    const open = found.at(-1);
    if (open !== undefined && open[1] === n - 1) open[1] = n;
    else found.push([n, n]);
  }
  return found.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`));
}

const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
const plural = (value: number, unit: string): string => `${count(value)} ${unit}${value === 1 ? '' : 's'}`;
const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? count(value) : value.toFixed(1)} ${units[unit]}`;
}
