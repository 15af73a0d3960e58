import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { type Registration, RouteInfoManager } from '../../../src/core/namesrv/route-info-manager.ts';
import type { TopicConfig } from '../../../src/core/protocol/bodies/topic-config.ts';

class FakeConnection {
  readonly reasons: string[] = [];

  close(reason: string): void {
    this.reasons.push(reason);
  }
}

const EXPIRED_TIME = 120_000;
const noTimers = (): never => {
  throw new Error('the tables take no timers');
};

let now: number;
let routes: RouteInfoManager;

beforeEach(() => {
  now = 1_700_000_000_000;
  const clock: Clock = { now: () => now, monotonic: () => now, after: noTimers, every: noTimers };
  routes = new RouteInfoManager({ clock, logger: silentLogger });
});

function topic(topicName: string, values: Partial<TopicConfig> = {}): TopicConfig {
  return {
    topicName,
    readQueueNums: 4,
    writeQueueNums: 4,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...values,
  };
}

function registration(values: Partial<Registration> = {}): Registration {
  return {
    clusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    brokerAddr: '127.0.0.1:10911',
    haServerAddr: '127.0.0.1:10912',
    dataVersion: { counter: 1, timestamp: 1 },
    topics: [topic('T1')],
    filterServers: [],
    connection: new FakeConnection(),
    ...values,
  };
}

const addrsOf = (brokerName: string): [number, string][] => [
  ...(routes.clusterInfo().brokerAddrTable[brokerName]?.brokerAddrs ?? []),
];
const queuesOf = (name: string) => routes.pickupTopicRouteData(name)?.queueDatas;

