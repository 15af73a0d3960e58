/**
 * From a record of the log to a line of JSON, and back to a message to be put: what `store export` writes and `store import`
 * reads (message/message-line.ts).
 */
import { PocketError } from '../../common/errors.ts';
import { encodeHostAddress } from '../../message/host-address.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { lineOfMessage, type MessageLine } from '../../message/message-line.ts';
import { encodeProperties, NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR, Property } from '../../message/properties.ts';
import { tagsCode } from '../../message/tags.ts';
import { topicFault } from '../../message/topic-validator.ts';
import type { RecordLook } from './record-look.ts';

/** The record that was looked at. */
export function messageLineOf({ buffer, start }: RecordLook): MessageLine {
  const [message, isStored] = decoded(buffer, start);
  return lineOfMessage(message, isStored);
}

/** A body that cannot be decompressed here stays as it is stored. */
function decoded(buffer: Buffer, start: number): [message: ReturnType<typeof decodeMessage>, isStored: boolean] {
  try {
    return [decodeMessage(buffer, start), false];
  } catch {
    return [decodeMessage(buffer, start, { decompress: false }), true];
  }
}

const numbers = {
  queueId: 65_535,
  queueOffset: Number.MAX_SAFE_INTEGER,
  commitLogOffset: Number.MAX_SAFE_INTEGER,
  storeSize: Number.MAX_SAFE_INTEGER,
  bornTimestamp: Number.MAX_SAFE_INTEGER,
  storeTimestamp: Number.MAX_SAFE_INTEGER,
  reconsumeTimes: 0x7fffffff,
  preparedTransactionOffset: Number.MAX_SAFE_INTEGER,
} as const;
const signedNumbers = ['flag', 'sysFlag'] as const;
const texts = ['topic', 'msgId', 'offsetMsgId', 'tags', 'keys', 'bornHost', 'storeHost', 'body', 'bodyBase64'] as const;
const known = new Set<string>([...Object.keys(numbers), ...signedNumbers, ...texts, 'properties']);

const refused = (what: string): PocketError => new PocketError('ILLEGAL_ARGUMENT', what);

/**
 * The message of a line, to be put. What the store assigns (offsets, store time, size, ids) is read and not used; `topic` and
 * `queueId` and a body are needed, the rest has defaults. Throws PocketError ILLEGAL_ARGUMENT saying what is wrong.
 */
export function draftOfLine(text: string, now: number): MessageDraft {
  const line = fieldsOf(text);
  const { topic, queueId } = line;
  if (topic === undefined || queueId === undefined) throw refused('topic and queueId are needed');
  const fault = topicFault(topic);
  if (fault !== undefined) throw refused(fault.replace(/\.$/, ''));
  if ((line.body === undefined) === (line.bodyBase64 === undefined))
    throw refused('either body or bodyBase64 is needed');
  const body = line.body === undefined ? base64Of(line.bodyBase64 ?? '') : Buffer.from(line.body);
  const given = line.properties ?? {};
  const named = {
    [Property.TAGS]: given[Property.TAGS] ?? line.tags,
    [Property.KEYS]: given[Property.KEYS] ?? line.keys,
  };
  const properties = { ...given, ...named };
  const encoded = Buffer.from(encodeProperties(properties));
  return {
    topic,
    queueId,
    flag: line.flag ?? 0,
    sysFlag: line.sysFlag ?? 0,
    bornTimestamp: line.bornTimestamp ?? now,
    bornHost: encodeHostAddress(line.bornHost ?? '127.0.0.1:0'),
    reconsumeTimes: line.reconsumeTimes ?? 0,
    // Where the first record of a transaction lay in another log says nothing in this one.
    preparedTransactionOffset: 0,
    body,
    bodyStart: 0,
    bodyEnd: body.length,
    properties: encoded,
    propertiesStart: 0,
    propertiesEnd: encoded.length,
    tagsCode: tagsCode(properties[Property.TAGS]),
  };
}

function fieldsOf(text: string): Partial<MessageLine> {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw refused('it is no JSON');
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) throw refused('it is no JSON object');
  for (const [name, value] of Object.entries(line)) checkField(name, value);
  return line;
}

function checkField(name: string, value: unknown): void {
  if (!known.has(name)) throw refused(`nothing is known of the field ${name}`);
  if (texts.some((text) => text === name)) {
    if (typeof value !== 'string') throw refused(`${name} must be a text`);
  } else if (name === 'properties') checkProperties(value);
  else if (signedNumbers.some((signed) => signed === name)) {
    if (typeof value !== 'number' || (value | 0) !== value) throw refused(`${name} must be a whole number`);
  } else {
    const highest = numbers[name as keyof typeof numbers];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > highest) {
      throw refused(`${name} must be a whole number from 0 to ${highest}`);
    }
  }
}

const separators = [NAME_VALUE_SEPARATOR, PROPERTY_SEPARATOR].map((code) => String.fromCharCode(code));

function checkProperties(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused('properties must be an object');
  for (const [name, text] of Object.entries(value)) {
    if (
      typeof text !== 'string' ||
      separators.some((separator) => `${name}${text}`.includes(separator)) ||
      name === ''
    ) {
      throw refused(`the property ${JSON.stringify(name)} must be a text without the characters 1 and 2`);
    }
  }
}

function base64Of(text: string): Buffer {
  const body = Buffer.from(text, 'base64');
  if (body.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) throw refused('bodyBase64 is no base64');
  return body;
}
