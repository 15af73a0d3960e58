/**
 * Java's properties text, in which every RocketMQ configuration file is written (java.util.Properties.load, MixAll).
 *
 * Rules: lines end with \n, \r or \r\n; blank ones and those whose first visible character is # or ! are skipped; an odd
 * number of backslashes at the end joins the next line, whose leading blanks go; the key ends at the first unescaped =, :
 * or blank; \t \n \r \f \uXXXX are characters, a backslash before anything else vanishes; blanks behind a value belong to
 * it; the last of two equal keys wins.
 *
 * Differences: Java reads the file as ISO-8859-1, so Chinese text comes out broken; here a file is UTF-8 and only a file
 * that is not valid UTF-8 is read as ISO-8859-1. A value that begins like `D:\store` is a Windows path as people write it and
 * is taken as it stands (Java makes D:store of it, and a line end of \new); `D:\\store` and `D\:\\store` are read as in Java.
 */

import { PocketError } from './errors.ts';

export interface PropertyEntry {
  readonly value: string;
  /** Line of the key, from 1; undefined for a value that did not come from a file (command line). */
  readonly line?: number | undefined;
}

/** Keys in the order of the text. */
export type Properties = ReadonlyMap<string, PropertyEntry>;

const LINE_END = /\r\n|\n|\r/;
const BLANK = /[ \t\f]/;
const PLAIN_WINDOWS_PATH = /^[A-Za-z]:\\(?!\\|u[0-9A-Fa-f]{4})/;

/** The text of a properties file: UTF-8, or UTF-16 that says so (a byte order mark is dropped), else ISO-8859-1. */
export function decodePropertiesBytes(bytes: Uint8Array): string {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(bytes);
  if (mark === 0xfeff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/**
 * `source` names the file in an error. Throws PocketError CONFIG that names the line when a \u escape is no four hex digits,
 * or when there is a character 0: what is read is no text.
 */
export function parseProperties(text: string, source?: string): Map<string, PropertyEntry> {
  const properties = new Map<string, PropertyEntry>();
  const zero = text.indexOf('\0');
  if (zero !== -1) {
    const line = text.slice(0, zero).split(LINE_END).length;
    throw new PocketError('CONFIG', `${placeOf(source, line)}there is a character 0: this is no text file`);
  }
  for (const { content, line } of logicalLines(text)) {
    const place = placeOf(source, line);
    const keyEnd = endOfKey(content);
    const key = unescapeJava(content.slice(0, keyEnd), place);
    // A repeated key takes the place of its last occurrence.
    properties.delete(key);
    const value = content.slice(startOfValue(content, keyEnd));
    properties.set(key, { value: PLAIN_WINDOWS_PATH.test(value) ? value : unescapeJava(value, place), line });
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
    // A blank at the beginning would go, and what looks like a Windows path would not be unescaped.
    const escaped = escapeJava(String(value))
      .replace(/^ /, '\\ ')
      .replace(/^([A-Za-z]):\\/, '$1\\:\\');
    text += `${escapeJava(key).replaceAll(/[ =:#!]/g, '\\$&')}=${escaped}\n`;
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
  const lines = text.split(LINE_END);
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    let content = trimStart(lines[i] ?? '');
    if (content === '' || content.startsWith('#') || content.startsWith('!')) continue;
    while (endsWithOpenBackslash(content) && !isPlainWindowsPath(content)) {
      content = content.slice(0, -1);
      i++;
      if (i >= lines.length) break;
      content += trimStart(lines[i] ?? '');
    }
    if (content !== '') yield { content, line };
  }
}

function isPlainWindowsPath(content: string): boolean {
  return PLAIN_WINDOWS_PATH.test(content.slice(startOfValue(content, endOfKey(content))));
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
