/** What `mqadmin store inspect` prints: a record field by field, the unit it was found by, and what is wrong with it. */

import type { Inspected } from '../../core/store/tools/inspect-record.ts';
import { left } from './columns.ts';
import { timeWithMillis } from './java-time.ts';

export function renderInspected({ place, unit, bodyCRC, message, fault }: Inspected): string {
  const { body, bodyBase64, properties, tags = '', keys = '' } = message;
  const lines: [label: string, value: string | number][] = [
    ['File:', `${place.file}, byte ${place.offset}`],
    ['Topic:', message.topic],
    ['Queue ID:', message.queueId],
    ['Queue Offset:', message.queueOffset],
    ['CommitLog Offset:', message.commitLogOffset],
    ['Store Size:', message.storeSize],
    ['Msg ID:', message.msgId],
    ['Offset Msg ID:', message.offsetMsgId],
    ['Tags:', tags],
    ['Keys:', keys],
    ['Born Timestamp:', timeWithMillis(message.bornTimestamp)],
    ['Born Host:', message.bornHost],
    ['Store Timestamp:', timeWithMillis(message.storeTimestamp)],
    ['Store Host:', message.storeHost],
    ['Reconsume Times:', message.reconsumeTimes],
    ['Flag:', message.flag],
    ['System Flag:', message.sysFlag],
    ['Prepared Offset:', message.preparedTransactionOffset],
    ['Body CRC:', bodyCRC],
    ['Properties:', JSON.stringify(properties)],
    ...(unit === undefined ? [] : [['Unit:', unitText(unit)] as [string, string]]),
    ['Body:', body ?? `${bodyBase64} (base64)`],
    ...(fault === undefined
      ? []
      : [['Damaged:', `${fault.file}: byte ${fault.offset}: ${fault.reason}`] as [string, string]]),
  ];
  return lines.map(([label, value]) => `${`${left(label, 20)} ${value}`.trimEnd()}\n`).join('');
}

function unitText({ place, physicOffset, size, tagsCode }: NonNullable<Inspected['unit']>): string {
  return `${place.file}, byte ${place.offset}: offset ${physicOffset}, ${size} bytes, tagsCode ${tagsCode}`;
}
