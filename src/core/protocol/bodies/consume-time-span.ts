/**
 * Answer of QUERY_CONSUME_TIME_SPAN. Mirrors QueryConsumeTimeSpanBody and QueueTimeSpan, whose times stand there as numbers
 * and as texts (`yyyy-MM-dd#HH:mm:ss:SSS` in the broker's local time).
 *
 *   {"consumeTimeSpanSet":[{"consumeTimeStamp":L,"consumeTimeStampStr":S,"delayTime":L,"maxTimeStamp":L,"maxTimeStampStr":S,
 *     "messageQueue":mq,"minTimeStamp":L,"minTimeStampStr":S}]}
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { listMember, numberMember, objectOf, readBody, readMessageQueue } from './body-reader.ts';
import { writeBody } from './body-writer.ts';

/** Times in ms; -1 where there is no message. */
export interface QueueTimeSpan {
  readonly messageQueue: MessageQueue;
  /** When the first message was stored. */
  readonly minTimeStamp: number;
  /** When the last message was stored. */
  readonly maxTimeStamp: number;
  /** When the last message that the group has consumed was stored. */
  readonly consumeTimeStamp: number;
  /** How long the next message has waited, ms; 0 without one. */
  readonly delayTime: number;
}

export interface ConsumeTimeSpan {
  readonly consumeTimeSpanSet: readonly QueueTimeSpan[];
}

/** Throws PocketError PROTOCOL. */
export function decodeConsumeTimeSpan(body: Buffer | undefined): ConsumeTimeSpan {
  const list = listMember(readBody(body, 'consume time span'), 'consumeTimeSpanSet');
  return {
    consumeTimeSpanSet: list.map((value) => {
      const span = objectOf(value, 'time span of a queue');
      return {
        messageQueue: readMessageQueue(span.messageQueue ?? {}),
        minTimeStamp: numberMember(span, 'minTimeStamp'),
        maxTimeStamp: numberMember(span, 'maxTimeStamp'),
        consumeTimeStamp: numberMember(span, 'consumeTimeStamp'),
        delayTime: numberMember(span, 'delayTime'),
      };
    }),
  };
}

export function encodeConsumeTimeSpan({ consumeTimeSpanSet }: ConsumeTimeSpan): Buffer {
  return writeBody({
    consumeTimeSpanSet: consumeTimeSpanSet.map((span) => ({
      ...span,
      minTimeStampStr: timeText(span.minTimeStamp),
      maxTimeStampStr: timeText(span.maxTimeStamp),
      consumeTimeStampStr: timeText(span.consumeTimeStamp),
    })),
  });
}

function timeText(millis: number): string {
  const time = new Date(millis);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${day}#${clock}:${String(time.getMilliseconds()).padStart(3, '0')}`;
}
