/**
 * Java's properties text, in which every RocketMQ configuration file is written (java.util.Properties.load, MixAll).
 *
 * Rules: lines end with \n, \r or \r\n; blank ones and those whose first visible character is # or ! are skipped; an odd
 * number of backslashes at the end joins the next line, whose leading blanks go; the key ends at the first unescaped =, :
 * or blank; \t \n \r \f \uXXXX are characters, a backslash before anything else vanishes; blanks behind a value belong to
 * it; the last of two equal keys wins.
 *
 * Difference: Java reads the file as ISO-8859-1, so Chinese text comes out broken; here a file is UTF-8 and only a file
 * that is not valid UTF-8 is read as ISO-8859-1.
 */

import { PocketError } from './errors.ts';

export interface PropertyEntry {
  readonly value: string;
  /** Line of the key, from 1; undefined for a value that did not come from a file (command line). */
  readonly line?: number | undefined;
}

/** Keys in the order of the text. */
export type Properties = ReadonlyMap<string, PropertyEntry>;

const BLANK = /[ \t\f]/;

/** The text of a properties file: UTF-8 (a byte order mark is dropped), else ISO-8859-1. */
export function decodePropertiesBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * `source` names the file in an error. Throws PocketError CONFIG that names the line when a \u escape is no four hex
 * digits.
 */
export function parseProperties(text: string, source?: string): Map<string, PropertyEntry> {
  const properties = new Map<string, PropertyEntry>();
  for (const { content, line } of logicalLines(text)) {
    const place = placeOf(source, line);
    const keyEnd = endOfKey(content);
    const key = unescapeJava(content.slice(0, keyEnd), place);
    // A repeated key takes the place of its last occurrence.
    properties.delete(key);
    properties.set(key, { value: unescapeJava(content.slice(startOfValue(content, keyEnd)), place), line });
  }
  return properties;
}

/** `broker.conf line 3: `, as far as it is known. */
export function placeOf(source: string | undefined, line: number | undefined): string {
  const place = [source, line === undefined ? undefined : `line ${line}`].filter((part) => part !== undefined);
  return place.length === 0 ? '' : `${place.join(' ')}: `;
}

/** Properties that came from no file, for example from the command line. */
export function propertiesOf(values: Readonly<Record<string, string | undefined>>): Map<string, PropertyEntry> {
  const properties = new Map<string, PropertyEntry>();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) properties.set(key, { value });
  return properties;
}

/**
 * The listing that GET_BROKER_CONFIG and GET_NAMESRV_CONFIG answer, the body of their UPDATE requests and the saved files:
 * `key=value` lines; undefined values are left out. Difference: MixAll.properties2String does not escape, although whoever
 * reads the lines takes escapes away, so that `C:\data` and Chinese text come out broken; here they survive.
 */
export function formatConfigLines(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  let text = '';
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    text += `${escapeJava(key).replaceAll(/[ =:#!]/g, '\\$&')}=${escapeJava(String(value)).replace(/^ /, '\\ ')}\n`;
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

/** Text that reads as itself again, whether it is read as UTF-8 or as ISO-8859-1. */
function escapeJava(text: string): string {
  return text
    .replaceAll(/[\\\t\n\r\f]/g, (c) => ESCAPES[c] ?? c)
    .replaceAll(/[^\t -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

/** Joins continued lines, drops comments and blank lines. */
function* logicalLines(text: string): Generator<{ content: string; line: number }> {
  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    let content = trimStart(lines[i] ?? '');
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    while (endsWithOpenBackslash(content)) {
      content = content.slice(0, -1);
      i++;
      if (i >= lines.length) break;
      content += trimStart(lines[i] ?? '');
    }
    if (content !== '') yield { content, line };
  }
}

function trimStart(line: string): string {
  return line.replace(/^[ \t\f]+/, '');
}

function endsWithOpenBackslash(line: string): boolean {
  let count = 0;
  while (line[line.length - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

function endOfKey(content: string): number {
  for (let i = 0; i < content.length; i++) {
    const c = content.charAt(i);
    if (c === '\\') i++;
    else if (c === '=' || c === ':' || BLANK.test(c)) return i;
  }
  return content.length;
}

/** Behind the key: blanks, at most one = or :, blanks. */
function startOfValue(content: string, keyEnd: number): number {
  let i = keyEnd;
  while (BLANK.test(content.charAt(i))) i++;
  if (content.charAt(i) === '=' || content.charAt(i) === ':') i++;
  while (BLANK.test(content.charAt(i))) i++;
  return i;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescapeJava(text: string, place: string): string {
  if (!text.includes('\\')) return text;
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c !== '\\') {
      result += c;
      continue;
    }
    i++;
    const escaped = text.charAt(i);
    if (escaped !== 'u') {
      result += NAMED_ESCAPES[escaped] ?? escaped;
      continue;
    }
    const digits = text.slice(i + 1, i + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw new PocketError(
        'CONFIG',
        `${place}\\u must be followed by four hexadecimal digits (a backslash in a value is written as \\\\)`,
      );
    }
    result += String.fromCharCode(Number.parseInt(digits, 16));
    i += 4;
  }
  return result;
}
