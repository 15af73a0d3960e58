/** What `dlq resend` prints, and how it ends. */

import type { ResendOutcome } from '../../core/client/admin/dlq-resend.ts';
import { PocketError } from '../../core/common/errors.ts';
import type { MessageExt } from '../../core/message/message.ts';
import { Property } from '../../core/message/properties.ts';
import { sentenceOf } from '../sentences.ts';
import { count } from './dead-letters.ts';

export function renderSent({ msgId, properties }: MessageExt, topic: string): string {
  const keys = properties[Property.KEYS];
  return `${msgId} -> ${topic}${keys === undefined ? '' : `  keys ${keys}`}\n`;
}

export interface ResendRunFacts {
  readonly group: string;
  readonly dryRun: boolean;
  /** Of the progress of a selection. */
  readonly file: string | undefined;
  readonly isContinued: boolean | undefined;
}

export interface ResendEnd {
  readonly text: string;
  readonly document: object;
  /** What ends the command: nothing was found, or it is not all that was done. */
  readonly failure: PocketError | undefined;
}

export function endResend(outcome: ResendOutcome, facts: ResendRunFacts): ResendEnd {
  const { sent, left, passed, error, failed } = outcome;
  const { group, dryRun, file } = facts;
  const what = count(sent, 'dead letter');
  const text = dryRun
    ? `\n${what} of ${group} would be sent. Nothing was sent: --dry-run.\n`
    : `${what} of ${group} sent again.${file === undefined || sent === 0 ? '' : `\nProgress is in ${file}: without it they are sent once more.`}\n`;
  const document = {
    consumerGroup: group,
    ...{ sent, passed, left, dryRun },
    progressFile: dryRun ? undefined : file,
    error: error?.message,
    failed: failed?.offsetMsgId,
  };
  return { text, document, failure: failureOf(outcome, facts) };
}

function failureOf({ sent, left, error, failed }: ResendOutcome, { file, isContinued }: ResendRunFacts) {
  if (error !== undefined) {
    const letter = failed === undefined ? '' : ` at the dead letter ${failed.offsetMsgId}`;
    const maybe = error.code === 'TIMEOUT' && failed !== undefined ? ' (it may have arrived all the same)' : '';
    const why = `${sentenceOf(error).replace(/[.]$/, '')}${maybe}`;
    if (sent === 0) return new PocketError(error.code, `nothing was sent, ended${letter}: ${why}`, { cause: error });
    return new PocketError('PARTLY', `ended${letter}, ${left} not looked at: ${why}; run it again to go on`);
  }
  if (left > 0) return new PocketError('PARTLY', `interrupted, ${left} not looked at: run it again to go on`);
  if (sent > 0) return undefined;
  const before = isContinued ? `; those that ${file} knows of were sent before` : '';
  return new PocketError('NOT_FOUND', `there was nothing to send${before}: 'mqadmin dlq list' counts what waits`);
}
