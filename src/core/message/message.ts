/**
 * A message as a program sees it. NewMessage is what a producer takes, Message what it makes of it, MessageExt what a broker
 * hands out: the record of the commitlog, decoded. Mirrors org.apache.rocketmq.common.message.Message and MessageExt; hosts
 * are text here (`ip:port`).
 */

/** A message to send. Every Message is one, too. */
export interface NewMessage {
  /** Name of the topic. */
  readonly topic: string;
  /** A text is sent as UTF-8. Not empty, at most 4 MiB. */
  readonly body: string | Uint8Array;
  /** The one tag consumers filter by (property TAGS). */
  readonly tags?: string | undefined;
  /** What mqadmin's queryMsgByKey finds it by; several are a list, or one text with blanks between (property KEYS). */
  readonly keys?: string | readonly string[] | undefined;
  /** Names of message/properties.ts and the user's own; `tags` and `keys` win over TAGS and KEYS here. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Opaque to the broker; default 0. */
  readonly flag?: number | undefined;
  /**
   * When it is to be delivered, ms since 1970 (property TIMER_DELIVER_MS). PocketMQ and RocketMQ 5.x do so, up to timerMaxDelaySec
   * ahead; a broker of 4.9 delivers it at once.
   */
  readonly deliverTimeMs?: number | undefined;
  /** In how many ms it is to be delivered (TIMER_DELAY_MS); as deliverTimeMs, over which it wins. */
  readonly delayTimeMs?: number | undefined;
}

/** What is in every message. */
export interface Message {
  /** Name of the topic. */
  topic: string;
  /** The bytes; `toString()` makes the text of them. */
  body: Buffer;
  /** Opaque to the broker. */
  flag: number;
  /** Names of message/properties.ts and the user's own. */
  properties: Record<string, string>;
}

/** A message as a broker hands it out. `properties.TAGS` and `properties.KEYS` are its tag and its keys. */
export interface MessageExt extends Message {
  /** Bytes of the record in the commitlog. */
  storeSize: number;
  /** CRC-32 & 0x7fffffff of the body as it is stored (still compressed). */
  bodyCRC: number;
  /** The queue of its topic that it is in. */
  queueId: number;
  /** Index in its queue, in messages. */
  queueOffset: number;
  /** Offset of the record's first byte in the commitlog of its broker. */
  commitLogOffset: number;
  /** Bits of message/sys-flag.ts; the compression bits stay set on a decompressed message. */
  sysFlag: number;
  /** Milliseconds, by the producer's clock. */
  bornTimestamp: number;
  /** The producer. */
  bornHost: string;
  /** Milliseconds, by the broker's clock. */
  storeTimestamp: number;
  /** The broker. */
  storeHost: string;
  /** How often its group has given it back. */
  reconsumeTimes: number;
  /** Of a transaction's second record: the first one's offset. */
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
