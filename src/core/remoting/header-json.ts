/**
 * The JSON header: `{"code":105,"extFields":{"topic":"T1"},"flag":0,"language":"JAVA","opaque":0,...}`.
 *
 * Written as fastjson writes it for Java: keys in alphabetical order, absent members left out. Read tolerantly: unknown
 * members are ignored, missing ones have Java's defaults, numbers and booleans inside extFields (the C++ client sends
 * them bare) become their text, and what JSON.parse refuses is tried in fastjson's dialect.
 */

import { PocketError } from '../common/errors.ts';
import { parseFastJson } from '../common/fastjson.ts';
import { languageName } from '../protocol/language-code.ts';
import type { ExtFields } from '../protocol/schema.ts';
import type { CommandHeader } from './command-header.ts';

export function encodeJsonHeader(command: CommandHeader): Buffer {
  return Buffer.from(jsonHeaderText(command));
}

/** The header's text; keys in the order Java writes them. */
export function jsonHeaderText(command: CommandHeader): string {
  return JSON.stringify({
    code: command.code,
    extFields: command.extFields,
    flag: command.flag,
    language: command.language,
    opaque: command.opaque,
    remark: command.remark,
    serializeTypeCurrentRPC: 'JSON',
    version: command.version,
  });
}

/** Throws PocketError PROTOCOL when the text is no JSON object. */
export function decodeJsonHeader(buffer: Buffer, start: number, end: number): CommandHeader {
  const members = parseObject(buffer.toString('utf8', start, end));
  return {
    code: intMember(members, 'code'),
    flag: intMember(members, 'flag'),
    opaque: intMember(members, 'opaque'),
    version: intMember(members, 'version'),
    language: languageMember(members.language),
    remark: typeof members.remark === 'string' ? members.remark : undefined,
    extFields: extFieldsMember(members.extFields),
  };
}

type Members = Record<string, unknown>;

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    try {
      value = parseFastJson(text);
    } catch (cause) {
      throw new PocketError('PROTOCOL', 'the header is no JSON', { cause });
    }
  }
  if (!isMembers(value)) throw new PocketError('PROTOCOL', 'the header is no JSON object');
  return value;
}

function intMember(members: Members, name: string): number {
  const value = members[name];
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || number !== (number | 0)) {
    throw new PocketError('PROTOCOL', `the header's ${name} is no int`);
  }
  return number;
}

function languageMember(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return languageName(value);
  return 'JAVA';
}

function extFieldsMember(value: unknown): ExtFields | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isMembers(value)) throw new PocketError('PROTOCOL', "the header's extFields is no object");
  // The object JSON.parse just made is ours to correct in place: Java and Go clients send only strings, so this loop
  // normally changes nothing.
  const extFields = value as Record<string, string>;
  for (const name in value) {
    const field = value[name];
    if (typeof field === 'string') continue;
    if (field === null || field === undefined) delete extFields[name];
    else extFields[name] = typeof field === 'object' ? textOf(field) : String(field);
  }
  return extFields;
}

function textOf(field: object): string {
  try {
    return JSON.stringify(field);
  } catch (cause) {
    // JSON.parse reads any depth, JSON.stringify ends with the stack.
    throw new PocketError('PROTOCOL', 'a field of the header is nested too deeply', { cause });
  }
}
