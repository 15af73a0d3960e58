/**
 * Message properties: the names RocketMQ gives a meaning to, and their text form, `name 0x01 value 0x02 name 0x01 value`.
 * Mirrors MessageConst and MessageDecoder.messageProperties2String / string2messageProperties.
 */

export const Property = {
  KEYS: 'KEYS',
  TAGS: 'TAGS',
  WAIT: 'WAIT',
  DELAY: 'DELAY',
  RETRY_TOPIC: 'RETRY_TOPIC',
  REAL_TOPIC: 'REAL_TOPIC',
  REAL_QID: 'REAL_QID',
  TRAN_MSG: 'TRAN_MSG',
  PGROUP: 'PGROUP',
  MIN_OFFSET: 'MIN_OFFSET',
  MAX_OFFSET: 'MAX_OFFSET',
  BUYER_ID: 'BUYER_ID',
  ORIGIN_MESSAGE_ID: 'ORIGIN_MESSAGE_ID',
  TRANSFER_FLAG: 'TRANSFER_FLAG',
  CORRECTION_FLAG: 'CORRECTION_FLAG',
  MQ2_FLAG: 'MQ2_FLAG',
  RECONSUME_TIME: 'RECONSUME_TIME',
  MSG_REGION: 'MSG_REGION',
  TRACE_ON: 'TRACE_ON',
  UNIQ_KEY: 'UNIQ_KEY',
  MAX_RECONSUME_TIMES: 'MAX_RECONSUME_TIMES',
  CONSUME_START_TIME: 'CONSUME_START_TIME',
  TRAN_PREPARED_QUEUE_OFFSET: 'TRAN_PREPARED_QUEUE_OFFSET',
  TRANSACTION_CHECK_TIMES: 'TRANSACTION_CHECK_TIMES',
  CHECK_IMMUNITY_TIME_IN_SECONDS: 'CHECK_IMMUNITY_TIME_IN_SECONDS',
  INSTANCE_ID: 'INSTANCE_ID',
  CORRELATION_ID: 'CORRELATION_ID',
  REPLY_TO_CLIENT: 'REPLY_TO_CLIENT',
  TTL: 'TTL',
  ARRIVE_TIME: 'ARRIVE_TIME',
  PUSH_REPLY_TIME: 'PUSH_REPLY_TIME',
  CLUSTER: 'CLUSTER',
  MSG_TYPE: 'MSG_TYPE',
  SHARDING_KEY: '__SHARDINGKEY',
  INNER_MULTI_DISPATCH: 'INNER_MULTI_DISPATCH',
  INNER_MULTI_QUEUE_OFFSET: 'INNER_MULTI_QUEUE_OFFSET',
  TIMER_DELIVER_MS: 'TIMER_DELIVER_MS',
  TIMER_DELAY_SEC: 'TIMER_DELAY_SEC',
  TIMER_DELAY_MS: 'TIMER_DELAY_MS',
  TIMER_OUT_MS: 'TIMER_OUT_MS',
  TIMER_ENQUEUE_MS: 'TIMER_ENQUEUE_MS',
  TIMER_DEQUEUE_MS: 'TIMER_DEQUEUE_MS',
  TIMER_ROLL_TIMES: 'TIMER_ROLL_TIMES',
  TIMER_DEL_UNIQKEY: 'TIMER_DEL_UNIQKEY',
} as const;

const systemNames: ReadonlySet<string> = new Set(Object.values(Property));

/** Whether RocketMQ gives the name a meaning, so that no user may. */
export const isSystemProperty = (name: string): boolean => systemNames.has(name);

export const NAME_VALUE_SEPARATOR = 1;
export const PROPERTY_SEPARATOR = 2;
/** The propertiesLength field is an int16. */
export const MAX_PROPERTIES_LENGTH = 32767;

const NAME_VALUE = String.fromCharCode(NAME_VALUE_SEPARATOR);
const NEXT_PROPERTY = String.fromCharCode(PROPERTY_SEPARATOR);

/** The text form, in the order of the record's keys, with no separator behind the last; undefined values are left out. */
export function encodeProperties(properties: Readonly<Record<string, string | undefined>>): string {
  let text = '';
  for (const name in properties) {
    const value = properties[name];
    if (value === undefined || value === null) continue;
    if (text !== '') text += NEXT_PROPERTY;
    text += name + NAME_VALUE + value;
  }
  return text;
}

/**
 * The properties of a text form. An entry with an empty name or value is dropped, of two with one name the last counts, a
 * separator at the end is tolerated (clients in C++ and Go write it). The record has no prototype: any name is safe.
 */
export function decodeProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = Object.create(null);
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf(NEXT_PROPERTY, start);
    if (end < 0) end = text.length;
    const separator = text.indexOf(NAME_VALUE, start);
    if (separator > start && separator < end - 1) {
      properties[text.slice(start, separator)] = text.slice(separator + 1, end);
    }
    start = end + 1;
  }
  return properties;
}
