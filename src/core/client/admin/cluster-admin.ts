/**
 * The cluster as mqadmin's clusterList shows it: GET_BROKER_CLUSTER_INFO (106) of a namesrv, then GET_BROKER_RUNTIME_INFO
 * (28) of every broker. Mirrors ClusterListSubCommand.
 *
 * Known difference: the brokers are asked at the same time, so one that hangs costs its time-out once, not per broker.
 */

import { PocketError } from '../../common/errors.ts';
import { compareJavaStrings } from '../../common/java-string.ts';
import { type ClusterInfo, decodeClusterInfo } from '../../protocol/bodies/cluster-info.ts';
import { decodeKvTable } from '../../protocol/bodies/kv-table.ts';
import { getBrokerClusterInfo } from '../../protocol/requests/get-broker-cluster-info.ts';
import { getBrokerRuntimeInfo } from '../../protocol/requests/get-broker-runtime-info.ts';
import { javaStringHashOrder } from '../java-hash-order.ts';
import type { Admin } from './admin.ts';
import { settleBounded } from './bounded.ts';

/** One broker process. Texts are the broker's own; a key an older broker does not have reads `null`, as mqadmin prints it. */
export interface ClusterRow {
  /** Its cluster. */
  clusterName: string;
  /** Shared by a master and its slaves. */
  brokerName: string;
  /** 0: the master. */
  brokerId: number;
  /** `ip:port`. */
  brokerAddr: string;
  /** `V4_9_7`; '' when the broker did not answer, as all texts below. */
  version: string;
  /** Messages in per second, mean of the last 10 s. */
  inTps: number;
  /** Sends that wait. */
  sendThreadPoolQueueSize: string;
  /** How long the first of them has waited, ms. */
  sendThreadPoolQueueHeadWaitTimeMills: string;
  /** Messages out per second, mean of the last 10 s. */
  outTps: number;
  /** Pulls that wait. */
  pullThreadPoolQueueSize: string;
  /** How long the first of them has waited, ms. */
  pullThreadPoolQueueHeadWaitTimeMills: string;
  /** How long a put has held the store's lock, ms. */
  pageCacheLockTimeMills: string;
  /** Hours since the oldest message; hours since 1970 while the broker says -1. */
  hour: number;
  /** commitLogDiskRatio, 0..1. */
  space: number;
  /** Messages that came in yesterday. */
  inTotalYest: number;
  /** Messages that went out yesterday. */
  outTotalYest: number;
  /** Messages that came in today. */
  inTotalToday: number;
  /** Messages that went out today. */
  outTotalToday: number;
  /** Why the broker's figures are missing. */
  error?: PocketError;
}

/** Cluster info of a namesrv. */
export async function clusterInfo(admin: Admin): Promise<ClusterInfo> {
  const { body } = await admin.namesrv.ask(getBrokerClusterInfo, {});
  return decodeClusterInfo(body);
}

/**
 * Every registered broker: clusters in Java's hash order, broker names sorted, addresses by broker id. A broker that does
 * not answer keeps its row, with `error`.
 */
export async function clusterList(admin: Admin): Promise<ClusterRow[]> {
  const rows = emptyRows(await clusterInfo(admin));
  const tables = await settleBounded(rows, (row) => runtimeInfo(admin, row.brokerAddr));
  return rows.map((row, index) => {
    const table = tables[index];
    if (table === undefined) return row;
    if (table.status === 'fulfilled') return fillRow(row, table.value, admin.clock.now());
    return { ...row, error: asPocketError(table.reason) };
  });
}

/** The runtime figures of one broker by their names. */
export async function runtimeInfo(admin: Admin, brokerAddr: string): Promise<Readonly<Record<string, string>>> {
  const { body } = await admin.askBroker(brokerAddr, getBrokerRuntimeInfo, {});
  return decodeKvTable(body).table;
}

