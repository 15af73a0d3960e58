/**
 * A long list of messages as batches that a broker takes. Mirrors the ListSplitter of RocketMQ's batch example, with the bytes
 * that the messages have on the wire instead of an estimate.
 */

import { innerMessageLength } from '../../message/batch-codec.ts';
import type { NewMessage } from '../../message/message.ts';
import { encodeProperties } from '../../message/properties.ts';
import { MAX_MESSAGE_SIZE, propertiesOf } from './new-message.ts';

/** `UNIQ_KEY`, an id of an IPv6 client and the two separators: every message of a batch gets one. */
const UNIQ_KEY_BYTES = 8 + 56 + 2;

/** Bytes of a message in a batch, at most. */
export function bytesInBatch(message: NewMessage): number {
  const body = typeof message.body === 'string' ? Buffer.byteLength(message.body) : message.body.length;
  return innerMessageLength(body, Buffer.byteLength(encodeProperties(propertiesOf(message))) + UNIQ_KEY_BYTES);
}

/**
 * The messages in their order, as lists for sendBatch() of at most `maxBytes` (default 4 MiB) and `maxMessages` each. A message
 * that is too large alone stands alone: sending it says so.
 */
export function* splitBatch<M extends NewMessage>(
  messages: Iterable<M>,
  limits: { readonly maxBytes?: number; readonly maxMessages?: number } = {},
): Generator<M[]> {
  const { maxBytes = MAX_MESSAGE_SIZE, maxMessages = Number.POSITIVE_INFINITY } = limits;
  let batch: M[] = [];
  let bytes = 0;
  for (const message of messages) {
    const more = bytesInBatch(message);
    if (batch.length > 0 && (bytes + more > maxBytes || batch.length >= maxMessages)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}
