/**
 * What a put answers and to whom. Mirrors PutMessageStatus of 4.9.7; the names are what brokers put into remarks.
 */
export const PutMessageStatus = {
  PUT_OK: 'PUT_OK',
  FLUSH_DISK_TIMEOUT: 'FLUSH_DISK_TIMEOUT',
  FLUSH_SLAVE_TIMEOUT: 'FLUSH_SLAVE_TIMEOUT',
  SLAVE_NOT_AVAILABLE: 'SLAVE_NOT_AVAILABLE',
  /** Not started, stopped, not writeable, or the disk is full. */
  SERVICE_NOT_AVAILABLE: 'SERVICE_NOT_AVAILABLE',
  CREATE_MAPEDFILE_FAILED: 'CREATE_MAPEDFILE_FAILED',
  MESSAGE_ILLEGAL: 'MESSAGE_ILLEGAL',
  PROPERTIES_SIZE_EXCEEDED: 'PROPERTIES_SIZE_EXCEEDED',
  /** The body of a batch that holds no whole messages (ours: Java has an exception there). */
  MALFORMED_BATCH: 'MALFORMED_BATCH',
  OS_PAGECACHE_BUSY: 'OS_PAGECACHE_BUSY',
  /** Of 5.x: the time a message is to be delivered at cannot be kept. */
  WHEEL_TIMER_MSG_ILLEGAL: 'WHEEL_TIMER_MSG_ILLEGAL',
  /** Of 5.x: timerWheelEnable=false. */
  WHEEL_TIMER_NOT_ENABLE: 'WHEEL_TIMER_NOT_ENABLE',
  /** The write failed for another reason than a full disk. */
  UNKNOWN_ERROR: 'UNKNOWN_ERROR',
} as const;

/** What a record may be longer than the limit of its body, in bytes. */
export const RECORD_ROOM = 64 * 1024;

export type PutMessageStatus = (typeof PutMessageStatus)[keyof typeof PutMessageStatus];

/** Whether the record is in the commitlog, however the sender's wish for safety went. */
export function isStored(status: PutMessageStatus): boolean {
  switch (status) {
    case PutMessageStatus.PUT_OK:
    case PutMessageStatus.FLUSH_DISK_TIMEOUT:
    case PutMessageStatus.FLUSH_SLAVE_TIMEOUT:
    case PutMessageStatus.SLAVE_NOT_AVAILABLE:
      return true;
    default:
      return false;
  }
}

export interface PutListener {
  /**
   * Called once a put. PUT_OK comes after the write that holds the record, in the order of the puts: at the end of the tick,
   * or from within a later put when very much is waiting. A refusal (MESSAGE_ILLEGAL, SERVICE_NOT_AVAILABLE, MALFORMED_BATCH) comes
   * before putMessage returns. May put again; must not throw (what it throws is logged).
   *
   * `physicOffset` and `queueOffset` are those of the first record (-1 unless PUT_OK), `count` is the number of records (0
   * unless PUT_OK); `physicOffsets`, in a batch only, has the offset of each.
   */
  onPut(
    status: PutMessageStatus,
    physicOffset: number,
    queueOffset: number,
    storeTimestamp: number,
    count: number,
    physicOffsets?: readonly number[],
  ): void;
}
