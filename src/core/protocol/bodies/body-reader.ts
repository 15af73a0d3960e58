/**
 * How bodies are read: a JSON object of fastjson's dialect whose members are taken by name and type, as fastjson fills a
 * Java bean. Unknown members are ignored, a missing or null one has the default, a number or boolean written as string
 * (and the other way round) is converted, an enum is found whatever its case and punctuation, an unknown enum is absent.
 *
 * Tables become Records with a string key (no prototype, a topic may be called `__proto__`), Maps with a number key and
 * arrays of rows where the key is a MessageQueue.
 */

import { PocketError } from '../../common/errors.ts';
import { type JsonObject, type JsonValue, ObjectKeyMap, parseFastJson } from '../../common/fastjson.ts';
import type { MessageQueue } from '../../message/message-queue.ts';

/** Throws PocketError PROTOCOL when the body is missing or no JSON object; `what` names it. */
export function readBody(body: Buffer | undefined, what: string): JsonObject {
  return objectOf(readJson(body, what), what);
}

function readJson(body: Buffer | undefined, what: string): JsonValue {
  if (body === undefined || body.length === 0) throw new PocketError('PROTOCOL', `the body has no ${what}`);
  try {
    return parseFastJson(body.toString('utf8'));
  } catch (cause) {
    throw new PocketError('PROTOCOL', `the body is no ${what}`, { cause });
  }
}

/** A nested bean. Throws PocketError PROTOCOL when the value is no object. */
export function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new PocketError('PROTOCOL', `the ${what} is no JSON object`);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ObjectKeyMap);
}

export function stringMember(object: JsonObject, name: string): string | undefined {
  return stringOf(object[name]);
}

/** A text or one of the scalars as text. */
export function stringOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  return String(value);
}

export function numberMember(object: JsonObject, name: string, missing = 0): number {
  return numberOf(object[name], name) ?? missing;
}

export function optionalNumberMember(object: JsonObject, name: string): number | undefined {
  return numberOf(object[name], name);
}

/** Throws PocketError PROTOCOL for what is there and no number. */
export function numberOf(value: JsonValue | undefined, name: string): number | undefined {
  if (typeof value === 'number') return value;
  if (value === undefined || value === null || value === '' || value === 'null') return undefined;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'object' ? Number.NaN : Number(value);
  if (Number.isNaN(number)) throw new PocketError('PROTOCOL', `the body's member ${name} is no number`);
  return number;
}

export function booleanMember(object: JsonObject, name: string, missing = false): boolean {
  const value = object[name];
  if (value === undefined || value === null || value === '') return missing;
  if (typeof value === 'string') return value.toLowerCase() === 'true' || value === '1';
  return value === true || value === 1;
}

/** The enum constant among `constants` that equals the member but for case, `_` and `-`. */
export function enumMember<E extends string>(object: JsonObject, name: string, constants: readonly E[]): E | undefined {
  const text = stringMember(object, name);
  if (text === undefined) return undefined;
  const wanted = bareEnum(text);
  return constants.find((constant) => bareEnum(constant) === wanted);
}

function bareEnum(text: string): string {
  return text.replaceAll(/[_-]/g, '').toUpperCase();
}

/** The elements of a list or set; a missing list is empty. Throws PocketError PROTOCOL when it is no list. */
export function listMember(object: JsonObject, name: string): JsonValue[] {
  const value = object[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new PocketError('PROTOCOL', `the body's member ${name} is no list`);
}

export function stringListMember(object: JsonObject, name: string): string[] {
  return listMember(object, name)
    .map(stringOf)
    .filter((text) => text !== undefined);
}

/** A table by string key. Throws PocketError PROTOCOL when the member is no object. */
export function recordMember<V>(object: JsonObject, name: string, read: (value: JsonValue) => V): Record<string, V> {
  const table: Record<string, V> = Object.create(null);
  for (const [key, value] of Object.entries(tableMember(object, name))) table[key] = read(value);
  return table;
}

/** A table by integer key, in the order of the body. */
export function intKeyMember<V>(object: JsonObject, name: string, read: (value: JsonValue) => V): Map<number, V> {
  return intKeyMap(object[name], name, read);
}

export function intKeyMap<V>(
  value: JsonValue | undefined,
  name: string,
  read: (value: JsonValue) => V,
): Map<number, V> {
  const table = new Map<number, V>();
  if (value === undefined || value === null) return table;
  for (const [key, element] of Object.entries(objectOf(value, name))) {
    const number = Number(key);
    if (!Number.isInteger(number)) throw new PocketError('PROTOCOL', `the body's member ${name} has the key ${key}`);
    table.set(number, read(element));
  }
  return table;
}

/** The rows of a table by MessageQueue; a key in quotes (JSON inside a string) is read too, as fastjson does. */
export function queueTableMember<V>(
  object: JsonObject,
  name: string,
  read: (mq: MessageQueue, value: JsonValue) => V,
): V[] {
  return queueTable(object[name], name, read);
}

export function queueTable<V>(
  value: JsonValue | undefined,
  name: string,
  read: (mq: MessageQueue, value: JsonValue) => V,
): V[] {
  if (value === undefined || value === null) return [];
  if (value instanceof ObjectKeyMap) return value.entries.map(([key, row]) => read(readMessageQueue(key), row));
  return Object.entries(objectOf(value, name)).map(([key, row]) => read(readMessageQueue(parseFastJson(key)), row));
}

function tableMember(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return value === undefined || value === null ? {} : objectOf(value, name);
}

/** Throws PocketError PROTOCOL when the value is no object. */
export function readMessageQueue(value: JsonValue): MessageQueue {
  const object = objectOf(value, 'message queue');
  return {
    topic: stringMember(object, 'topic') ?? '',
    brokerName: stringMember(object, 'brokerName') ?? '',
    queueId: numberMember(object, 'queueId'),
  };
}
