/**
 * Placeholders in a text, for many messages that differ: `{{n}}` the message's number from 1 (of lines the line's), `{{time}}`
 * now as 2024-06-01T12:00:00.123Z, `{{millis}}` now in ms since 1970, `{{uuid}}`, `{{random 10}}` so many letters and digits.
 */

import { randomInt, randomUUID } from 'node:crypto';
import { ValueFault } from '../faults.ts';

/** Makes the text of a message of this number. */
export type TextTemplate = (n: number) => string;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MAX_RANDOM = 1024 * 1024;
const PLACEHOLDER = /\{\{\s*([a-zA-Z]+)(?:\s+(\d+))?\s*\}\}/g;

/** Throws ValueFault for a name that is none of these; braces around anything else are text. */
export function textTemplate(text: string): TextTemplate {
  const parts: TextTemplate[] = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const literal = text.slice(from, match.index);
    const value = placeholder(match[0], match[1] ?? '', match[2]);
    parts.push(() => literal, value);
    from = match.index + match[0].length;
  }
  if (from === 0) return () => text;
  const rest = text.slice(from);
  return (n) => parts.map((part) => part(n)).join('') + rest;
}

function placeholder(written: string, name: string, count: string | undefined): TextTemplate {
  if (name === 'random') {
    const length = Number(count ?? 10);
    if (length > MAX_RANDOM) throw new ValueFault(`${written} is longer than ${MAX_RANDOM}.`);
    return () => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  }
  if (count === undefined) {
    if (name === 'n') return String;
    if (name === 'time') return () => new Date().toISOString();
    if (name === 'millis') return () => String(Date.now());
    if (name === 'uuid') return () => randomUUID();
  }
  throw new ValueFault(`There is no ${written}: there are {{n}}, {{time}}, {{millis}}, {{uuid}} and {{random 10}}.`);
}
