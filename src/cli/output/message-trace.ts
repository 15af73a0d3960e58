/** What queryMsgTraceById prints: a table for each send, then one for each consumer group; or with --timeline a life in lines. */

import type { GroupPlace, MessageTimeline, TimelineEvent } from '../../core/client/admin/message-timeline.ts';
import type { TraceView } from '../../core/client/admin/message-trace.ts';
import { javaStringHashOrder } from '../../core/common/java-hash-order.ts';
import { type Cell, left } from './columns.ts';
import { timeOfDay, timeWithMillis } from './java-time.ts';

type Row = readonly [type: Cell, group: string, host: string, time: string, cost: string, status: string];

/** `now`: the time shown for records that have none, those of clients of 4.9.1, as mqadmin does. */
export function renderMessageTrace(views: readonly TraceView[], now: number): string {
  const sends: string[] = [];
  const groups = new Map<string, string[]>();
  for (const { context, clientHost } of views) {
    if (context.traceType !== 'Pub' && context.traceType !== 'SubAfter') continue;
    const { groupName, timeStamp = now, costTime, success } = context;
    const status = success ? 'success' : 'failed';
    const cells = [groupName, clientHost, timeOfDay(timeStamp), `${costTime}ms`, status] as const;
    if (context.traceType === 'Pub') sends.push(`${HEADING_OF_SENDS}${line(['Pub', ...cells])}\n`);
    else groups.set(groupName, [...(groups.get(groupName) ?? []), line(['Sub', ...cells])]);
  }
  const consumed = javaStringHashOrder([...groups.keys()]).map(
    (group) => `${HEADING_OF_GROUP}${(groups.get(group) ?? []).join('')}\n`,
  );
  return sends.join('') + consumed.join('');
}

const line = ([type, group, host, time, cost, status]: Row): string =>
  `${left(type, 10)} ${left(group, 20)} ${left(host, 20)} ${left(time, 20)} ${left(cost, 10)} ${left(status, 10)}\n`;

const HEADING_OF_SENDS = line(['#Type', '#ProducerGroup', '#ClientHost', '#SendTime', '#CostTimes', '#Status']);
const HEADING_OF_GROUP = line(['#Type', '#ConsumerGroup', '#ClientHost', '#ConsumerTime', '#CostTimes', '#Status']);

/** Json and yaml: the records as they were told. */
export const messageTraceDocument = (views: readonly TraceView[]): object[] =>
  views.map(({ context, clientHost }) => ({ ...context, clientHost }));

export function renderMessageTimeline(timeline: MessageTimeline): string {
  const { msgId, topic, tags, keys, traced, traceTopic, stored, events, groups } = timeline;
  const about = [topic, ...(tags === undefined ? [] : [`tag ${tags}`]), ...(keys ? [`keys ${keys}`] : [])];
  const lines = [msgId, about.join(', '), '', ...events.map(eventLine)];
  if (groups.length > 0) lines.push('', ...groups.map(groupLine));
  if (!traced) {
    lines.push('', `No client has told ${traceTopic} of it: sends and deliveries are not known,`);
    lines.push('only what the brokers have stored.');
  }
  if (!stored) lines.push('', 'Its record is not there any more: only what clients have told is known.');
  return `${lines.join('\n')}\n`;
}

function eventLine(event: TimelineEvent): string {
  const [what, ...details] = wordsOf(event);
  return `${timeWithMillis(event.at)}  ${left(what, 11)}  ${details.join(', ')}`;
}

function wordsOf(event: TimelineEvent): [string, ...string[]] {
  switch (event.kind) {
    case 'sent':
      return ['sent', `${event.group} on ${event.clientHost}`, outcome(event.success), `${event.costTime} ms`];
    case 'stored':
      return ['stored', event.broker, `queue ${event.queueId}`, `offset ${event.queueOffset}`];
    case 'delivered': {
      const { retryTimes, costTime } = event;
      const retry = retryTimes === undefined || retryTimes === 0 ? [] : [`retry ${retryTimes}`];
      const cost = costTime === undefined ? [] : [`${costTime} ms`];
      return ['delivered', `${event.group} on ${event.clientHost}`, ...retry, deliveryText(event.outcome), ...cost];
    }
    case 'retry':
      return ['to retry', event.group, `retry ${event.reconsumeTimes}`];
    case 'deadLetter':
      return ['dead letter', event.group, `given back ${event.reconsumeTimes} times`];
    case 'transaction':
      return ['transaction', event.group, event.state, ...(event.fromCheck ? ['after a check'] : [])];
  }
}

const outcome = (success: boolean): string => (success ? 'success' : 'failed');

type Delivered = Extract<TimelineEvent, { kind: 'delivered' }>;

function deliveryText(code: Delivered['outcome']): string {
  if (code === undefined) return 'no end is known';
  if (code === 'SUCCESS') return 'success';
  return code === 'FAILED' ? 'failed' : `failed (${code})`;
}

function groupLine({ group, state, behind, error }: GroupPlace): string {
  switch (state) {
    case 'passed':
      return `${group} is beyond it.`;
    case 'waiting':
      return behind === 0 ? `${group} has it next.` : `${group} has ${behind} messages to consume before it.`;
    case 'none':
      return `${group} has no offset in its queue.`;
    case 'unknown':
      return `${group}: ${error}.`;
  }
}
