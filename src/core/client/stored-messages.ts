/**
 * Messages out of an answer that holds stored records: decoded, their bodies decompressed where this is possible.
 */

import { PocketError } from '../common/errors.ts';
import { decompressBody } from '../message/compression.ts';
import type { MessageExt } from '../message/message.ts';
import { decodeMessages } from '../message/message-codec.ts';

/** The records one after the other; `wanted` picks those worth decompressing. Throws PocketError PROTOCOL. */
export function decodeStoredMessages(
  body: Buffer,
  wanted: (message: MessageExt) => boolean = () => true,
): MessageExt[] {
  const messages = decodeMessages(body, { decompress: false }).filter(wanted);
  for (const message of messages) decompress(message);
  return messages;
}

/** A body that cannot be decompressed is handed out as it is stored: it must not keep the others of its queue back for ever. */
function decompress(message: MessageExt): void {
  try {
    message.body = decompressBody(message.body, message.sysFlag);
  } catch (error) {
    if (!(error instanceof PocketError)) throw error;
  }
}