function emptyRows(info: ClusterInfo): ClusterRow[] {
  const rows: ClusterRow[] = [];
  for (const clusterName of javaStringHashOrder(Object.keys(info.clusterAddrTable))) {
    const brokerNames = [...(info.clusterAddrTable[clusterName] ?? [])].sort(compareJavaStrings);
    for (const brokerName of brokerNames) {
      const addrs = info.brokerAddrTable[brokerName]?.brokerAddrs ?? new Map<number, string>();
      for (const [brokerId, brokerAddr] of [...addrs].sort((a, b) => a[0] - b[0])) {
        rows.push({ ...emptyRow, clusterName, brokerName, brokerId, brokerAddr });
      }
    }
  }
  return rows;
}

const emptyRow = {
  version: '',
  inTps: 0,
  sendThreadPoolQueueSize: '',
  sendThreadPoolQueueHeadWaitTimeMills: '',
  outTps: 0,
  pullThreadPoolQueueSize: '',
  pullThreadPoolQueueHeadWaitTimeMills: '',
  pageCacheLockTimeMills: '',
  hour: 0,
  space: 0,
  inTotalYest: 0,
  outTotalYest: 0,
  inTotalToday: 0,
  outTotalToday: 0,
};

/** The row with the broker's figures; `now` in ms. */
export function fillRow(row: ClusterRow, table: Readonly<Record<string, string>>, now: number): ClusterRow {
  const text = (key: string): string => table[key] ?? 'null';
  const earliest = table.earliestMessageTimeStamp;
  return {
    ...row,
    version: text('brokerVersionDesc'),
    inTps: firstNumber(table.putTps),
    sendThreadPoolQueueSize: text('sendThreadPoolQueueSize'),
    sendThreadPoolQueueHeadWaitTimeMills: text('sendThreadPoolQueueHeadWaitTimeMills'),
    outTps: firstNumber(table.getTransferedTps),
    pullThreadPoolQueueSize: text('pullThreadPoolQueueSize'),
    pullThreadPoolQueueHeadWaitTimeMills: text('pullThreadPoolQueueHeadWaitTimeMills'),
    pageCacheLockTimeMills: text('pageCacheLockTimeMills'),
    hour: earliest === undefined || earliest === '' ? 0 : (now - Number(earliest)) / 1000 / 60 / 60,
    space: Number(table.commitLogDiskRatio ?? 0),
    ...totals(table),
  };
}

type Totals = Pick<ClusterRow, 'inTotalYest' | 'outTotalYest' | 'inTotalToday' | 'outTotalToday'>;

/** mqadmin shows four zeros when any of the six counters is missing. */
function totals(table: Readonly<Record<string, string>>): Totals {
  const days = ['YesterdayMorning', 'TodayMorning', 'TodayNow'];
  const [putYest, putToday, putNow] = days.map((day) => Number(table[`msgPutTotal${day}`])) as [number, number, number];
  const [getYest, getToday, getNow] = days.map((day) => Number(table[`msgGetTotal${day}`])) as [number, number, number];
  const inTotalYest = putToday - putYest;
  const outTotalYest = getToday - getYest;
  const inTotalToday = putNow - putToday;
  const outTotalToday = getNow - getToday;
  const whole = [inTotalYest, outTotalYest, inTotalToday, outTotalToday].every(Number.isFinite);
  return whole
    ? { inTotalYest, outTotalYest, inTotalToday, outTotalToday }
    : { inTotalYest: 0, outTotalYest: 0, inTotalToday: 0, outTotalToday: 0 };
}

/** The first of the blank-separated means, 0 when it is no number. */
function firstNumber(means: string | undefined): number {
  const value = Number(means?.split(' ')[0]);
  return Number.isFinite(value) ? value : 0;
}

function asPocketError(reason: unknown): PocketError {
  if (reason instanceof PocketError) return reason;
  return new PocketError('PROTOCOL', reason instanceof Error ? reason.message : String(reason), { cause: reason });
}
