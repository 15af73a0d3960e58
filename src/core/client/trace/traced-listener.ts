/** The traces of listener calls. Mirrors ConsumeMessageTraceHookImpl. */

import type { Clock } from '../../common/clock.ts';
import type { MessageExt } from '../../message/message.ts';
import { Property } from '../../message/properties.ts';
import type { MessageListener, MessageListenerOrderly } from '../consumer/message-listener.ts';
import type { AnyPushConsumerOptions } from '../consumer/push-consumer-options.ts';
import type { ConsumeReturnType, TraceContext } from './trace-context.ts';

/** Java's consumeTimeout: a call that took longer counts as timed out, whatever it answered. */
const CONSUME_TIMEOUT_MS = 15 * 60_000;

/** Where the traces go, and what they are made of. */
export interface ListenerTracing {
  readonly append: (context: TraceContext) => void;
  readonly clock: Clock;
  readonly nextUniqId: () => string;
}

/** The options with a listener whose calls are traced. */
export function tracedListener(options: AnyPushConsumerOptions, tracing: ListenerTracing): AnyPushConsumerOptions {
  const { group } = options;
  if (options.ordered === true) {
    const { listener: plain } = options;
    const listener: MessageListenerOrderly = (messages, context) =>
      traced(tracing, group, messages, async () => plain(messages, context));
    return { ...options, listener };
  }
  const { listener: plain } = options;
  const listener: MessageListener = (messages) => traced(tracing, group, messages, async () => plain(messages));
  return { ...options, listener };
}

async function traced<T>(
  { append, clock, nextUniqId }: ListenerTracing,
  groupName: string,
  messages: readonly MessageExt[],
  call: () => Promise<T>,
): Promise<T> {
  const wanted = messages.filter(({ properties }) => properties[Property.TRACE_ON] !== 'false');
  if (wanted.length === 0) return call();
  const requestId = nextUniqId();
  const begun = clock.now();
  const beans = wanted.map(({ msgId, reconsumeTimes: retryTimes, properties }) => {
    return { msgId, retryTimes, keys: properties[Property.KEYS] ?? null };
  });
  const regionId = wanted.at(-1)?.properties[Property.MSG_REGION] ?? null;
  append({ traceType: 'SubBefore', timeStamp: begun, regionId, groupName, requestId, beans });
  const ended = (outcome: ConsumeReturnType): void => {
    const timeStamp = clock.now();
    const took = Math.max(0, timeStamp - begun);
    const costTime = Math.trunc(took / messages.length);
    const success = outcome === 'SUCCESS';
    const contextCode = outcome !== 'EXCEPTION' && took >= CONSUME_TIMEOUT_MS ? 'TIME_OUT' : outcome;
    append({ traceType: 'SubAfter', requestId, costTime, success, contextCode, timeStamp, groupName, beans });
  };
  try {
    const status = await call();
    const isDone = typeof status !== 'string' || status === 'CONSUME_SUCCESS' || status === 'SUCCESS';
    ended(isDone ? 'SUCCESS' : 'FAILED');
    return status;
  } catch (error) {
    ended('EXCEPTION');
    throw error;
  }
}
