/**
 * A message as subscribe prints it: one line of tab-separated columns, one JSON object a line, or one YAML document.
 *
 *   2024-06-01 12:00:00,123   broker-a:0:17   TagA   key1 key2   the body
 *
 * Control characters in a column are escaped as JSON does it, so that a message is one line whatever it holds.
 */

import { decodeUtf8 } from '../../core/common/java-charset.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { plainOf } from '../machine-output.ts';
import { timeWithMillis } from './java-time.ts';

export function renderReceivedMessage(message: MessageExt): string {
  const { brokerName = '', queueId, queueOffset, properties } = message;
  const columns = [
    timeWithMillis(message.storeTimestamp),
    `${brokerName}:${queueId}:${queueOffset}`,
    properties[Property.TAGS] ?? '',
    properties[Property.KEYS] ?? '',
    decodeUtf8(message.body),
  ];
  return `${columns.map(oneLine).join('\t')}\n`;
}

/** A message as one line of JSON. */
export const receivedMessageJson = (message: MessageExt): string => `${JSON.stringify(plainOf(message))}\n`;

/** A text without control characters. */
export const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
