/**
 * The ROCKETMQ binary header (RocketMQSerializable):
 *
 *   2 code | 1 language | 2 version | 4 opaque | 4 flag | 4 R remark length | R remark | 4 E length of all extFields | E
 *   each extField: 2 key length | key | 4 value length | value        (all UTF-8, big-endian)
 *
 * A zero-length remark or value reads as absent, as in Java. Codes are cut to 16 bits on the wire.
 */

import { PocketError } from '../common/errors.ts';
import { languageName, languageOrdinal } from '../protocol/language-code.ts';
import type { ExtFields } from '../protocol/schema.ts';
import type { CommandHeader } from './command-header.ts';

const FIXED_LENGTH = 21;

export function encodeRocketmqHeader(command: CommandHeader): Buffer {
  const remarkLength = command.remark === undefined ? 0 : Buffer.byteLength(command.remark);
  const fields = Object.entries(command.extFields ?? {});
  let fieldsLength = 0;
  for (const [key, value] of fields) fieldsLength += 6 + Buffer.byteLength(key) + Buffer.byteLength(value);

  const header = Buffer.allocUnsafe(FIXED_LENGTH + remarkLength + fieldsLength);
  header.writeUInt16BE(command.code & 0xffff, 0);
  header.writeUInt8(languageOrdinal(command.language), 2);
  header.writeUInt16BE(command.version & 0xffff, 3);
  header.writeInt32BE(command.opaque, 5);
  header.writeInt32BE(command.flag, 9);
  header.writeInt32BE(remarkLength, 13);
  let at = 17;
  if (remarkLength > 0) at += header.write(command.remark ?? '', at);
  at = header.writeInt32BE(fieldsLength, at);
  for (const [key, value] of fields) {
    const keyLength = header.write(key, at + 2);
    header.writeInt16BE(keyLength, at);
    at += 2 + keyLength;
    const valueLength = header.write(value, at + 4);
    header.writeInt32BE(valueLength, at);
    at += 4 + valueLength;
  }
  return header;
}

/** Throws PocketError PROTOCOL when a length points outside the header. */
export function decodeRocketmqHeader(buffer: Buffer, start: number, end: number): CommandHeader {
  if (end - start < FIXED_LENGTH) throw new PocketError('PROTOCOL', 'the binary header is cut short');
  const remarkLength = buffer.readInt32BE(start + 13);
  const remarkStart = start + 17;
  const fieldsAt = remarkStart + remarkLength;
  if (remarkLength < 0 || fieldsAt + 4 > end) throw badLength('remark', remarkLength);
  const fieldsLength = buffer.readInt32BE(fieldsAt);
  if (fieldsLength < 0 || fieldsAt + 4 + fieldsLength > end) throw badLength('extFields', fieldsLength);
  return {
    code: buffer.readInt16BE(start),
    language: languageName(buffer.readUInt8(start + 2)),
    version: buffer.readInt16BE(start + 3),
    opaque: buffer.readInt32BE(start + 5),
    flag: buffer.readInt32BE(start + 9),
    remark: remarkLength === 0 ? undefined : buffer.toString('utf8', remarkStart, fieldsAt),
    extFields: fieldsLength === 0 ? undefined : decodeFields(buffer, fieldsAt + 4, fieldsAt + 4 + fieldsLength),
  };
}

function decodeFields(buffer: Buffer, start: number, end: number): ExtFields {
  const extFields: ExtFields = {};
  let at = start;
  while (at < end) {
    if (at + 2 > end) throw badLength('key', end - at);
    const keyStart = at + 2;
    const keyEnd = keyStart + buffer.readInt16BE(at);
    if (keyEnd < keyStart || keyEnd + 4 > end) throw badLength('key', keyEnd - keyStart);
    const valueStart = keyEnd + 4;
    const valueEnd = valueStart + buffer.readInt32BE(keyEnd);
    if (valueEnd < valueStart || valueEnd > end) throw badLength('value', valueEnd - valueStart);
    if (valueEnd > valueStart)
      extFields[buffer.toString('utf8', keyStart, keyEnd)] = buffer.toString('utf8', valueStart, valueEnd);
    at = valueEnd;
  }
  return extFields;
}

function badLength(what: string, length: number): PocketError {
  return new PocketError('PROTOCOL', `the binary header has a ${what} length that does not fit: ${length}`);
}
