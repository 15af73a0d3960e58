/**
 * The table of GET_BROKER_RUNTIME_INFO: what AdminBrokerProcessor.prepareRuntimeInfo lists, as far as there is something to
 * measure. docs/COMPAT.md ("Runtime info keys") says what stands for what and which keys are left out.
 *
 * There are no thread pools: requests run in the order they are read. The queue of the send pool is what has been taken in
 * and waits for the write of this turn, the queue of the pull pool what has been woken and is about to be answered.
 */

import { versionName } from '../protocol/mq-version.ts';
import { CURRENT_VERSION } from '../remoting/command-header.ts';
import type { Rates, StoreStats } from '../store/store-stats.ts';
import type { BrokerContext } from './broker-context.ts';
import { humanBytes } from './human-bytes.ts';

/** Names of the classes of StoreStats.putMessageDistributeTime (PUT_MESSAGE_ENTIRE_TIME_MAX_DESC). */
const PUT_TIME_CLASSES = [
  '[<=0ms]',
  '[0~10ms]',
  '[10~50ms]',
  '[50~100ms]',
  '[100~200ms]',
  '[200~500ms]',
  '[500ms~1s]',
  '[1~2s]',
  '[2~3s]',
  '[3~4s]',
  '[4~5s]',
  '[5~10s]',
  '[10s~]',
];

/** What Java says while the transient pool is off, which it always is here. */
const NO_TRANSIENT_POOL = '2147483647';

export function runtimeInfo(context: BrokerContext): Record<string, string> {
  return {
    ...storeCounters(context),
    ...storeState(context),
    ...dayTotals(context),
    ...brokerState(context),
    ...delayLevels(context),
  };
}

function storeCounters({ store, stats }: BrokerContext): Record<string, string> {
  const counters = store.stats;
  const puts = counters.putMessageTimesTotal;
  return {
    putMessageEntireTimeMax: String(Math.round(counters.putMessageEntireTimeMax)),
    putMessageTimesTotal: String(puts),
    putMessageFailedTimes: String(counters.putMessageFailedTimes),
    putMessageSizeTotal: String(counters.putMessageSizeTotal),
    putMessageDistributeTime: distribution(counters),
    putMessageAverageSize: doubleText(counters.putMessageSizeTotal / Math.max(1, puts)),
    getMessageEntireTimeMax: String(Math.round(counters.getMessageEntireTimeMax)),
    putTps: ratesText(counters.putTps),
    getFoundTps: ratesText(counters.getFoundTps),
    getMissTps: ratesText(counters.getMissTps),
    getTotalTps: ratesText(sum(counters.getFoundTps, counters.getMissTps)),
    getTransferedTps: ratesText(counters.getTransferredTps),
    putLatency99: stats.latency.percentile(0.99).toFixed(2),
    putLatency999: stats.latency.percentile(0.999).toFixed(2),
  };
}

function storeState({ store, config, diskUsage }: BrokerContext): Record<string, string> {
  const commitLogDir = config.storePathCommitLog ?? `${config.storePathRootDir}/commitlog`;
  const commitLogRatio = doubleText(store.commitLogDiskRatio);
  const { total, available } = diskUsage();
  return {
    [`commitLogDiskRatio_${commitLogDir}`]: commitLogRatio,
    commitLogDiskRatio: commitLogRatio,
    consumeQueueDiskRatio: doubleText(store.consumeQueueDiskRatio),
    commitLogMinOffset: String(store.commitLogMinOffset),
    commitLogMaxOffset: String(store.commitLogMaxOffset),
    commitLogDirCapacity: `Total : ${humanBytes(total)}, Free : ${humanBytes(available)}.`,
    dispatchBehindBytes: String(store.dispatchBehindBytes),
    remainHowManyDataToFlush: humanBytes(store.flushBehindBytes),
    remainTransientStoreBufferNumbs: NO_TRANSIENT_POOL,
    pageCacheLockTimeMills: String(store.pageCacheLockTimeMills),
    earliestMessageTimeStamp: String(store.earliestMessageTime()),
  };
}

function dayTotals({ store, stats }: BrokerContext): Record<string, string> {
  return {
    msgPutTotalYesterdayMorning: String(stats.putTotals.yesterdayMorning),
    msgPutTotalTodayMorning: String(stats.putTotals.todayMorning),
    msgPutTotalTodayNow: String(store.stats.putMessageTimesTotal),
    msgGetTotalYesterdayMorning: String(stats.getTotals.yesterdayMorning),
    msgGetTotalTodayMorning: String(stats.getTotals.todayMorning),
    msgGetTotalTodayNow: String(store.stats.getMessageTransferredMsgCount),
  };
}

function brokerState({ stats, config, clock, pullHold, bootTimestamp }: BrokerContext): Record<string, string> {
  return {
    bootTimestamp: String(bootTimestamp),
    runtime: durationText(clock.now() - bootTimestamp),
    brokerVersionDesc: versionName(CURRENT_VERSION),
    brokerVersion: String(CURRENT_VERSION),
    sendThreadPoolQueueSize: String(stats.pendingPuts),
    sendThreadPoolQueueHeadWaitTimeMills: String(stats.oldestPendingPutMs),
    pullThreadPoolQueueSize: String(pullHold.wokenSize),
    pullThreadPoolQueueCapacity: String(config.pullThreadPoolQueueCapacity),
    pullThreadPoolQueueHeadWaitTimeMills: '0',
    startAcceptSendRequestTimeStamp: String(config.startAcceptSendRequestTimeStamp),
  };
}

/** Of each level that has messages: delivered, and all. */
function delayLevels({ schedule }: BrokerContext): Record<string, string> {
  const levels = schedule.progress();
  return Object.fromEntries(
    levels.map(({ level, offset, maxOffset }) => [`scheduleMessageOffset_${level}`, `${offset},${maxOffset}`]),
  );
}

function distribution(counters: StoreStats): string {
  return PUT_TIME_CLASSES.map((name, i) => `${name}:${counters.putMessageDistributeTime[i] ?? 0} `).join('');
}

function sum(a: Rates, b: Rates): Rates {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** Rates over 10, 60 and 600 seconds; mqadmin splits at the blanks. */
function ratesText(rates: Rates): string {
  return rates.map(doubleText).join(' ');
}

/** Double.toString for the sizes that occur here: always with a decimal point. */
function doubleText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function durationText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `[ ${Math.floor(hours / 24)} days, ${hours % 24} hours, ${minutes % 60} minutes, ${seconds % 60} seconds ]`;
}
