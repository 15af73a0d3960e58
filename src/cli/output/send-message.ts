/**
 * What sendMessage prints: a heading and one row.
 */

import { left } from './columns.ts';

export interface SentMessage {
  readonly brokerName: string;
  readonly queueId: number;
  readonly sendStatus: string;
  readonly msgId: string;
}

export function renderSendMessage(sent: SentMessage): string {
  return (
    line(['#Broker Name', '#QID', '#Send Result', '#MsgId']) +
    line([sent.brokerName, String(sent.queueId), sent.sendStatus, sent.msgId])
  );
}

const line = ([broker, queueId, status, msgId]: readonly [string, string, string, string]): string =>
  `${left(broker, 32)}  ${left(queueId, 4)}  ${left(status, 20)}    ${msgId}\n`;
