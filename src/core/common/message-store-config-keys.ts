/**
 * The keys of MessageStoreConfig (4.9.7) in Java's order, with defaults. Marks: config-key.ts. The last five are of 5.x; 4.9
 * takes the two ratios as system properties, as shares of 1. A broker that only this machine can reach lets the disk get fuller than
 * one that has a machine to itself.
 * haListenPort is overwritten with listenPort + 1 when a broker starts; storePathRootDir goes to the data directory
 * unless a configuration names it (core/cluster).
 */

import { boolean, int, long, nullable, oneOf, string } from './config-key.ts';

const NOW = { acts: 'now' } as const;
const IMPORTANT_NOW = { important: true, acts: 'now' } as const;
const OWN_NOW = { own: true, acts: 'now' } as const;
const RESTART = { acts: 'restart' } as const;
const IMPORTANT_RESTART = { important: true, acts: 'restart' } as const;
const FIXED = { acts: 'fixed' } as const;
const IMPORTANT_FIXED = { important: true, acts: 'fixed' } as const;
const IMPORTANT = { important: true } as const;

export const messageStoreConfigKeys = {
  storePathRootDir: string((facts) => `${facts.home}/store`, IMPORTANT_RESTART),
  storePathCommitLog: nullable(IMPORTANT_RESTART),
  storePathDLedgerCommitLog: nullable(IMPORTANT),
  readOnlyCommitLogStorePaths: nullable(),
  mappedFileSizeCommitLog: int(1_073_741_824, RESTART),
  mappedFileSizeConsumeQueue: int(6_000_000, RESTART),
  enableConsumeQueueExt: boolean(false),
  mappedFileSizeConsumeQueueExt: int(50_331_648),
  bitMapLengthConsumeQueueExt: int(64),
  flushIntervalCommitLog: int(500, IMPORTANT_NOW),
  commitIntervalCommitLog: int(200, IMPORTANT),
  useReentrantLockWhenPutMessage: boolean(true),
  flushCommitLogTimed: boolean(true, IMPORTANT),
  flushIntervalConsumeQueue: int(1000, NOW),
  cleanResourceInterval: int(10_000, NOW),
  deleteCommitLogFilesInterval: int(100, NOW),
  deleteConsumeQueueFilesInterval: int(100, NOW),
  destroyMapedFileIntervalForcibly: int(120_000),
  redeleteHangedFileInterval: int(120_000),
  deleteWhen: string('04', IMPORTANT_NOW),
  diskMaxUsedSpaceRatio: int(75, NOW),
  fileReservedTime: int(72, IMPORTANT_NOW),
  putMsgIndexHightWater: int(600_000),
  maxMessageSize: int(4_194_304, NOW),
  checkCRCOnRecover: boolean(true, RESTART),
  flushCommitLogLeastPages: int(4, NOW),
  commitCommitLogLeastPages: int(4),
  flushLeastPagesWhenWarmMapedFile: int(4096),
  flushConsumeQueueLeastPages: int(2, NOW),
  flushCommitLogThoroughInterval: int(10_000, NOW),
  commitCommitLogThoroughInterval: int(200),
  flushConsumeQueueThoroughInterval: int(60_000, NOW),
  maxTransferBytesOnMessageInMemory: int(262_144, IMPORTANT_NOW),
  maxTransferCountOnMessageInMemory: int(32, IMPORTANT_NOW),
  maxTransferBytesOnMessageInDisk: int(65_536, IMPORTANT_NOW),
  maxTransferCountOnMessageInDisk: int(8, IMPORTANT_NOW),
  accessMessageInMemoryMaxRatio: int(40, IMPORTANT_NOW),
  messageIndexEnable: boolean(true, IMPORTANT_RESTART),
  maxHashSlotNum: int(5_000_000, RESTART),
  maxIndexNum: int(20_000_000, RESTART),
  maxMsgsNumBatch: int(64, NOW),
  messageIndexSafe: boolean(false, IMPORTANT),
  haListenPort: int(10_912),
  haSendHeartbeatInterval: int(5000),
  haHousekeepingInterval: int(20_000),
  haTransferBatchSize: int(32_768),
  haMasterAddress: nullable(IMPORTANT),
  haSlaveFallbehindMax: int(268_435_456),
  brokerRole: oneOf(['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'], 'ASYNC_MASTER', IMPORTANT_FIXED),
  flushDiskType: oneOf(['ASYNC_FLUSH', 'SYNC_FLUSH'], 'ASYNC_FLUSH', IMPORTANT_NOW),
  syncFlushTimeout: int(5000, NOW),
  slaveTimeout: int(3000),
  messageDelayLevel: string('1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h', RESTART),
  flushDelayOffsetInterval: long(10_000, NOW),
  cleanFileForciblyEnable: boolean(true, IMPORTANT_NOW),
  warmMapedFileEnable: boolean(false),
  offsetCheckInSlave: boolean(false),
  debugLockEnable: boolean(false),
  duplicationEnable: boolean(false),
  diskFallRecorded: boolean(true),
  osPageCacheBusyTimeOutMills: long(1000),
  defaultQueryMaxNum: int(32, NOW),
  transientStorePoolEnable: boolean(false, IMPORTANT),
  transientStorePoolSize: int(5),
  fastFailIfNoBufferInStorePool: boolean(false),
  enableDLegerCommitLog: boolean(false, FIXED),
  dLegerGroup: nullable(),
  dLegerPeers: nullable(),
  dLegerSelfId: nullable(),
  preferredLeaderId: nullable(),
  isEnableBatchPush: boolean(false, { setter: 'enableBatchPush' }),
  enableScheduleMessageStats: boolean(true),
  enableLmq: boolean(false),
  enableMultiDispatch: boolean(false),
  maxLmqConsumeQueueNum: int(20_000),
  enableScheduleAsyncDeliver: boolean(false),
  scheduleAsyncDeliverMaxPendingLimit: int(2000),
  scheduleAsyncDeliverMaxResendNum2Blocked: int(3),
  timerWheelEnable: boolean(true, OWN_NOW),
  timerMaxDelaySec: int(259_200, OWN_NOW),
  timerPrecisionMs: int(1000, OWN_NOW),
  diskSpaceWarningLevelRatio: int((facts) => (facts.loopbackOnly ? 98 : 90), OWN_NOW),
  diskSpaceCleanForciblyRatio: int((facts) => (facts.loopbackOnly ? 96 : 85), OWN_NOW),
} as const;
