/**
 * A message as a program sees it. Message is what a producer makes, MessageExt what a broker hands out: the record of the
 * commitlog, decoded. Mirrors org.apache.rocketmq.common.message.Message and MessageExt; hosts are text here (`ip:port`).
 */

export interface Message {
  topic: string;
  body: Buffer;
  /** Opaque to the broker. */
  flag: number;
  /** Names of message/properties.ts and the user's own. */
  properties: Record<string, string>;
}

export interface MessageExt extends Message {
  /** Bytes of the record in the commitlog. */
  storeSize: number;
  /** CRC-32 & 0x7fffffff of the body as it is stored (still compressed). */
  bodyCRC: number;
  queueId: number;
  /** Index in its queue, in messages. */
  queueOffset: number;
  /** Offset of the record's first byte in the commitlog of its broker. */
  commitLogOffset: number;
  /** Bits of message/sys-flag.ts; the compression bits stay set on a decompressed message. */
  sysFlag: number;
  /** Milliseconds, by the producer's clock. */
  bornTimestamp: number;
  bornHost: string;
  /** Milliseconds, by the broker's clock. */
  storeTimestamp: number;
  storeHost: string;
  reconsumeTimes: number;
  preparedTransactionOffset: number;
  /** The producer's UNIQ_KEY where it has one, else offsetMsgId. */
  msgId: string;
  /** Where the record lies: store host and commitLogOffset, in hex. */
  offsetMsgId: string;
  /** Known to the client that pulled it; the record does not hold it. */
  brokerName?: string;
  /** Of a pulled transactional message: its UNIQ_KEY. */
  transactionId?: string | undefined;
}
