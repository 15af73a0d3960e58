/**
 * Queue locks of orderly consumers: request and answer of LOCK_BATCH_MQ, request of UNLOCK_BATCH_MQ. Mirrors
 * LockBatchRequestBody, LockBatchResponseBody and UnlockBatchRequestBody.
 *
 *   {"clientId":S,"consumerGroup":S,"mqSet":[{"brokerName":S,"queueId":I,"topic":S}]}       {"lockOKMQSet":[...]}
 */

import type { MessageQueue } from '../../message/message-queue.ts';
import { listMember, readBody, readMessageQueue, stringMember } from './body-reader.ts';
import { messageQueueBean, writeBody } from './body-writer.ts';

export interface LockBatchRequestBody {
  consumerGroup: string;
  clientId: string;
  mqSet: MessageQueue[];
}

export interface LockBatchResponseBody {
  /** The queues the client holds now. */
  lockOKMQSet: MessageQueue[];
}

/** Throws PocketError PROTOCOL. */
export function decodeLockBatchRequestBody(body: Buffer | undefined): LockBatchRequestBody {
  const object = readBody(body, 'lock request');
  return {
    consumerGroup: stringMember(object, 'consumerGroup') ?? '',
    clientId: stringMember(object, 'clientId') ?? '',
    mqSet: listMember(object, 'mqSet').map(readMessageQueue),
  };
}

export function encodeLockBatchRequestBody(request: LockBatchRequestBody): Buffer {
  return writeBody({ ...request, mqSet: request.mqSet.map(messageQueueBean) });
}

/** Throws PocketError PROTOCOL. */
export function decodeLockBatchResponseBody(body: Buffer | undefined): LockBatchResponseBody {
  return { lockOKMQSet: listMember(readBody(body, 'lock answer'), 'lockOKMQSet').map(readMessageQueue) };
}

export function encodeLockBatchResponseBody(response: LockBatchResponseBody): Buffer {
  return writeBody({ lockOKMQSet: response.lockOKMQSet.map(messageQueueBean) });
}
