/**
 * What a store is opened with. The names of settings are those of MessageStoreConfig, and so are the defaults
 * (protocol/config-keys.md).
 */
import os from 'node:os';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/logger.ts';
import { DEFAULT_MESSAGE_DELAY_LEVEL } from '../message/delay-level.ts';
import type { Disk } from './disk.ts';

export interface MessageStoreOptions {
  /** storePathRootDir */
  rootDir: string;
  /** storePathCommitLog; `commitlog` in rootDir unless given. */
  commitLogDir?: string | undefined;
  /** brokerIP1 and listenPort in 8 or 20 bytes (message/host-address.ts). */
  storeHost: Buffer;
  clock: Clock;
  logger: Logger;
  /** nodeDisk unless given. */
  disk?: Disk | undefined;
  /** Gets the lines of a recovery that takes long. */
  onProgress?: ((line: string) => void) | undefined;
  /** ms between two of them; 3,000 unless given. */
  progressIntervalMs?: number | undefined;
  mappedFileSizeCommitLog?: number | undefined;
  /** Rounded up to whole units of 20 bytes. */
  mappedFileSizeConsumeQueue?: number | undefined;
  maxMessageSize?: number | undefined;
  /** SYNC_FLUSH: a put is answered when the disk has it. */
  flushDiskType?: 'ASYNC_FLUSH' | 'SYNC_FLUSH' | undefined;
  /** ms */
  syncFlushTimeout?: number | undefined;
  flushIntervalCommitLog?: number | undefined;
  flushCommitLogLeastPages?: number | undefined;
  flushCommitLogThoroughInterval?: number | undefined;
  flushIntervalConsumeQueue?: number | undefined;
  flushConsumeQueueLeastPages?: number | undefined;
  flushConsumeQueueThoroughInterval?: number | undefined;
  checkCRCOnRecover?: boolean | undefined;
  messageDelayLevel?: string | undefined;
  messageIndexEnable?: boolean | undefined;
  cleanResourceInterval?: number | undefined;
  deleteCommitLogFilesInterval?: number | undefined;
  deleteConsumeQueueFilesInterval?: number | undefined;
  deleteWhen?: string | undefined;
  fileReservedTime?: number | undefined;
  cleanFileForciblyEnable?: boolean | undefined;
  diskMaxUsedSpaceRatio?: number | undefined;
  diskSpaceCleanForciblyRatio?: number | undefined;
  diskSpaceWarningLevelRatio?: number | undefined;
  /** Slots of an index file. */
  maxHashSlotNum?: number | undefined;
  /** Entries of an index file. */
  maxIndexNum?: number | undefined;
  /** Messages of one answer to a query by key. */
  maxMsgsNumBatch?: number | undefined;
  maxTransferBytesOnMessageInMemory?: number | undefined;
  maxTransferCountOnMessageInMemory?: number | undefined;
  maxTransferBytesOnMessageInDisk?: number | undefined;
  maxTransferCountOnMessageInDisk?: number | undefined;
  /** Percent of `physicalMemory`. */
  accessMessageInMemoryMaxRatio?: number | undefined;
  /** Bytes; that of this machine unless given. */
  physicalMemory?: number | undefined;
  /** So many of the newest bytes of the commitlog are kept in memory for readers. */
  tailBytes?: number | undefined;
  /** Segment files that may be open at a time. */
  maxOpenFiles?: number | undefined;
}

export const storeDefaults = {
  mappedFileSizeCommitLog: 1024 * 1024 * 1024,
  mappedFileSizeConsumeQueue: 6_000_000,
  maxMessageSize: 4 * 1024 * 1024,
  flushDiskType: 'ASYNC_FLUSH',
  syncFlushTimeout: 5000,
  flushIntervalCommitLog: 500,
  flushCommitLogLeastPages: 4,
  flushCommitLogThoroughInterval: 10_000,
  flushIntervalConsumeQueue: 1000,
  flushConsumeQueueLeastPages: 2,
  flushConsumeQueueThoroughInterval: 60_000,
  checkCRCOnRecover: true,
  messageDelayLevel: DEFAULT_MESSAGE_DELAY_LEVEL,
  cleanResourceInterval: 10_000,
  deleteCommitLogFilesInterval: 100,
  deleteConsumeQueueFilesInterval: 100,
  deleteWhen: '04',
  fileReservedTime: 72,
  cleanFileForciblyEnable: true,
  diskMaxUsedSpaceRatio: 75,
  diskSpaceCleanForciblyRatio: 85,
  diskSpaceWarningLevelRatio: 90,
  messageIndexEnable: true,
  maxHashSlotNum: 5_000_000,
  maxIndexNum: 20_000_000,
  maxMsgsNumBatch: 64,
  maxTransferBytesOnMessageInMemory: 262_144,
  maxTransferCountOnMessageInMemory: 32,
  maxTransferBytesOnMessageInDisk: 65_536,
  maxTransferCountOnMessageInDisk: 8,
  accessMessageInMemoryMaxRatio: 40,
  tailBytes: 8 * 1024 * 1024,
  maxOpenFiles: 512,
} as const;

/** The settings with their defaults filled in. */
export type StoreSettings = { [K in keyof typeof storeDefaults]: Exclude<MessageStoreOptions[K], undefined> };

/** Settings that may change while the store is open. */
export const liveSettings = [
  'maxMessageSize',
  'flushDiskType',
  'syncFlushTimeout',
  'flushIntervalCommitLog',
  'flushCommitLogLeastPages',
  'flushCommitLogThoroughInterval',
  'flushIntervalConsumeQueue',
  'flushConsumeQueueLeastPages',
  'flushConsumeQueueThoroughInterval',
  'maxMsgsNumBatch',
  'cleanResourceInterval',
  'deleteCommitLogFilesInterval',
  'deleteConsumeQueueFilesInterval',
  'deleteWhen',
  'fileReservedTime',
  'cleanFileForciblyEnable',
  'diskMaxUsedSpaceRatio',
  'diskSpaceCleanForciblyRatio',
  'diskSpaceWarningLevelRatio',
  'maxTransferBytesOnMessageInMemory',
  'maxTransferCountOnMessageInMemory',
  'maxTransferBytesOnMessageInDisk',
  'maxTransferCountOnMessageInDisk',
  'accessMessageInMemoryMaxRatio',
] as const;

export function storeSettings(options: MessageStoreOptions): StoreSettings {
  const given = Object.entries(options).filter(([name, value]) => name in storeDefaults && value !== undefined);
  return { ...storeDefaults, ...Object.fromEntries(given) };
}

/** How much commitlog counts as being in memory. */
export function memoryBytes(options: Pick<MessageStoreOptions, 'physicalMemory'>, settings: StoreSettings): number {
  return ((options.physicalMemory ?? os.totalmem()) * settings.accessMessageInMemoryMaxRatio) / 100;
}