describe('registration', () => {
  test('a first registration makes cluster, broker, topic and route', () => {
    expect(routes.registerBroker(registration())).toEqual({});
    expect(routes.clusterInfo()).toEqual({
      brokerAddrTable: {
        'broker-a': {
          cluster: 'DefaultCluster',
          brokerName: 'broker-a',
          brokerAddrs: new Map([[0, '127.0.0.1:10911']]),
        },
      },
      clusterAddrTable: { DefaultCluster: ['broker-a'] },
    });
    expect(routes.pickupTopicRouteData('T1')).toEqual({
      brokerDatas: [
        { cluster: 'DefaultCluster', brokerName: 'broker-a', brokerAddrs: new Map([[0, '127.0.0.1:10911']]) },
      ],
      filterServerTable: {},
      queueDatas: [{ brokerName: 'broker-a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }],
    });
    expect(routes.pickupTopicRouteData('T2')).toBeUndefined();
  });

  test('an unchanged data version leaves the queues alone, a changed counter or timestamp replaces them', () => {
    routes.registerBroker(registration());
    routes.registerBroker(registration({ topics: [topic('T1', { perm: 4 })] }));
    expect(queuesOf('T1')?.[0]?.perm).toBe(6);
    routes.registerBroker(
      registration({ topics: [topic('T1', { perm: 4 })], dataVersion: { counter: 2, timestamp: 1 } }),
    );
    expect(queuesOf('T1')?.[0]?.perm).toBe(4);
    routes.registerBroker(
      registration({ topics: [topic('T1', { perm: 2 })], dataVersion: { counter: 2, timestamp: 2 } }),
    );
    expect(queuesOf('T1')?.[0]?.perm).toBe(2);
  });

  test('the stateVersion of 5.x counts, absent is 0', () => {
    routes.registerBroker(registration());
    expect(routes.isTopicConfigChanged('127.0.0.1:10911', { counter: 1, timestamp: 1, stateVersion: 0 })).toBe(false);
    expect(routes.isTopicConfigChanged('127.0.0.1:10911', { counter: 1, timestamp: 1, stateVersion: 3 })).toBe(true);
  });

  test('topics missing in a later registration stay', () => {
    routes.registerBroker(registration({ topics: [topic('T1'), topic('T2')] }));
    routes.registerBroker(registration({ topics: [topic('T1')], dataVersion: { counter: 2, timestamp: 2 } }));
    expect(routes.allTopics().topicList).toEqual(['T1', 'T2']);
  });

  test('an existing broker keeps its old cluster, but its name enters the new one', () => {
    routes.registerBroker(registration());
    routes.registerBroker(registration({ clusterName: 'Other' }));
    expect(routes.clusterInfo().brokerAddrTable['broker-a']?.cluster).toBe('DefaultCluster');
    expect(routes.clusterInfo().clusterAddrTable).toEqual({ DefaultCluster: ['broker-a'], Other: ['broker-a'] });
  });

  test('the same name and id from another address takes the id over, with its topics', () => {
    routes.registerBroker(registration());
    routes.registerBroker(registration({ brokerAddr: '127.0.0.1:20911', topics: [topic('T2')] }));
    expect(addrsOf('broker-a')).toEqual([[0, '127.0.0.1:20911']]);
    expect(routes.allTopics().topicList).toEqual(['T1', 'T2']);
  });

  test('a slave that became master leaves its old id, and its topics count although the version is known', () => {
    routes.registerBroker(registration({ brokerId: 1 }));
    expect(addrsOf('broker-a')).toEqual([[1, '127.0.0.1:10911']]);
    expect(routes.allTopics().topicList).toEqual([]);
    routes.registerBroker(registration());
    expect(addrsOf('broker-a')).toEqual([[0, '127.0.0.1:10911']]);
    expect(routes.allTopics().topicList).toEqual(['T1']);
  });

  test('filter servers come and go with the registration', () => {
    routes.registerBroker(registration({ filterServers: ['127.0.0.1:1', '127.0.0.1:2'] }));
    expect(routes.pickupTopicRouteData('T1')?.filterServerTable).toEqual({
      '127.0.0.1:10911': ['127.0.0.1:1', '127.0.0.1:2'],
    });
    routes.registerBroker(registration());
    expect(routes.pickupTopicRouteData('T1')?.filterServerTable).toEqual({});
  });
});

describe('slaves', () => {
  const slave = (): Registration =>
    registration({
      brokerId: 1,
      brokerAddr: '127.0.0.1:11911',
      haServerAddr: '127.0.0.1:11912',
      topics: [topic('T9')],
    });

  test('a slave learns its live master and changes no topics', () => {
    routes.registerBroker(registration());
    expect(routes.registerBroker(slave())).toEqual({
      masterAddr: '127.0.0.1:10911',
      haServerAddr: '127.0.0.1:10912',
    });
    expect(routes.allTopics().topicList).toEqual(['T1']);
  });

  test('without a master there is nothing to learn', () => {
    expect(routes.registerBroker(slave())).toEqual({});
  });

  test('with only a slave left the topics stay, the route has no id 0', () => {
    const connection = new FakeConnection();
    routes.registerBroker(registration({ connection }));
    routes.registerBroker(slave());
    routes.onConnectionClosed(connection);
    expect(routes.pickupTopicRouteData('T1')?.brokerDatas[0]?.brokerAddrs).toEqual(new Map([[1, '127.0.0.1:11911']]));
    expect(routes.registerBroker(slave())).toEqual({});
  });
});

describe('leaving', () => {
  test('unregister removes broker, cluster and topics; other brokers of the topic stay', () => {
    routes.registerBroker(registration({ topics: [topic('T1'), topic('T2')] }));
    routes.registerBroker(registration({ brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911' }));
    routes.unregisterBroker(registration());
    expect(routes.allTopics().topicList).toEqual(['T1']);
    expect(queuesOf('T1')?.map((queue) => queue.brokerName)).toEqual(['broker-b']);
    expect(routes.clusterInfo().clusterAddrTable).toEqual({ DefaultCluster: ['broker-b'] });
    routes.unregisterBroker(registration({ brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911' }));
    expect(routes.clusterInfo()).toEqual({ brokerAddrTable: {}, clusterAddrTable: {} });
    expect(routes.allTopics().topicList).toEqual([]);
    expect(routes.dataVersionOf('127.0.0.1:10911')).toBeUndefined();
  });

  test('an unknown broker leaves without a trace', () => {
    routes.registerBroker(registration());
    routes.unregisterBroker(registration({ brokerName: 'broker-x', brokerAddr: '127.0.0.1:1' }));
    expect(addrsOf('broker-a')).toHaveLength(1);
  });

  test('a closed connection takes its brokers along, and only them', () => {
    const connection = new FakeConnection();
    routes.registerBroker(registration({ connection }));
    routes.registerBroker(registration({ connection, brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911' }));
    routes.registerBroker(registration({ brokerName: 'broker-c', brokerAddr: '127.0.0.1:21911' }));
    routes.onConnectionClosed(connection);
    expect(routes.clusterInfo().clusterAddrTable).toEqual({ DefaultCluster: ['broker-c'] });
    expect(queuesOf('T1')?.map((queue) => queue.brokerName)).toEqual(['broker-c']);
  });

  test('the old connection of a broker that came back over a new one takes nothing along', () => {
    const old = new FakeConnection();
    routes.registerBroker(registration({ connection: old }));
    routes.registerBroker(registration());
    routes.onConnectionClosed(old);
    expect(addrsOf('broker-a')).toHaveLength(1);
  });

  test('the old address of a broker that moved takes nothing along', () => {
    const old = new FakeConnection();
    routes.registerBroker(registration({ connection: old }));
    routes.registerBroker(registration({ brokerAddr: '127.0.0.1:20911' }));
    routes.onConnectionClosed(old);
    expect(addrsOf('broker-a')).toEqual([[0, '127.0.0.1:20911']]);
    expect(routes.allTopics().topicList).toEqual(['T1']);
  });
});

describe('expiry', () => {
  test('a broker silent for longer than the time goes and its connection is closed', () => {
    const silent = new FakeConnection();
    const lively = new FakeConnection();
    routes.registerBroker(registration({ connection: silent }));
    now += 60_000;
    routes.registerBroker(
      registration({ connection: lively, brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911', topics: [] }),
    );
    now += 60_000;
    routes.scanNotActiveBroker(EXPIRED_TIME);
    expect(routes.allTopics().topicList).toEqual(['T1']); // exactly 120 s is not yet too long
    now += 1;
    routes.scanNotActiveBroker(EXPIRED_TIME);
    expect(routes.allTopics().topicList).toEqual([]);
    expect(routes.clusterInfo().clusterAddrTable).toEqual({ DefaultCluster: ['broker-b'] });
    expect(silent.reasons).toHaveLength(1);
    expect(lively.reasons).toEqual([]);
  });

  test('a registration and an unchanged data version are signs of life', () => {
    routes.registerBroker(registration());
    now += 100_000;
    routes.refresh('127.0.0.1:10911');
    now += 100_000;
    routes.scanNotActiveBroker(EXPIRED_TIME);
    routes.registerBroker(registration());
    now += 100_000;
    routes.scanNotActiveBroker(EXPIRED_TIME);
    expect(addrsOf('broker-a')).toHaveLength(1);
  });
});

describe('permissions', () => {
  test('wipe takes W from every topic of the broker, add makes it 6', () => {
    routes.registerBroker(registration({ topics: [topic('T1', { perm: 7 }), topic('T2')] }));
    routes.registerBroker(registration({ brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911' }));
    expect(routes.wipeWritePerm('broker-a')).toBe(2);
    expect(queuesOf('T1')?.map((queue) => [queue.brokerName, queue.perm])).toEqual([
      ['broker-a', 5],
      ['broker-b', 6],
    ]);
    expect(routes.addWritePerm('broker-a')).toBe(2);
    expect(queuesOf('T1')?.map((queue) => queue.perm)).toEqual([6, 6]);
    expect(routes.wipeWritePerm('broker-x')).toBe(0);
  });

  test('a wipe lasts until the broker registers with a changed version', () => {
    routes.registerBroker(registration());
    routes.wipeWritePerm('broker-a');
    routes.registerBroker(registration());
    expect(queuesOf('T1')?.[0]?.perm).toBe(4);
    routes.registerBroker(registration({ dataVersion: { counter: 2, timestamp: 1 } }));
    expect(queuesOf('T1')?.[0]?.perm).toBe(6);
  });
});

describe('topics', () => {
  test('a topic is deleted everywhere, or in one cluster', () => {
    routes.registerBroker(registration({ topics: [topic('T1'), topic('T2')] }));
    routes.registerBroker(
      registration({ clusterName: 'Other', brokerName: 'broker-b', brokerAddr: '127.0.0.1:20911' }),
    );
    routes.deleteTopic('T1', 'DefaultCluster');
    expect(queuesOf('T1')?.map((queue) => queue.brokerName)).toEqual(['broker-b']);
    routes.deleteTopic('T1', 'Other');
    routes.deleteTopic('T2');
    routes.deleteTopic('T3', 'Nowhere');
    expect(routes.allTopics().topicList).toEqual([]);
  });

  test('lists by cluster, of system names and by unit flags', () => {
    routes.registerBroker(
      registration({
        topics: [
          topic('plain'),
          topic('unit', { topicSysFlag: 1 }),
          topic('sub', { topicSysFlag: 2 }),
          topic('both', { topicSysFlag: 3 }),
        ],
      }),
    );
    expect(routes.topicsByCluster('DefaultCluster').topicList).toEqual(['plain', 'unit', 'sub', 'both']);
    expect(routes.topicsByCluster('Nowhere').topicList).toEqual([]);
    expect(routes.systemTopics()).toEqual({
      topicList: ['DefaultCluster', 'broker-a'],
      brokerAddr: '127.0.0.1:10911',
    });
    expect(routes.unitTopics().topicList).toEqual(['unit', 'both']);
    expect(routes.hasUnitSubTopics().topicList).toEqual(['sub', 'both']);
    expect(routes.hasUnitSubUnUnitTopics().topicList).toEqual(['sub']);
  });
});
