/**
 * An alarm on stdout: a line `2026-01-31 08:00:00,000 firing "late": ...`, one JSON object a line, or a YAML document. Control
 * characters in names that others chose are escaped.
 */

import type { AlarmEvent } from '../../core/client/monitor/alarm-book.ts';
import { alarmDocument, alarmText } from '../../core/client/monitor/alarm-document.ts';
import { timeWithMillis } from './java-time.ts';
import { oneLine } from './received-message.ts';

export const alarmLine = (event: AlarmEvent): string => `${timeWithMillis(event.at)} ${oneLine(alarmText(event))}\n`;

/** A function that makes what stands on stdout; the yaml package is loaded only when asked for. */
export async function alarmRenderer(format: 'text' | 'json' | 'yaml'): Promise<(event: AlarmEvent) => string> {
  if (format === 'text') return alarmLine;
  if (format === 'json') return (event) => `${JSON.stringify(alarmDocument(event))}\n`;
  const { stringify } = await import('yaml');
  return (event) => `---\n${stringify(alarmDocument(event))}`;
}
