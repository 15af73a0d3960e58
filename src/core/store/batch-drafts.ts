/**
 * The messages of a batch put, one draft after the other. Mirrors CommitLog.MessageExtEncoder.encode(MessageExtBatch): each
 * inner message has its own flag, body and properties, followed by the properties of the batch; everything else is the
 * batch's. One draft and one buffer serve all messages of all batches; nothing is made for each of them.
 *
 * Known differences: own and common properties that are together longer than a record can say are refused (Java writes a
 * record that nobody can read and answers that it is stored); so is a batch whose records would take more than MAX_GROWTH
 * times maxMessageSize, which needs long common properties on very many tiny messages, and one of more than MAX_MESSAGES,
 * whose ids no answer could hold (4 MiB cannot hold so many).
 */
import { emptyInnerMessage, joinedLength, readInnerMessage } from '../message/batch-codec.ts';
import { recordSize } from '../message/message-codec.ts';
import type { MessageDraft } from '../message/message-draft.ts';
import { MAX_PROPERTIES_LENGTH, PROPERTY_SEPARATOR } from '../message/properties.ts';
import { transactionType } from '../message/sys-flag.ts';
import { tagsCodeOf } from '../message/tags.ts';
import { PutMessageStatus, RECORD_ROOM } from './put-message.ts';

const MAX_GROWTH = 16;
const MAX_MESSAGES = 262_144;

export interface BatchLimits {
  topicLength: number;
  storeHost: Buffer;
  maxMessageSize: number;
}

export class BatchDrafts {
  /** Bytes of all records, after a measure() that found nothing wrong. */
  size = 0;
  /** The message that next() came to. Overwritten by the next one. */
  readonly draft: MessageDraft;
  readonly #inner = emptyInnerMessage();
  #batch: MessageDraft;

  constructor() {
    const nothing = Buffer.alloc(0);
    this.draft = {
      topic: '',
      queueId: 0,
      flag: 0,
      sysFlag: 0,
      bornTimestamp: 0,
      bornHost: nothing,
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body: nothing,
      bodyStart: 0,
      bodyEnd: 0,
      properties: Buffer.allocUnsafeSlow(MAX_PROPERTIES_LENGTH),
      propertiesStart: 0,
      propertiesEnd: 0,
      tagsCode: 0,
      keys: undefined,
      waitStoreMsgOK: true,
    };
    this.#batch = this.draft;
  }

  /** Goes through the whole batch: why it cannot be stored, or undefined, and then its messages come with next(). */
  measure(batch: MessageDraft, limits: BatchLimits): PutMessageStatus | undefined {
    const { body, bodyStart, bodyEnd } = batch;
    if (transactionType(batch.sysFlag) !== 0) return PutMessageStatus.MESSAGE_ILLEGAL;
    if (bodyStart === bodyEnd) return PutMessageStatus.MALFORMED_BATCH;
    this.#begin(batch);
    const { draft } = this;
    const inner = this.#inner;
    const common = batch.propertiesEnd - batch.propertiesStart;
    let size = 0;
    let count = 0;
    let isTooLong = false;
    for (let at = bodyStart; at < bodyEnd; at = inner.next) {
      if (!readInnerMessage(body, at, bodyEnd, inner)) return PutMessageStatus.MALFORMED_BATCH;
      draft.bodyStart = inner.bodyStart;
      draft.bodyEnd = inner.bodyEnd;
      draft.propertiesEnd = joinedLength(body, inner.propertiesStart, inner.propertiesEnd, common);
      if (draft.propertiesEnd > MAX_PROPERTIES_LENGTH) isTooLong = true;
      size += recordSize(draft, limits.topicLength, limits.storeHost);
      count++;
    }
    isTooLong ||= count > MAX_MESSAGES || size > MAX_GROWTH * limits.maxMessageSize + RECORD_ROOM;
    if (isTooLong) return PutMessageStatus.MESSAGE_ILLEGAL;
    inner.next = bodyStart;
    this.size = size;
    return undefined;
  }

  /** Makes `draft` the next message of the measured batch; false behind the last one. */
  next(): boolean {
    const { draft } = this;
    const inner = this.#inner;
    const { body, bodyEnd } = this.#batch;
    if (inner.next >= bodyEnd || !readInnerMessage(body, inner.next, bodyEnd, inner)) return false;
    draft.flag = inner.flag;
    draft.bodyStart = inner.bodyStart;
    draft.bodyEnd = inner.bodyEnd;
    draft.propertiesEnd = this.#join(inner.propertiesStart, inner.propertiesEnd);
    draft.tagsCode = tagsCodeOf(draft.properties, 0, draft.propertiesEnd);
    return true;
  }

  /** True when the message that next() came to is the last one. */
  get atEnd(): boolean {
    return this.#inner.next >= this.#batch.bodyEnd;
  }

  #begin(batch: MessageDraft): void {
    const { draft } = this;
    this.#batch = batch;
    draft.topic = batch.topic;
    draft.queueId = batch.queueId;
    draft.sysFlag = batch.sysFlag;
    draft.bornTimestamp = batch.bornTimestamp;
    draft.bornHost = batch.bornHost;
    draft.reconsumeTimes = batch.reconsumeTimes;
    draft.body = batch.body;
    draft.waitStoreMsgOK = batch.waitStoreMsgOK ?? true;
  }

  /** Puts body[start, end) and the common properties into the draft's own buffer, and returns their length. */
  #join(start: number, end: number): number {
    const { body, properties: common, propertiesStart, propertiesEnd } = this.#batch;
    const target = this.draft.properties;
    let length = end - start;
    body.copy(target, 0, start, end);
    if (propertiesStart === propertiesEnd) return length;
    if (length > 0 && target[length - 1] !== PROPERTY_SEPARATOR) target[length++] = PROPERTY_SEPARATOR;
    common.copy(target, length, propertiesStart, propertiesEnd);
    return length + propertiesEnd - propertiesStart;
  }
}
