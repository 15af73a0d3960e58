/**
 * The forms of a timed message. While it waits it lies in queue 0 of rmq_sys_wheel_timer, names its own topic and queue in
 * REAL_TOPIC and REAL_QID and the time it is due in TIMER_OUT_MS; a long wait puts it there again and again (TIMER_ROLL_TIMES);
 * when it is due a second record is stored in its own topic. Mirrors HookUtils.transformTimerMessage and
 * TimerMessageStore.convert of 5.x.
 *
 * Differences from 5.x: a record that is made from a waiting one names that in preparedTransactionOffset (markOf), which is how a start after a crash knows what was delivered; a message is delivered at the time asked for, not at the end
 * of its timerPrecisionMs; a delay that leaves the range of a long is illegal (Java: negative, delivered at once);
 * TIMER_DEL_UNIQKEY, which takes back a waiting message, is not supported and illegal.
 */
import type { BrokerConfig } from '../../common/config-schema.ts';
import type { MessageExt } from '../../message/message.ts';
import type { MessageDraft } from '../../message/message-draft.ts';
import { encodeProperties, MAX_PROPERTIES_LENGTH, Property } from '../../message/properties.ts';
import { draftOfRecord } from '../../message/record-draft.ts';
import { requestedTime } from '../../message/timer-due.ts';
import { Topic } from '../../message/topic-validator.ts';
import { PutMessageStatus } from '../../store/put-message.ts';

export const TIMER_QUEUE_ID = 0;

/** What timerPrecisionMs may be; another one counts as the next lower (5.x does the same). */
const PRECISIONS_MS = [1000, 500, 200, 100];

type Properties = Readonly<Record<string, string>>;
type TimerConfig = Pick<BrokerConfig, 'timerWheelEnable' | 'timerMaxDelaySec' | 'timerPrecisionMs'>;

/** What preparedTransactionOffset of a record says that was made from a waiting one: commitlog offset + 1, so that 0 says nothing. */
const markOf = ({ commitLogOffset }: MessageExt): number => commitLogOffset + 1;

/** Commitlog offset of the waiting message a record was made from; undefined for a record that was not. */
export function sourceOf({ preparedTransactionOffset }: MessageExt): number | undefined {
  return preparedTransactionOffset > 0 ? preparedTransactionOffset - 1 : undefined;
}

/** When a message waits, and until when; a refusal; or undefined for a message that is stored in its own topic now. */
export type Timing =
  | { readonly dueMs: number; readonly outMs: number; readonly refusal?: undefined }
  | { readonly refusal: PutMessageStatus };

/** What becomes of a message without a DELAY that has these properties. */
export function timingOf(properties: Properties, now: number, config: TimerConfig): Timing | undefined {
  const dueMs = properties[Property.TIMER_OUT_MS] === undefined ? requestedTime(properties, now) : undefined;
  if (dueMs === undefined) return undefined;
  if (!config.timerWheelEnable) return { refusal: PutMessageStatus.WHEEL_TIMER_NOT_ENABLE };
  const isIllegal = Number.isNaN(dueMs) || dueMs - now > config.timerMaxDelaySec * 1000;
  if (isIllegal || properties[Property.TIMER_DEL_UNIQKEY] !== undefined) {
    return { refusal: PutMessageStatus.WHEEL_TIMER_MSG_ILLEGAL };
  }
  return dueMs > now ? { dueMs, outMs: outMsOf(dueMs, config) } : undefined;
}

function outMsOf(dueMs: number, { timerPrecisionMs }: TimerConfig): number {
  const precision = PRECISIONS_MS.find((ms) => ms <= timerPrecisionMs) ?? 100;
  // A time on the grid belongs to the step that ends there.
  return Math.ceil(dueMs / precision) * precision - precision;
}

/** A message on its way into the timer queue; `properties` are the sender's and CLUSTER. */
export function waitingDraft(
  message: MessageDraft,
  properties: Properties,
  { dueMs, outMs }: { dueMs: number; outMs: number },
): MessageDraft {
  const own = {
    ...properties,
    [Property.TIMER_OUT_MS]: String(outMs),
    [Property.REAL_TOPIC]: message.topic,
    [Property.REAL_QID]: String(message.queueId),
  };
  const bytes = Buffer.from(encodeProperties(own));
  return {
    ...message,
    topic: Topic.TIMER,
    queueId: TIMER_QUEUE_ID,
    properties: bytes,
    propertiesStart: 0,
    propertiesEnd: bytes.length,
    tagsCode: dueMs,
    keys: undefined,
  };
}

/** What is stored when a waiting message is due; undefined for one that does not say where it belongs. */
export function deliveredDraft(waiting: MessageExt, now: number): MessageDraft | undefined {
  const { properties } = waiting;
  const { [Property.REAL_TOPIC]: topic, [Property.REAL_QID]: queue } = properties;
  const queueId = Number(queue);
  if (topic === undefined || queue === undefined || !Number.isInteger(queueId)) return undefined;
  const own = {
    ...properties,
    [Property.TIMER_ENQUEUE_MS]: String(waiting.storeTimestamp),
    [Property.TIMER_DEQUEUE_MS]: String(now),
  };
  const { reconsumeTimes } = waiting;
  const draft = draftOfRecord(waiting, { topic, queueId, properties: own, reconsumeTimes });
  // The two times are worth less than the message.
  const isTooLong = draft.propertiesEnd > MAX_PROPERTIES_LENGTH;
  const fitting = isTooLong ? draftOfRecord(waiting, { topic, queueId, properties, reconsumeTimes }) : draft;
  return { ...fitting, preparedTransactionOffset: markOf(waiting), waitStoreMsgOK: false };
}

/** The waiting message once more at the end of the timer queue. */
export function rolledDraft(waiting: MessageExt, dueMs: number): MessageDraft {
  const { properties, reconsumeTimes } = waiting;
  const times = Number(properties[Property.TIMER_ROLL_TIMES] ?? 0) + 1;
  const own = { ...properties, [Property.TIMER_ROLL_TIMES]: String(times) };
  const place = { topic: Topic.TIMER, queueId: TIMER_QUEUE_ID, reconsumeTimes };
  const draft = draftOfRecord(waiting, { ...place, properties: own });
  const fits = draft.propertiesEnd <= MAX_PROPERTIES_LENGTH;
  return {
    ...(fits ? draft : draftOfRecord(waiting, { ...place, properties })),
    tagsCode: dueMs,
    preparedTransactionOffset: markOf(waiting),
    waitStoreMsgOK: false,
  };
}
