/** How far registrations and the KV configuration can make a name server grow, and what is answered at the limits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { KvConfigManager } from '../../../src/core/namesrv/kv-config-manager.ts';
import { type Registration, RouteInfoManager } from '../../../src/core/namesrv/route-info-manager.ts';
import { MAX_ADDRS_OF_BROKER, MAX_BROKERS } from '../../../src/core/namesrv/route-limits.ts';

describe('route tables', () => {
  let routes: RouteInfoManager;
  beforeEach(() => {
    routes = new RouteInfoManager({ clock: systemClock, logger: silentLogger });
  });

  const connection = { close: () => {} };
  const register = (values: Partial<Registration> = {}) =>
    routes.registerBroker({
      ...{ clusterName: 'C', brokerName: 'b', brokerId: 0, brokerAddr: 'addr', haServerAddr: '', topics: [] },
      ...{ dataVersion: { counter: 1, timestamp: 1 }, filterServers: [], connection },
      ...values,
    });
  const topics = (count: number, prefix = 'T') =>
    Array.from({ length: count }, (_, i) => ({
      ...{
        topicName: `${prefix}${i}`,
        readQueueNums: 1,
        writeQueueNums: 1,
        perm: 6,
        topicFilterType: 'SINGLE_TAG' as const,
      },
      ...{ topicSysFlag: 0, order: false },
    }));

  it('so many brokers, which go on registering, and go in one pass', () => {
    for (let i = 0; i < MAX_BROKERS; i++) register({ brokerAddr: `addr${i}`, brokerName: `b${i}`, topics: topics(3) });
    const sentence = `the limit of this name server is ${MAX_BROKERS}`;
    expect(() => register({ brokerAddr: 'one more', brokerName: 'b0', brokerId: 1 })).toThrow(
      `broker addresses: ${sentence}`,
    );
    expect(() => register({ brokerAddr: 'addr0', brokerName: 'one more' })).toThrow(`broker names: ${sentence}`);
    register({ brokerAddr: 'addr7', brokerName: 'b7' });
    routes.onConnectionClosed(connection);
    expect(routes.clusterInfo()).toEqual({ brokerAddrTable: {}, clusterAddrTable: {} });
    expect(routes.allTopics().topicList).toEqual([]);
  });

  it('so many clusters, addresses of a broker, filter servers, and names so long', () => {
    for (let i = 0; i < MAX_BROKERS; i++) register({ clusterName: `C${i}` });
    expect(() => register({ clusterName: 'one more' })).toThrow('clusters: the limit');
    for (let i = 1; i < MAX_ADDRS_OF_BROKER; i++) register({ clusterName: 'C0', brokerId: i, brokerAddr: `addr${i}` });
    expect(() => register({ clusterName: 'C0', brokerId: -1, brokerAddr: 'x' })).toThrow(
      'the broker b has 128 addresses',
    );
    const filterServers = Array.from({ length: 129 }, (_, i) => `f${i}`);
    expect(() => register({ clusterName: 'C0', filterServers })).toThrow('has 129 filter servers');
    const long = 'x'.repeat(513);
    for (const values of [{ brokerName: long }, { brokerAddr: long }, { topics: topics(1, long) }]) {
      expect(() => register({ clusterName: 'C0', ...values })).toThrow('is too long');
    }
    expect(routes.allTopics().topicList).toEqual([]);
  });

  it('so many topics of all brokers together', () => {
    const many = topics(125_000);
    for (let i = 0; i < 3; i++) register({ brokerName: `b${i}`, brokerAddr: `addr${i}`, topics: many });
    expect(() => register({ brokerName: 'b3', brokerAddr: 'addr3', topics: many })).toThrow('the brokers would have');
    expect(Object.keys(routes.clusterInfo().brokerAddrTable)).toEqual(['b0', 'b1', 'b2']);
  });
});

describe('the KV configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmq-kv-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes so much in all, also after a restart, and more when something is deleted', async () => {
    const open = (): KvConfigManager => {
      const kv = new KvConfigManager(join(folder, 'kvConfig.json'), silentLogger);
      kv.load();
      return kv;
    };
    const value = 'v'.repeat(4_000_000);
    const first = open();
    await first.put('N', 'a', value);
    await first.put('N', 'b', value);
    expect(() => first.put('N', 'c', value)).toThrow('the limit of this name server is 8388608');
    expect(first.get('N', 'c')).toBeUndefined();
    await first.put('N', 'b', value);
    const second = open();
    expect(() => second.put('M', 'c', value)).toThrow('the KV configuration takes');
    await second.delete('N', 'a');
    await second.put('M', 'c', value);
    expect(open().get('M', 'c')).toBe(value);
  });
});
