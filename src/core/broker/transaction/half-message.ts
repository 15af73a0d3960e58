/**
 * The forms of a transactional message (messages.md section 9). While nobody knows how its transaction ends it lies in queue 0
 * of RMQ_SYS_TRANS_HALF_TOPIC and names its own topic and queue in REAL_TOPIC and REAL_QID; a commit stores a second record
 * there; what is ended, committed or not, is written to RMQ_SYS_TRANS_OP_HALF_TOPIC. Mirrors TransactionalMessageBridge,
 * EndTransactionProcessor.endMessageTransaction and DefaultTransactionalMessageCheckListener.
 *
 * Differences from 4.9: a copy that is put back for another check keeps the message's flag (Java's has 0); a DELAY, which no
 * client leaves in such a message, has no effect (Java delays the half message, and nobody can end it then).
 */
import type { MessageExt } from '../../message/message.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { encodeProperties, Property } from '../../message/properties.ts';
import { draftOfRecord } from '../../message/record-draft.ts';
import { SysFlag } from '../../message/sys-flag.ts';
import { tagsCode } from '../../message/tags.ts';
import { Topic } from '../../message/topic-validator.ts';

/** The consumer group whose offsets say how far half and op queue are dealt with (MixAll.CID_SYS_RMQ_TRANS). */
export const TRANS_GROUP = 'CID_RMQ_SYS_TRANS';
/** There is one queue of half messages, and one of what became of them. */
export const HALF_QUEUE_ID = 0;

const TRANSACTION_BITS = SysFlag.TRANSACTION_ROLLBACK;
/** TAGS of an op message: the half message is done with (TransactionalMessageUtil.REMOVETAG). */
const REMOVE_TAG = 'd';
/** Between the offsets of one op message of a 5.x broker; ours, as 4.9's, has one offset. */
const OP_SEPARATOR = ',';

/** A message that begins a transaction, on its way into the half queue; `properties` are the sender's and CLUSTER. */
export function halfDraft(message: MessageDraft, properties: Readonly<Record<string, string>>): MessageDraft {
  const { [Property.DELAY]: _, ...kept } = properties;
  const own: Record<string, string> = {
    ...kept,
    [Property.REAL_TOPIC]: message.topic,
    [Property.REAL_QID]: String(message.queueId),
  };
  return {
    ...message,
    topic: Topic.TRANS_HALF,
    queueId: HALF_QUEUE_ID,
    sysFlag: message.sysFlag & ~TRANSACTION_BITS,
    ...encoded(own),
    tagsCode: tagsCode(own[Property.TAGS]),
    keys: undefined,
  };
}

/** What a commit stores; undefined for a half message that does not say where it belongs. */
export function committedDraft(half: MessageExt): MessageDraft | undefined {
  const target = realQueue(half);
  if (target === undefined) return undefined;
  const { properties, reconsumeTimes } = half;
  return {
    ...draftOfRecord(half, { ...target, properties, reconsumeTimes }),
    sysFlag: (half.sysFlag & ~TRANSACTION_BITS) | SysFlag.TRANSACTION_COMMIT,
    preparedTransactionOffset: half.commitLogOffset,
    waitStoreMsgOK: false,
  };
}

/** The queue a half message was sent to. */
export function realQueue({ properties }: MessageExt): { topic: string; queueId: number } | undefined {
  const topic = properties[Property.REAL_TOPIC];
  const queueId = Number(properties[Property.REAL_QID] ?? Number.NaN);
  return topic === undefined || !Number.isInteger(queueId) ? undefined : { topic, queueId };
}

/** The half message once more at the end of its queue, with what `properties` say. */
export function putBackDraft(half: MessageExt, properties: Readonly<Record<string, string>>): MessageDraft {
  const place = { topic: Topic.TRANS_HALF, queueId: HALF_QUEUE_ID, properties, reconsumeTimes: half.reconsumeTimes };
  return { ...draftOfRecord(half, place), waitStoreMsgOK: false };
}

/** A half message that is given up, for somebody to look at. */
export function discardedDraft(half: MessageExt, properties: Readonly<Record<string, string>>): MessageDraft {
  const { reconsumeTimes } = half;
  const place = { topic: Topic.TRANS_CHECK_MAX_TIME, queueId: 0, properties, reconsumeTimes };
  return { ...draftOfRecord(half, place), waitStoreMsgOK: false };
}

/** Says that the half message at a queue offset is done with. `host`: the broker's, as a record stores it. */
export function opDraft(halfOffset: number, { host, now }: { host: Buffer; now: number }): MessageDraft {
  const body = Buffer.from(String(halfOffset));
  return {
    topic: Topic.TRANS_OP_HALF,
    queueId: HALF_QUEUE_ID,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: now,
    bornHost: host,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body,
    bodyStart: 0,
    bodyEnd: body.length,
    ...encoded({ [Property.WAIT]: 'true', [Property.TAGS]: REMOVE_TAG }),
    tagsCode: tagsCode(REMOVE_TAG),
    waitStoreMsgOK: false,
  };
}

/** Queue offsets of the half messages that an op message says are done with; none for a message that says nothing of the kind. */
export function endedOffsets({ properties, body }: Pick<MessageExt, 'properties' | 'body'>): number[] {
  if (properties[Property.TAGS] !== REMOVE_TAG) return [];
  const words = body.toString('latin1').split(OP_SEPARATOR);
  return words.filter((word) => /^\d{1,15}$/.test(word)).map(Number);
}

function encoded(properties: Readonly<Record<string, string>>) {
  const bytes = Buffer.from(encodeProperties(properties));
  return { properties: bytes, propertiesStart: 0, propertiesEnd: bytes.length };
}
