/** The store of a broker, with the settings that its configuration gives it. */

import { MessageStore } from '../store/message-store.ts';
import type { BrokerOptions } from './broker.ts';

/** `storeHost`: 8 or 20 bytes of the address that records carry. Throws PocketError CONFIG for settings that cannot be used. */
export function brokerStore(options: BrokerOptions, storeHost: Buffer): MessageStore {
  const { config, clock, logger, storeDir, disk, physicalMemory, onProgress } = options;
  return new MessageStore({
    rootDir: storeDir,
    commitLogDir: config.storePathCommitLog,
    storeHost,
    clock,
    logger,
    disk,
    physicalMemory,
    onProgress,
    mappedFileSizeCommitLog: config.mappedFileSizeCommitLog,
    mappedFileSizeConsumeQueue: config.mappedFileSizeConsumeQueue,
    maxMessageSize: config.maxMessageSize,
    flushDiskType: config.flushDiskType,
    syncFlushTimeout: config.syncFlushTimeout,
    flushIntervalCommitLog: config.flushIntervalCommitLog,
    flushCommitLogLeastPages: config.flushCommitLogLeastPages,
    flushCommitLogThoroughInterval: config.flushCommitLogThoroughInterval,
    flushIntervalConsumeQueue: config.flushIntervalConsumeQueue,
    flushConsumeQueueLeastPages: config.flushConsumeQueueLeastPages,
    flushConsumeQueueThoroughInterval: config.flushConsumeQueueThoroughInterval,
    checkCRCOnRecover: config.checkCRCOnRecover,
    messageDelayLevel: config.messageDelayLevel,
    cleanResourceInterval: config.cleanResourceInterval,
    deleteCommitLogFilesInterval: config.deleteCommitLogFilesInterval,
    deleteConsumeQueueFilesInterval: config.deleteConsumeQueueFilesInterval,
    deleteWhen: config.deleteWhen,
    fileReservedTime: config.fileReservedTime,
    cleanFileForciblyEnable: config.cleanFileForciblyEnable,
    diskMaxUsedSpaceRatio: config.diskMaxUsedSpaceRatio,
    diskSpaceCleanForciblyRatio: config.diskSpaceCleanForciblyRatio,
    diskSpaceWarningLevelRatio: config.diskSpaceWarningLevelRatio,
    messageIndexEnable: config.messageIndexEnable,
    maxHashSlotNum: config.maxHashSlotNum,
    maxIndexNum: config.maxIndexNum,
    maxMsgsNumBatch: config.maxMsgsNumBatch,
    maxTransferBytesOnMessageInMemory: config.maxTransferBytesOnMessageInMemory,
    maxTransferCountOnMessageInMemory: config.maxTransferCountOnMessageInMemory,
    maxTransferBytesOnMessageInDisk: config.maxTransferBytesOnMessageInDisk,
    maxTransferCountOnMessageInDisk: config.maxTransferCountOnMessageInDisk,
    accessMessageInMemoryMaxRatio: config.accessMessageInMemoryMaxRatio,
  });
}
