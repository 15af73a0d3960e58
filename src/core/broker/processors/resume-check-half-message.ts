/**
 * RESUME_CHECK_HALF_MESSAGE (323): puts a half message that was given up back into the half queue, to be checked from the start.
 * Differences from 4.9: a message that says not where it belongs or whose producer it is, is refused (Java puts it back, and
 *   it is given up once more).
 */

import { PocketError } from '../../common/errors.ts';
import type { MessageExt } from '../../message/message.ts';
import { decodeMessage } from '../../message/message-codec.ts';
import { decodeOffsetMsgId } from '../../message/message-id.ts';
import { Property } from '../../message/properties.ts';
import type { resumeCheckHalfMessage } from '../../protocol/requests/resume-check-half-message.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { putBackDraft, realQueue } from '../transaction/half-message.ts';
import { putRecord } from '../transaction/system-queue.ts';

export const processResumeCheckHalfMessage: BrokerProcessor<typeof resumeCheckHalfMessage> = async (
  context,
  { header },
) => {
  const half = find(context, header.msgId ?? '');
  if (half === undefined) throw refusal('Exception was thrown when putting message back to RMQ_SYS_TRANS_HALF_TOPIC.');
  const properties = { ...half.properties, [Property.TRANSACTION_CHECK_TIMES]: '0' };
  const place = await putRecord(context.store, putBackDraft(half, properties));
  if (place === undefined) throw refusal('Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed.');
  return { code: ResponseCode.SUCCESS };
};

function find({ store }: BrokerContext, msgId: string): MessageExt | undefined {
  try {
    const record = store.lookMessageByOffset(decodeOffsetMsgId(msgId).physicOffset);
    const half = record === undefined ? undefined : decodeMessage(record, 0, { decompress: false });
    const isHalf =
      half !== undefined && realQueue(half) !== undefined && half.properties[Property.PGROUP] !== undefined;
    return isHalf ? half : undefined;
  } catch (error) {
    if (error instanceof PocketError) return undefined;
    throw error;
  }
}

function refusal(text: string): ReplyError {
  return new ReplyError(ResponseCode.SYSTEM_ERROR, text);
}
