/**
 * What clusterList prints: load, or with -m the message totals. A broker that did not answer keeps its row: empty texts,
 * zeros. The two load cells are built first and then padded, so that the numbers line up at the point.
 */

import type { ClusterRow } from '../../core/client/admin/cluster-admin.ts';
import { type Cell, decimals, left, right } from './columns.ts';

export function renderClusterList(rows: readonly ClusterRow[]): string {
  const heading = loadLine([
    '#Cluster Name',
    '#Broker Name',
    '#BID',
    '#Addr',
    '#Version',
    '#InTPS(LOAD)',
    '#OutTPS(LOAD)',
    '#PCWait(ms)',
    '#Hour',
    '#SPACE',
  ]);
  return heading + rows.map((row) => loadLine(loadCells(row))).join('');
}

function loadCells(row: ClusterRow): readonly Cell[] {
  const load = (tps: number, queue: string, wait: string): string =>
    `${right(decimals(tps, 2), 9)}(${queue},${wait}ms)`;
  return [
    row.clusterName,
    row.brokerName,
    row.brokerId,
    row.brokerAddr,
    row.version,
    load(row.inTps, row.sendThreadPoolQueueSize, row.sendThreadPoolQueueHeadWaitTimeMills),
    load(row.outTps, row.pullThreadPoolQueueSize, row.pullThreadPoolQueueHeadWaitTimeMills),
    row.pageCacheLockTimeMills,
    decimals(row.hour, 2),
    decimals(row.space, 4),
  ];
}

function loadLine(cells: readonly Cell[]): string {
  const [
    cluster = '',
    broker = '',
    id = '',
    addr = '',
    version = '',
    input = '',
    output = '',
    wait = '',
    hour = '',
    space = '',
  ] = cells;
  const names = `${left(cluster, 16)}  ${left(broker, 22)}  ${left(id, 4)}  ${left(addr, 22)} ${left(version, 16)}`;
  return `${names} ${right(input, 19)} ${right(output, 19)} ${right(wait, 10)} ${right(hour, 5)} ${right(space, 6)}\n`;
}

export function renderClusterTotals(rows: readonly ClusterRow[]): string {
  const heading = totalsLine([
    '#Cluster Name',
    '#Broker Name',
    '#InTotalYest',
    '#OutTotalYest',
    '#InTotalToday',
    '#OutTotalToday',
  ]);
  const lines = rows.map((row) =>
    totalsLine([
      row.clusterName,
      row.brokerName,
      row.inTotalYest,
      row.outTotalYest,
      row.inTotalToday,
      row.outTotalToday,
    ]),
  );
  return heading + lines.join('');
}

function totalsLine([cluster = '', broker = '', ...totals]: readonly Cell[]): string {
  return `${left(cluster, 16)}  ${left(broker, 32)} ${totals.map((total) => right(total, 14)).join(' ')}\n`;
}

/** A row for json and yaml: who first, figures as numbers. A broker that did not answer has only `error` beside its name. */
export function clusterListDocument(rows: readonly ClusterRow[]): object[] {
  return rows.map(({ clusterName, brokerName, brokerId, brokerAddr, error, ...figures }) => ({
    clusterName,
    brokerName,
    brokerId,
    brokerAddr,
    ...(error === undefined ? numbersOf(figures) : { error: error.message }),
  }));
}

function numbersOf(figures: object): object {
  const entries = Object.entries(figures).map(([name, value]) => [name, /^-?\d+$/.test(value) ? Number(value) : value]);
  return Object.fromEntries(entries);
}
