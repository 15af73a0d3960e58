/** The lines of mqadmin's startMonitoring in its log, as DefaultMonitorListener writes them. */

import type { GroupVerdict } from '../../core/client/admin/consumer-running.ts';
import type { DeleteMsgsEvent, UndoneMsgs } from '../../core/client/monitor/mqadmin-monitor.ts';
import type { MessageQueue } from '../../core/message/message-queue.ts';
import { queueText, troubleLine } from './consumer-status.ts';
import { oneLine } from './received-message.ts';

const PREFIX = '[MONITOR] ';
const NOTIFY = `${PREFIX} [NOTIFY] `;
const RULE = '=========================================';

export const beginRoundLine = `${PREFIX}${RULE}beginRound`;
export const endRoundLine = `${PREFIX}${RULE}endRound`;
export const spentLine = (ms: number): string => `Execute one round monitor work, spent timemills: ${ms}`;

export function undoneLine(undone: UndoneMsgs): string {
  const { consumerGroup, topic, undoneMsgsTotal, undoneMsgsSingleMQ, undoneMsgsDelayTimeMills } = undone;
  return (
    `${PREFIX}reportUndoneMsgs: UndoneMsgs [consumerGroup=${consumerGroup}, topic=${topic}, ` +
    `undoneMsgsTotal=${undoneMsgsTotal}, undoneMsgsSingleMQ=${undoneMsgsSingleMQ}, ` +
    `undoneMsgsDelayTimeMills=${undoneMsgsDelayTimeMills}]`
  );
}

/** Undefined: the message is no event; Java passes over it, too. */
export function deleteMsgsLine({ text, eventTimestamp }: DeleteMsgsEvent): string | undefined {
  try {
    const { consumerGroup, messageQueue, offsetRequest, offsetNew } = JSON.parse(text) as Record<string, unknown>;
    const event =
      `OffsetMovedEvent [consumerGroup=${consumerGroup}, messageQueue=${queueText(messageQueue as MessageQueue)}, ` +
      `offsetRequest=${offsetRequest}, offsetNew=${offsetNew}]`;
    const line = `DeleteMsgsEvent [offsetMovedEvent=${event}, eventTimestamp=${eventTimestamp}]`;
    return `${PREFIX}reportDeleteMsgsEvent: ${oneLine(line)}`;
  } catch {
    return undefined;
  }
}

/** Nothing to tell: empty. One entry a line of the log; an entry about queues has a line for each. */
export function runningInfoLines(consumerGroup: string, { sameSubscription, troubles }: GroupVerdict): string[] {
  const head = `${NOTIFY}reportConsumerRunningInfo: ConsumerGroup: ${consumerGroup}`;
  const clients = [...new Set(troubles.map(({ clientId }) => clientId))];
  return [
    ...(sameSubscription ? [] : [`${head}, Subscription different`]),
    ...clients.map((clientId) => {
      const lines = troubles.filter((trouble) => trouble.clientId === clientId).map(troubleLine);
      return `${head}, ClientId: ${clientId}, ${lines.join('')}`;
    }),
  ];
}
