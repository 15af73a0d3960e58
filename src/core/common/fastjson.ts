/**
 * The JSON dialect of RocketMQ's bodies and config files, which fastjson 1.2 defines. Beside standard JSON it has, and
 * we read and write:
 *
 *   {0:"ip:port",1:"ip:port"}            integer keys without quotes: a Map with number keys
 *   {{"queueId":0,"topic":"T"}:{...}}    an object as key: an ObjectKeyMap
 *
 * Read in addition: single-quoted strings, unquoted names, commas too many, raw control characters in strings, NaN
 * as null. `{"$ref":"$.path"}`, which fastjson writes for an instance it has written before, stays an object with that
 * member: no body of RocketMQ needs it.
 *
 * Written as fastjson writes: members of an object by name, null and undefined left out, Maps in their own order,
 * doubles (JavaDouble) as Double.toString has them.
 */

import { PocketError } from './errors.ts';

export interface JsonObject {
  [name: string]: JsonValue;
}

/** What the reader delivers; bigint only with the option bigInt. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject | ObjectKeyMap;

/** An object whose keys are objects: Java's Map<MessageQueue, ...>. */
export class ObjectKeyMap<K = JsonValue, V = JsonValue> {
  readonly entries: readonly (readonly [K, V])[];

  constructor(entries: readonly (readonly [K, V])[]) {
    this.entries = entries;
  }
}

/** A number to be written as Java's double: 0 as `0.0`. */
export class JavaDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export interface ReadOptions {
  /** Integers beyond 2^53 become bigint; without it they become the nearest number. */
  readonly bigInt?: boolean;
}

/** Deeper nesting than this is refused: no body of RocketMQ comes near it, and the reader is recursive. */
const MAX_DEPTH = 200;

/** Reads a text of the dialect. Throws PocketError PROTOCOL with the offset at which it cannot be read. */
export function parseFastJson(text: string, options: ReadOptions = {}): JsonValue {
  if (options.bigInt !== true) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // Not standard JSON: the tolerant reader below takes it or says where it fails.
    }
  }
  return new Reader(text, options.bigInt === true).document();
}

const BLANKS = /\s*/y;
const NUMBER = /^-?\d+(\.\d*)?([eE][+-]?\d+)?$/;
const WORD = /[^\s,:{}[\]"']+/y;
const INTEGER = /^-?\d+$/;
const ESCAPE = /\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^ux])/g;
const escapedCharacters: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

class Reader {
  readonly #text: string;
  readonly #bigInt: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, bigInt: boolean) {
    this.#text = text;
    this.#bigInt = bigInt;
  }

  document(): JsonValue {
    const value = this.#value();
    if (this.#peek() !== '') throw this.#error('more text after the value');
    return value;
  }

  /** The next character that is no blank, '' at the end. */
  #peek(): string {
    BLANKS.lastIndex = this.#at;
    BLANKS.test(this.#text);
    this.#at = BLANKS.lastIndex;
    return this.#text.charAt(this.#at);
  }

  #value(): JsonValue {
    const first = this.#peek();
    if (first === '{' || first === '[') {
      if (++this.#depth > MAX_DEPTH) throw this.#error(`more than ${MAX_DEPTH} levels`);
      this.#at++;
      const value = first === '{' ? this.#members() : this.#elements();
      this.#depth--;
      return value;
    }
    if (first === '"' || first === "'") return this.#string(first);
    return this.#scalar();
  }

  #elements(): JsonValue[] {
    const elements: JsonValue[] = [];
    while (this.#peek() !== ']') {
      elements.push(this.#value());
      this.#comma(']');
    }
    this.#at++;
    return elements;
  }

  #members(): JsonObject | ObjectKeyMap {
    const object: JsonObject = Object.create(null);
    const entries: [JsonValue, JsonValue][] = [];
    let named = false;
    for (let next = this.#peek(); next !== '}'; next = this.#peek()) {
      if (next === '{' || next === '[') {
        const key = this.#value();
        entries.push([key, this.#memberValue()]);
      } else {
        named = true;
        const name = next === '"' || next === "'" ? this.#string(next) : this.#match(WORD, 'a member name');
        object[name] = this.#memberValue();
      }
      this.#comma('}');
    }
    this.#at++;
    if (entries.length === 0) return object;
    if (named) throw this.#error('an object with both names and objects as keys');
    return new ObjectKeyMap(entries);
  }

  #memberValue(): JsonValue {
    if (this.#peek() !== ':') throw this.#error('no colon after a key');
    this.#at++;
    return this.#value();
  }

  /** Passes commas, or stands at `close`. */
  #comma(close: string): void {
    const next = this.#peek();
    if (next !== ',' && next !== close) throw this.#error(`neither comma nor ${close}`);
    while (this.#peek() === ',') this.#at++;
  }

  #string(quote: string): string {
    const start = this.#at + 1;
    let end = start;
    for (; this.#text[end] !== quote; end++) {
      if (end >= this.#text.length) throw this.#error('a string without end');
      if (this.#text[end] === '\\') end++;
    }
    this.#at = end + 1;
    const raw = this.#text.slice(start, end);
    return raw.includes('\\') ? raw.replace(ESCAPE, characterOf) : raw;
  }

  #scalar(): JsonValue {
    const start = this.#at;
    const word = this.#match(WORD, 'a value');
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null' || word === 'undefined' || word === 'NaN') return null;
    if (!NUMBER.test(word)) {
      this.#at = start;
      throw this.#error(`the unknown word ${word.slice(0, 40)}`);
    }
    const value = Number(word);
    return this.#bigInt && INTEGER.test(word) && !Number.isSafeInteger(value) ? BigInt(word) : value;
  }

  #match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw this.#error(`${what} expected`);
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #error(what: string): PocketError {
    return new PocketError('PROTOCOL', `not JSON: ${what} at offset ${this.#at}`);
  }
}

