/**
 * A message as a line of JSON, as `store export` and `dlq export` write it and `store import` reads it: the body as text where
 * it is UTF-8 (`body`), else in base64 (`bodyBase64`), decompressed where that is possible here.
 */
import type { MessageExt } from './message.ts';
import { Property } from './properties.ts';
import { SysFlag } from './sys-flag.ts';

/** The fields in the order of a line. Times in ms since 1970, hosts `ip:port`. */
export interface MessageLine {
  topic: string;
  queueId: number;
  queueOffset: number;
  commitLogOffset: number;
  /** Bytes of the record. */
  storeSize: number;
  msgId: string;
  offsetMsgId: string;
  /** TAGS and KEYS of the properties, which hold them as well. */
  tags: string | undefined;
  keys: string | undefined;
  bornTimestamp: number;
  bornHost: string;
  storeTimestamp: number;
  storeHost: string;
  reconsumeTimes: number;
  flag: number;
  sysFlag: number;
  preparedTransactionOffset: number;
  properties: Readonly<Record<string, string>>;
  body?: string;
  bodyBase64?: string;
}

const COMPRESSION = SysFlag.COMPRESSED | SysFlag.COMPRESSION_MASK;

/** `isStored`: the body is still compressed, because it cannot be decompressed here. */
export function lineOfMessage(message: MessageExt, isStored: boolean): MessageLine {
  const { properties, body, sysFlag } = message;
  const text = body.toString('utf8');
  return {
    topic: message.topic,
    queueId: message.queueId,
    queueOffset: message.queueOffset,
    commitLogOffset: message.commitLogOffset,
    storeSize: message.storeSize,
    msgId: message.msgId,
    offsetMsgId: message.offsetMsgId,
    tags: properties[Property.TAGS],
    keys: properties[Property.KEYS],
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    storeTimestamp: message.storeTimestamp,
    storeHost: message.storeHost,
    reconsumeTimes: message.reconsumeTimes,
    flag: message.flag,
    sysFlag: isStored ? sysFlag : sysFlag & ~COMPRESSION,
    preparedTransactionOffset: message.preparedTransactionOffset,
    properties,
    ...(Buffer.from(text).equals(body) ? { body: text } : { bodyBase64: body.toString('base64') }),
  };
}
