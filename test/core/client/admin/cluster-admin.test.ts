import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import { type ClusterRow, clusterList, fillRow } from '../../../../src/core/client/admin/cluster-admin.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeKvTable } from '../../../../src/core/protocol/bodies/kv-table.ts';
import { getBrokerRuntimeInfo } from '../../../../src/core/protocol/requests/get-broker-runtime-info.ts';
import { type ProcessorTable, SUSPENDED } from '../../../../src/core/remoting/processor-table.ts';
import { deadAddr, ScriptedCluster } from '../scripted-cluster.ts';

const table: Record<string, string> = {
  brokerVersionDesc: 'V4_9_7',
  putTps: '0.8 0.7 0.6',
  getTransferedTps: '1.5 0.0 0.0',
  sendThreadPoolQueueSize: '1',
  sendThreadPoolQueueHeadWaitTimeMills: '2',
  pullThreadPoolQueueSize: '3',
  pullThreadPoolQueueHeadWaitTimeMills: '4',
  pageCacheLockTimeMills: '5',
  earliestMessageTimeStamp: '7200000',
  commitLogDiskRatio: '0.16',
  msgPutTotalYesterdayMorning: '10',
  msgPutTotalTodayMorning: '30',
  msgPutTotalTodayNow: '90',
  msgGetTotalYesterdayMorning: '1',
  msgGetTotalTodayMorning: '2',
  msgGetTotalTodayNow: '5',
};

const row: ClusterRow = {
  clusterName: 'C',
  brokerName: 'a',
  brokerId: 0,
  brokerAddr: '127.0.0.1:1',
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

describe('fillRow', () => {
  it('computes the columns as mqadmin does', () => {
    expect(fillRow(row, table, 7_200_000 + 5_400_000)).toEqual({
      ...row,
      version: 'V4_9_7',
      inTps: 0.8,
      sendThreadPoolQueueSize: '1',
      sendThreadPoolQueueHeadWaitTimeMills: '2',
      outTps: 1.5,
      pullThreadPoolQueueSize: '3',
      pullThreadPoolQueueHeadWaitTimeMills: '4',
      pageCacheLockTimeMills: '5',
      hour: 1.5,
      space: 0.16,
      inTotalYest: 20,
      outTotalYest: 1,
      inTotalToday: 60,
      outTotalToday: 3,
    });
  });

  it('shows the hours since 1970 while the broker knows no first message', () => {
    const filled = fillRow(row, { ...table, earliestMessageTimeStamp: '-1' }, 3_599_999);
    expect(filled.hour).toBe(1);
  });

  it('reads null for a text the broker does not send, and zeros for totals that are not whole', () => {
    const { pageCacheLockTimeMills: _, msgGetTotalTodayNow: __, ...rest } = table;
    const filled = fillRow(row, rest, 0);
    expect(filled.pageCacheLockTimeMills).toBe('null');
    expect([filled.inTotalYest, filled.outTotalYest, filled.inTotalToday, filled.outTotalToday]).toEqual([0, 0, 0, 0]);
  });
});

describe('clusterList', () => {
  let cluster: ScriptedCluster;
  let admin: Admin;
  beforeEach(async () => {
    cluster = await ScriptedCluster.start();
  });
  afterEach(async () => {
    await admin.stop();
    await cluster.stop();
  });

  function use(timeoutMs: number): Admin {
    admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs, clock: systemClock, logger: silentLogger });
    return admin;
  }

  const answers = (processors: ProcessorTable<undefined>): unknown =>
    processors.register(getBrokerRuntimeInfo, () => ({ code: 0, body: encodeKvTable({ table }) }));

  it('keeps the rows of brokers that fail, says why, and sorts by broker name', async () => {
    cluster.addBroker('c-dead', await deadAddr());
    await cluster.startBroker('b-hanging', (processors) => processors.register(getBrokerRuntimeInfo, () => SUSPENDED));
    await cluster.startBroker('a', answers);
    await cluster.startBroker('d-refusing', (processors) =>
      processors.register(getBrokerRuntimeInfo, () => ({ code: 1, remark: 'no' })),
    );
    const rows = await clusterList(use(300));
    expect(rows.map((entry) => [entry.brokerName, entry.version, entry.error?.code])).toEqual([
      ['a', 'V4_9_7', undefined],
      ['b-hanging', '', 'TIMEOUT'],
      ['c-dead', '', 'CONNECT'],
      ['d-refusing', '', 'RESPONSE'],
    ]);
    expect(rows[1]).toMatchObject({
      inTps: 0,
      sendThreadPoolQueueSize: '',
      pageCacheLockTimeMills: '',
      hour: 0,
      space: 0,
    });
  });

  it('waits for hanging brokers at the same time, not one after the other', async () => {
    for (let i = 0; i < 5; i++) {
      await cluster.startBroker(`b${i}`, (processors) => processors.register(getBrokerRuntimeInfo, () => SUSPENDED));
    }
    const begun = performance.now();
    const rows = await clusterList(use(400));
    expect(rows.every((entry) => entry.error?.code === 'TIMEOUT')).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('is empty for an empty cluster', async () => {
    expect(await clusterList(use(300))).toEqual([]);
  });
});
