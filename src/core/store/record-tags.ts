/**
 * The tagsCode that a record's unit gets, from its properties: the hash of TAGS, or for a delayed message (topic
 * SCHEDULE_TOPIC_XXXX with DELAY) or a timed one (topic rmq_sys_wheel_timer) the time it is due. Mirrors CommitLog.checkMessageAndReturnSize. Difference: Java parses
 * the delay levels after recovery, so that units rebuilt by recovery get the tags' hash and are delivered at once; here the
 * levels are known from the start.
 */
import type { DelayLevels } from '../message/delay-level.ts';
import { decodeProperties, Property } from '../message/properties.ts';
import { tagsCode } from '../message/tags.ts';
import { timerDueTime } from '../message/timer-due.ts';
import { Topic } from '../message/topic-validator.ts';

/** `properties`: the UTF-8 properties of the record. */
export function recordTagsCode(
  topic: string,
  properties: Buffer,
  storeTimestamp: number,
  delayLevels: DelayLevels,
): number {
  const map = decodeProperties(properties.toString('utf8'));
  const delay = map[Property.DELAY];
  if (topic === Topic.SCHEDULE && delay !== undefined) {
    const level = Number(delay);
    if (Number.isInteger(level) && level > 0) return delayLevels.deliverTimestamp(level, storeTimestamp);
  }
  if (topic === Topic.TIMER) return timerDueTime(map, storeTimestamp) ?? 0;
  return tagsCode(map[Property.TAGS]);
}
