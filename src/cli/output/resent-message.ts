/**
 * What queryMsgById and queryMsgByUniqueKey print when they give a message to a consumer or send it again. No line ends.
 */

import type { ResendResult } from '../../core/client/admin/message-resend.ts';
import type { ConsumeMessageDirectlyResult } from '../../core/protocol/bodies/consume-message-directly-result.ts';
import { sendResultText } from './send-result-text.ts';

export function renderConsumedDirectly(result: ConsumeMessageDirectlyResult): string {
  const { order, autoCommit, consumeResult = 'null', remark = 'null', spentTimeMills } = result;
  return (
    `ConsumeMessageDirectlyResult [order=${order}, autoCommit=${autoCommit}, consumeResult=${consumeResult}, ` +
    `remark=${remark}, spentTimeMills=${spentTimeMills}]`
  );
}

/** A message that was found and not sent has the first half. */
export function renderResent({ msgId, found, sent }: ResendResult): string {
  if (!found) return '';
  return `prepare resend msg. originalMsgId=${msgId}${sent === undefined ? '' : sendResultText(sent)}`;
}
