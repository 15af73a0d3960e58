/** The sysFlag field of a message. Mirrors MessageSysFlag; the bits 0x40 and 0x80 are written by 5.x only. */

export const SysFlag = {
  COMPRESSED: 0x1,
  MULTI_TAGS: 0x2,
  TRANSACTION_PREPARED: 0x4,
  TRANSACTION_COMMIT: 0x8,
  /** Also the mask of the transaction type. */
  TRANSACTION_ROLLBACK: 0xc,
  BORN_HOST_V6: 0x10,
  STORE_HOST_V6: 0x20,
  COMPRESSION_LZ4: 0x100,
  COMPRESSION_ZSTD: 0x200,
  COMPRESSION_ZLIB: 0x300,
  COMPRESSION_MASK: 0x700,
} as const;

/** 0 (none), TRANSACTION_PREPARED, TRANSACTION_COMMIT or TRANSACTION_ROLLBACK. */
export function transactionType(sysFlag: number): number {
  return sysFlag & SysFlag.TRANSACTION_ROLLBACK;
}

/** Whether a record with this sysFlag gets a place in its queue: half messages that were typed so and rollbacks do not. */
export function entersQueue(sysFlag: number): boolean {
  const type = transactionType(sysFlag);
  return type === 0 || type === SysFlag.TRANSACTION_COMMIT;
}
