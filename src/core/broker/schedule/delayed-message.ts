/**
 * The two forms of a delayed message. While it waits it lies in queue `level - 1` of SCHEDULE_TOPIC_XXXX and names its own
 * topic and queue in REAL_TOPIC and REAL_QID; when it is due a second record is stored there, with the same properties
 * (messages.md section 7). Mirrors CommitLog.asyncPutMessage and ScheduleMessageService.messageTimeup.
 */
import { decodeMessage } from '../../message/message-codec.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { Property } from '../../message/properties.ts';
import { draftOfRecord } from '../../message/record-draft.ts';
import { Topic } from '../../message/topic-validator.ts';

/** Queue of SCHEDULE_TOPIC_XXXX in which messages of a level wait. */
export const queueOfLevel = (level: number): number => level - 1;

/** The level a message is delayed by, 0 for none; one above the highest is the highest. */
export function delayLevelOf(properties: Readonly<Record<string, string>>, maxLevel: number): number {
  const text = properties[Property.DELAY] ?? '0';
  return /^\d+$/.test(text) ? Math.min(Number(text), maxLevel) : 0;
}

/** Of 5.x; a level goes before them. */
const TIMES = [Property.TIMER_DELIVER_MS, Property.TIMER_DELAY_SEC, Property.TIMER_DELAY_MS];

/** Where a message of this level waits, and the properties it waits with; `topic` and `queueId` are its own. */
export function delayed(
  properties: Readonly<Record<string, string>>,
  { topic, queueId, level }: { topic: string; queueId: number; level: number },
): { topic: string; queueId: number; properties: Record<string, string> } {
  const own: Record<string, string> = {
    ...properties,
    [Property.DELAY]: String(level),
    [Property.REAL_TOPIC]: topic,
    [Property.REAL_QID]: String(queueId),
  };
  for (const name of TIMES) delete own[name];
  return { topic: Topic.SCHEDULE, queueId: queueOfLevel(level), properties: own };
}

/**
 * What is stored when a waiting record is due; undefined for a record that does not say where it belongs. Throws
 * PocketError PROTOCOL for bytes that are no record.
 */
export function deliveredDraft(record: Buffer): MessageDraft | undefined {
  const waiting = decodeMessage(record, 0, { decompress: false });
  const { properties, reconsumeTimes } = waiting;
  const topic = properties[Property.REAL_TOPIC];
  const queueId = Number(properties[Property.REAL_QID]);
  if (topic === undefined || !Number.isInteger(queueId)) return undefined;
  return draftOfRecord(waiting, { topic, queueId, properties, reconsumeTimes });
}

/** Whether `record`, of an ordinary topic, is what was stored when `waiting` was due. */
export function isDeliveryOf(record: Buffer, waiting: Buffer): boolean {
  const delivery = decodeMessage(record, 0, { decompress: false });
  const draft = deliveredDraft(waiting);
  if (draft === undefined) return false;
  const properties = draft.properties.subarray(draft.propertiesStart, draft.propertiesEnd);
  return (
    delivery.topic === draft.topic &&
    delivery.queueId === draft.queueId &&
    delivery.bornTimestamp === draft.bornTimestamp &&
    record.subarray(record.length - properties.length).equals(properties) &&
    delivery.body.equals(draft.body)
  );
}