function characterOf(_sequence: string, code: string): string {
  if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  if (code >= '0' && code <= '7') return String.fromCharCode(Number(code));
  return escapedCharacters[code] ?? code;
}

export interface WriteOptions {
  /**
   * Standard JSON, as the route of a topic is asked for by newer clients: every key quoted, Maps by key, no character
   * above 0x7e characterOfd, integers beyond 2^53 as strings.
   */
  readonly standardJson?: boolean;
}

/** One line, as fastjson's toJSONString. Beans are plain objects; see the head of this file for the rest. */
export function stringifyFastJson(value: unknown, options: WriteOptions = {}): string {
  return write(value, { pretty: false, standard: options.standardJson === true }, '');
}

/**
 * Indented by tabs, as fastjson's PrettyFormat: a member or list element a line; integer and object keys stay on the
 * line of the opening brace; Sets and number arrays (Java's Set and int[]) stay on one line.
 */
export function prettyFastJson(value: unknown): string {
  return write(value, { pretty: true, standard: false }, '');
}

interface Form {
  readonly pretty: boolean;
  readonly standard: boolean;
}

function write(value: unknown, form: Form, indent: string): string {
  switch (typeof value) {
    case 'string':
      return form.standard ? quoteStandard(value) : quote(value);
    case 'number':
      return writeNumber(value, form);
    case 'bigint':
      return form.standard && !Number.isSafeInteger(Number(value)) ? `"${value}"` : String(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : writeObject(value, form, indent);
    default:
      return 'null';
  }
}

function writeObject(value: object, form: Form, indent: string): string {
  if (value instanceof JavaDouble) return writeDouble(value.value);
  if (value instanceof Set) return writeInline([...value], form, indent);
  if (Array.isArray(value)) return writeList(value, form, indent);
  if (value instanceof Map) return writeMembers([...value], form, indent);
  if (value instanceof ObjectKeyMap) return writeMembers(value.entries, form, indent);
  const names = Object.keys(value).sort();
  return writeMembers(
    names.map((name) => [name, (value as Record<string, unknown>)[name]] as const),
    form,
    indent,
  );
}

function writeList(values: readonly unknown[], form: Form, indent: string): string {
  if (!form.pretty || values.length === 0 || values.every((value) => typeof value === 'number')) {
    return writeInline(values, form, indent);
  }
  const inner = `${indent}\t`;
  return `[\n${inner}${values.map((value) => write(value, form, inner)).join(`,\n${inner}`)}\n${indent}]`;
}

function writeInline(values: readonly unknown[], form: Form, indent: string): string {
  return `[${values.map((value) => write(value, form, indent)).join(',')}]`;
}

function writeMembers(entries: readonly (readonly [unknown, unknown])[], form: Form, indent: string): string {
  const inner = `${indent}\t`;
  const ordered = form.standard ? [...entries].sort(byKey) : entries;
  let text = '';
  for (const [key, value] of ordered) {
    if (value === undefined || value === null) continue;
    const comma = text === '' ? '' : ',';
    const line = form.pretty && typeof key === 'string' ? `\n${inner}` : '';
    text += `${comma}${line}${writeKey(key, form, inner)}:${write(value, form, inner)}`;
  }
  return text !== '' && form.pretty ? `{${text}\n${indent}}` : `{${text}}`;
}

function writeKey(key: unknown, form: Form, indent: string): string {
  return form.standard && typeof key === 'number' ? `"${key}"` : write(key, form, indent);
}

function byKey(a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number {
  const [x, y] = [a[0], b[0]];
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  return typeof x === 'string' && typeof y === 'string' ? (x < y ? -1 : x > y ? 1 : 0) : 0;
}

/** Java's long where the number is whole; Long.MAX_VALUE stands for everything from 2^63 on. */
function writeNumber(value: number, form: Form): string {
  if (!Number.isInteger(value)) return writeDouble(value);
  if (Number.isSafeInteger(value)) return String(value);
  const long = BigInt.asIntN(64, value >= 2 ** 63 ? 2n ** 63n - 1n : value < -(2 ** 63) ? -(2n ** 63n) : BigInt(value));
  return form.standard ? `"${long}"` : String(long);
}

/** Double.toString; what is no number is null. */
function writeDouble(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** What fastjson escapes: control characters (also 0x7f to 0x9f), quote, backslash and the line separators. */
const SPECIAL = /[\p{Cc}"\\\u2028\u2029]/gu;
/** Everything but printable ASCII, and of that quote, slash and backslash. */
const SPECIAL_STANDARD = /[^ !#-.0-[\]-~]/g;

function escapeOf(character: string): string {
  const short = shortEscapes[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function quote(text: string): string {
  return `"${text.replace(SPECIAL, escapeOf)}"`;
}

function quoteStandard(text: string): string {
  return `"${text.replace(SPECIAL_STANDARD, escapeOf)}"`;
}
