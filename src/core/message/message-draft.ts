/**
 * A message on its way into the commitlog: ranges of the caller's buffers and the fields of the record that the store does
 * not assign. One mutable draft may serve all puts of a caller: everything is copied before putMessage returns.
 */

/** Values of UNIQ_KEY and KEYS within the properties, relative to propertiesStart; a start of -1: there is none. */
export interface KeyRanges {
  readonly uniqKeyStart: number;
  readonly uniqKeyEnd: number;
  readonly keysStart: number;
  readonly keysEnd: number;
}

export interface MessageDraft {
  topic: string;
  queueId: number;
  flag: number;
  /** The bits for IPv6 hosts are set by the encoder, after the lengths of the host addresses. */
  sysFlag: number;
  bornTimestamp: number;
  /** 8 (IPv4) or 20 (IPv6) bytes: address, then port as int32. */
  bornHost: Buffer;
  /** The broker's own address unless given (a message stored again keeps its first one). */
  storeHost?: Buffer;
  reconsumeTimes: number;
  preparedTransactionOffset: number;
  /** The body is body[bodyStart, bodyEnd). */
  body: Buffer;
  bodyStart: number;
  bodyEnd: number;
  /** The UTF-8 properties string to store is properties[propertiesStart, propertiesEnd). */
  properties: Buffer;
  propertiesStart: number;
  propertiesEnd: number;
  /** Java hash of TAGS (message/tags.ts), 0 without tags; the store itself computes that of delayed and batched messages. */
  tagsCode: number;
  /** Where the properties name keys for the index; undefined: the store looks for them itself. */
  keys?: KeyRanges | undefined;
  /** false: the sender's answer does not wait for the disk (property WAIT=false); true unless given. */
  waitStoreMsgOK?: boolean;
}
