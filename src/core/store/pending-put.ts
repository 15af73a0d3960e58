/** A record between its put and its answer. Objects are used again; one message costs one of them and no other. */
import type { ConsumeQueue } from './consumequeue/consume-queue.ts';
import type { TopicQueues } from './consumequeue/topic-queues.ts';
import { type PutListener, PutMessageStatus } from './put-message.ts';

export class PendingPut {
  queue: ConsumeQueue | undefined;
  topic: TopicQueues | undefined;
  /** It gets a unit in its queue; PREPARED and ROLLBACK records do not. */
  enters = true;
  queueOffset = 0;
  physicOffset = 0;
  size = 0;
  /** Bytes at the end of the record that may name keys for the index, 0 for a record that is not indexed. */
  propertiesLength = 0;
  /** The draft said where the keys are: the ranges below are relative to those bytes. */
  hasKeyRanges = false;
  uniqKeyStart = -1;
  uniqKeyEnd = -1;
  keysStart = -1;
  keysEnd = -1;
  tagsCode = 0;
  /** On the last record of a put, until it is answered. */
  listener: PutListener | undefined;
  /** With SYNC_FLUSH: the answer waits for the disk. */
  waitStoreMsgOK = true;
  /** Records of the put, on its last one. */
  count = 1;
  /** In a batch, on its last record. */
  physicOffsets: number[] | undefined;

  /** Tells the put's listener, if it was not told yet. What the listener throws is thrown here. */
  answer(status: PutMessageStatus, storeTimestamp: number): void {
    const { listener, physicOffset, physicOffsets, count } = this;
    if (listener === undefined) return;
    this.listener = undefined;
    if (!isStored(status)) listener.onPut(status, -1, -1, storeTimestamp, 0);
    else if (physicOffsets === undefined) {
      listener.onPut(status, physicOffset, this.queueOffset, storeTimestamp, count);
    } else {
      const first = this.queueOffset - count + 1;
      listener.onPut(status, physicOffsets[0] ?? -1, first, storeTimestamp, count, physicOffsets);
    }
  }
}

/** Whether a put with this status is in the log and will be consumed. */
function isStored(status: PutMessageStatus): boolean {
  return status === PutMessageStatus.PUT_OK || status === PutMessageStatus.FLUSH_DISK_TIMEOUT;
}
