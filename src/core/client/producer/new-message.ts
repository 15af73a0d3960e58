/**
 * From the message a program gives to what goes over the wire. Mirrors Validators.checkMessage and the setters of
 * org.apache.rocketmq.common.message.Message.
 */

import { PocketError } from '../../common/errors.ts';
import type { NewMessage } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import { topicFault } from '../../message/topic-validator.ts';

/** Largest body a sender may give, bytes. */
export const MAX_MESSAGE_SIZE = 4 * 1024 * 1024;

/** The bytes to send. Throws PocketError ILLEGAL_ARGUMENT for a message that no broker would take. */
export function bodyOf(message: NewMessage, maxMessageSize = MAX_MESSAGE_SIZE): Buffer {
  const topic = message?.topic;
  const fault = typeof topic === 'string' ? topicFault(topic) : 'the message has no topic';
  if (fault !== undefined) throw new PocketError('ILLEGAL_ARGUMENT', fault, { detail: String(topic) });
  const body = bytesOf(message.body);
  if (body === undefined) {
    throw new PocketError('ILLEGAL_ARGUMENT', 'the message body must be a text, a Buffer or a Uint8Array');
  }
  if (body.length === 0) throw new PocketError('ILLEGAL_ARGUMENT', 'the message body length is zero');
  checkSize(body, maxMessageSize);
  return body;
}

/** Throws PocketError ILLEGAL_ARGUMENT for more bytes than a broker takes in one request. */
export function checkSize(body: Buffer, maxMessageSize = MAX_MESSAGE_SIZE): void {
  if (body.length > maxMessageSize) {
    throw new PocketError('ILLEGAL_ARGUMENT', `the message body size over max value, MAX: ${maxMessageSize}`);
  }
}

/** A copy: the caller's message is not changed. Throws PocketError ILLEGAL_ARGUMENT for a time that is no whole number. */
export function propertiesOf(message: NewMessage): Record<string, string> {
  const { tags, keys, properties, deliverTimeMs, delayTimeMs } = message;
  const own = { ...properties };
  if (deliverTimeMs !== undefined) own[Property.TIMER_DELIVER_MS] = millis('deliverTimeMs', deliverTimeMs);
  if (delayTimeMs !== undefined) own[Property.TIMER_DELAY_MS] = millis('delayTimeMs', delayTimeMs);
  if (tags !== undefined) own[Property.TAGS] = tags;
  if (keys !== undefined) own[Property.KEYS] = typeof keys === 'string' ? keys : keys.join(' ');
  return own;
}

function millis(name: string, value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  throw new PocketError('ILLEGAL_ARGUMENT', `${name} must be a whole number of milliseconds, not ${value}`);
}

function bytesOf(body: string | Uint8Array): Buffer | undefined {
  if (typeof body === 'string') return Buffer.from(body);
  if (Buffer.isBuffer(body)) return body;
  return ArrayBuffer.isView(body) ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : undefined;
}
