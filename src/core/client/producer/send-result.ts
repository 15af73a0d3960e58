/** What a send gives back. Mirrors SendResult and the response codes that mean "stored" (protocol/responses.md section 6). */

import type { MessageQueue } from '../../message/message-queue.ts';
import { ResponseCode } from '../../protocol/response-code.ts';

/** Everything but SEND_OK means: stored, but not as safely as the broker's settings promise. */
export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE';

/** Where a message went. */
export interface SendResult {
  /** SEND_OK, or how much less safely it is stored. */
  readonly sendStatus: SendStatus;
  /** The unique id made here (UNIQ_KEY); of a batch the ids of all messages, joined by commas. */
  readonly msgId: string;
  /** Where the broker put it; of a batch as many ids, joined by commas. */
  readonly offsetMsgId: string;
  /** The queue it is in. */
  readonly messageQueue: MessageQueue;
  /** Its index there; of a batch that of the first message, which the others follow. */
  readonly queueOffset: number;
}

export const sendStatusByCode: ReadonlyMap<number, SendStatus> = new Map([
  [ResponseCode.SUCCESS, 'SEND_OK'],
  [ResponseCode.FLUSH_DISK_TIMEOUT, 'FLUSH_DISK_TIMEOUT'],
  [ResponseCode.SLAVE_NOT_AVAILABLE, 'SLAVE_NOT_AVAILABLE'],
  [ResponseCode.FLUSH_SLAVE_TIMEOUT, 'FLUSH_SLAVE_TIMEOUT'],
]);
