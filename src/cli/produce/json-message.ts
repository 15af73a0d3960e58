/**
 * A message as a line of JSON: `{"body": "…", "tags": "…", "keys": "…" or […], "properties": {…}, "delay": 3 or "10s",
 * "shardingKey": "…", "topic": "…", "flag": 0}`, with `bodyBase64` for bytes that are no text; a body `{"base64": "…"}`
 * will do as well. Lines of `store export` and of `subscribe --output json` are such lines, too: what brokers and consumers
 * wrote into them is passed over.
 */

import { PocketError } from '../../core/common/errors.ts';
import { isSystemProperty, NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR, Property } from '../../core/message/properties.ts';

export interface JsonMessage {
  readonly topic?: string;
  /** Exactly one of the two bodies is there. */
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly tags?: string;
  readonly keys?: string | readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
  readonly delay?: string | number;
  readonly shardingKey?: string;
  readonly flag?: number;
}

const texts = new Set(['topic', 'body', 'bodyBase64', 'tags', 'shardingKey']);
/** Fields of received and exported messages that say where it was. */
const passedOver = new Set([
  ...['queueId', 'queueOffset', 'commitLogOffset', 'storeSize', 'bodyCRC', 'msgId', 'offsetMsgId', 'brokerName'],
  ...['bornTimestamp', 'bornHost', 'storeTimestamp', 'storeHost', 'reconsumeTimes', 'sysFlag'],
  ...['preparedTransactionOffset', 'transactionId'],
]);
/** System properties that a sender sets; the others are written by brokers and consumers. */
const senders = new Set<string>([
  ...[Property.TAGS, Property.KEYS, Property.WAIT, Property.UNIQ_KEY, Property.BUYER_ID, Property.INSTANCE_ID],
  ...[Property.SHARDING_KEY, Property.CHECK_IMMUNITY_TIME_IN_SECONDS],
]);

const refused = (why: string): PocketError => new PocketError('ILLEGAL_ARGUMENT', why);

/** Throws PocketError ILLEGAL_ARGUMENT that says what is wrong with the line. */
export function jsonMessageOf(text: string): JsonMessage {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'it is no JSON', { cause });
  }
  if (!isObject(line)) throw refused('it is no JSON object');
  const fields = { ...line };
  if (isObject(fields.body) && typeof fields.body.base64 === 'string') {
    fields.bodyBase64 = fields.body.base64;
    delete fields.body;
  }
  for (const [name, value] of Object.entries(fields)) checkField(name, value);
  if ((fields.body === undefined) === (fields.bodyBase64 === undefined)) {
    throw refused('either body or bodyBase64 is needed');
  }
  return { ...fields, ...(isObject(fields.properties) && { properties: sendersProperties(fields.properties) }) };
}

function checkField(name: string, value: unknown): void {
  if (texts.has(name)) {
    if (typeof value !== 'string') throw refused(`${name} must be a text`);
  } else if (name === 'keys') {
    const isList = Array.isArray(value) && value.every((key) => typeof key === 'string');
    if (typeof value !== 'string' && !isList) throw refused('keys must be a text or a list of texts');
  } else if (name === 'delay') {
    if (typeof value !== 'string' && typeof value !== 'number') throw refused('delay must be a level or a text as 10s');
  } else if (name === 'flag') {
    if (typeof value !== 'number' || (value | 0) !== value) throw refused('flag must be a whole number');
  } else if (name === 'properties') {
    if (!isObject(value)) throw refused('properties must be an object');
  } else if (!passedOver.has(name)) throw refused(`nothing is known of the field ${name}`);
}

function sendersProperties(given: Record<string, unknown>): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw refused(`the property ${name} must be a text`);
    if (isSystemProperty(name)) {
      if (senders.has(name)) properties[name] = value;
      continue;
    }
    checkedProperty(name, value);
    properties[name] = value;
  }
  return properties;
}

const separators = [NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR].map((code) => String.fromCharCode(code));

/** For these Java's Message has methods of their own. */
const times = new Set<string>([Property.TIMER_DELAY_SEC, Property.TIMER_DELAY_MS, Property.TIMER_DELIVER_MS]);

/** Java's Message.putUserProperty refuses the same names, but for the times of timed messages. */
export function checkedProperty(name: string, value: string): void {
  if (isSystemProperty(name) && !times.has(name)) {
    throw refused(`The Property<${name}> is used by system, input another please`);
  }
  if (name === '' || value === '' || separators.some((separator) => `${name}${value}`.includes(separator))) {
    throw refused(`the property ${JSON.stringify(name)} must have a name and a value without the characters 1 and 2`);
  }
}

/** Throws for a text that is no base64. */
export function bytesOfBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) throw refused('bodyBase64 is no base64');
  return bytes;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
