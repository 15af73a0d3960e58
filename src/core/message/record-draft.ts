/**
 * A stored record on its way into the commitlog once more: a delayed message that is due, a message a consumer gives back.
 */
import { encodeHostAddress } from './host-address.ts';
import type { MessageExt } from './message.ts';
import type { MessageDraft } from './message-draft.ts';
import { encodeProperties, Property } from './properties.ts';
import { tagsCode } from './tags.ts';

export interface RecordDraftOptions {
  topic: string;
  queueId: number;
  properties: Readonly<Record<string, string>>;
  reconsumeTimes: number;
}

/**
 * A draft with the body, flags, birth and hosts of `record` (decoded with `decompress: false`), and what `options` names.
 * The sender of the first message does not wait for it any more.
 */
export function draftOfRecord(record: MessageExt, options: RecordDraftOptions): MessageDraft {
  const { topic, queueId, reconsumeTimes } = options;
  const properties = Buffer.from(encodeProperties(options.properties));
  return {
    topic,
    queueId,
    flag: record.flag,
    sysFlag: record.sysFlag,
    bornTimestamp: record.bornTimestamp,
    bornHost: encodeHostAddress(record.bornHost),
    storeHost: encodeHostAddress(record.storeHost),
    reconsumeTimes,
    preparedTransactionOffset: 0,
    body: record.body,
    bodyStart: 0,
    bodyEnd: record.body.length,
    properties,
    propertiesStart: 0,
    propertiesEnd: properties.length,
    tagsCode: tagsCode(options.properties[Property.TAGS]),
  };
}
