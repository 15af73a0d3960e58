/** The producer over which a client's traces go: the client's own connections, a group of its own. */

import type { ClientInstance } from '../client-instance.ts';
import { AsyncTraceDispatcher, type TraceOptions, type TraceSender } from './async-trace-dispatcher.ts';

const GROUP_NAME_PREFIX = '_INNER_TRACE_PRODUCER';
const MAX_GROUP_LENGTH = 255;
const SEND_TIMEOUT_MS = 5000;

let counter = 0;

/** The options of the producer that tells of a group. A group with a very long name is shortened. */
export function traceProducerOf(group: string, type: 'PRODUCE' | 'CONSUME', instance: ClientInstance) {
  counter++;
  const end = `-${type}-${counter}`;
  const name = `${GROUP_NAME_PREFIX}-${group}`.slice(0, MAX_GROUP_LENGTH - end.length) + end;
  return { group: name, instance, sendMsgTimeout: SEND_TIMEOUT_MS };
}

export function traceOver(
  sender: TraceSender,
  { clock, logger }: ClientInstance,
  { customizedTraceTopic: traceTopic }: TraceOptions,
): AsyncTraceDispatcher {
  return new AsyncTraceDispatcher({ sender, traceTopic, clock, logger });
}
