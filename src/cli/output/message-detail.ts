/**
 * A message line by line, as queryMsgById, queryMsgByUniqueKey and queryMsgByOffset print it, and behind it what the consumer
 * groups made of it: one text after the other, without separator or line end.
 */

import type { MessageTrack } from '../../core/client/admin/message-track.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { left } from './columns.ts';
import { timeWithMillis } from './java-time.ts';
import { propertiesText } from './message-ext-line.ts';

/** `offsetId`: begin with the line that holds the offset message id. */
export function renderMessageDetail(message: MessageExt, bodyPath: string, offsetId: 'with' | 'without'): string {
  const { properties } = message;
  const lines: [label: string, value: string | number][] = [
    ['OffsetID:', message.offsetMsgId],
    ['Topic:', message.topic],
    ['Tags:', `[${properties[Property.TAGS] ?? 'null'}]`],
    ['Keys:', `[${properties[Property.KEYS] ?? 'null'}]`],
    ['Queue ID:', message.queueId],
    ['Queue Offset:', message.queueOffset],
    ['CommitLog Offset:', message.commitLogOffset],
    ['Reconsume Times:', message.reconsumeTimes],
    ['Born Timestamp:', timeWithMillis(message.bornTimestamp)],
    ['Store Timestamp:', timeWithMillis(message.storeTimestamp)],
    ['Born Host:', message.bornHost],
    ['Store Host:', message.storeHost],
    ['System Flag:', message.sysFlag],
    ['Properties:', Object.keys(properties).length === 0 ? '' : propertiesText(properties)],
    ['Message Body Path:', bodyPath],
  ];
  const shown = offsetId === 'with' ? lines : lines.slice(1);
  return shown.map(([label, value]) => `${left(label, 20)} ${value}\n`).join('');
}

export function renderMessageTracks(tracks: readonly MessageTrack[]): string {
  if (tracks.length === 0) return '\n\nWARN: No Consumer';
  const texts = tracks.map(({ consumerGroup, trackType, exceptionDesc = 'null' }) => {
    return `MessageTrack [consumerGroup=${consumerGroup}, trackType=${trackType}, exceptionDesc=${exceptionDesc}]`;
  });
  return `\n\n${texts.join('')}`;
}
