import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NamesrvClient } from '../../../src/core/client/namesrv-client.ts';
import { RouteCache, sameRoute } from '../../../src/core/client/route-cache.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { HeldClock } from './held-clock.ts';
import { ScriptedCluster, until } from './scripted-cluster.ts';

let clock: HeldClock;
let cluster: ScriptedCluster;
let client: RemotingClient;
let routes: RouteCache;
let changes: string[];

beforeEach(async () => {
  clock = new HeldClock();
  cluster = await ScriptedCluster.start();
  cluster.addBroker('a', '127.0.0.1:1001');
  changes = [];
  client = new RemotingClient({ clock, logger: silentLogger });
  const namesrv = new NamesrvClient({ client, addrs: [cluster.namesrvAddr], random: () => 0 });
  routes = new RouteCache({ namesrv, clock, logger: silentLogger, onChange: (topic) => changes.push(topic) });
  routes.start();
});
afterEach(async () => {
  routes.stop();
  await client.stop();
  await cluster.stop();
});

const asked = (topic: string): number => cluster.seen.filter((entry) => entry === `105 ${topic}`).length;

describe('RouteCache', () => {
  it('asks once for many callers and then not again', async () => {
    cluster.addTopic('T', 1);
    await Promise.all([routes.route('T'), routes.route('T'), routes.publishRoute('T')]);
    await routes.route('T');
    expect(asked('T')).toBe(1);
    expect(changes).toEqual(['T']);
  });

  it('refreshes every 30 s and tells of a change only', async () => {
    cluster.addTopic('T', 1);
    await routes.route('T');
    clock.advance(29_999);
    expect(asked('T')).toBe(1);
    clock.advance(1);
    await until('the refresh', () => asked('T') === 2);
    cluster.addBroker('b', '127.0.0.1:1002');
    cluster.addTopic('T', 1);
    // A refresh under way is not joined by another: the one before may not have ended yet.
    await until('the change', () => {
      clock.advance(30_000);
      return changes.length === 2;
    });
    expect(routes.masterAddr('b')).toBe('127.0.0.1:1002');
  });

  it('keeps a route that cannot be refreshed', async () => {
    cluster.addTopic('T', 1);
    await routes.route('T');
    cluster.routes.delete('T');
    clock.advance(30_000);
    await until('the refresh', () => asked('T') === 2);
    expect((await routes.route('T')).queueDatas.length).toBe(1);
    expect(routes.masterAddr('a')).toBe('127.0.0.1:1001');
  });

  it('publishes to an unknown topic by the template, and by its own route once there is one', async () => {
    cluster.addTopic('TBW102', 8);
    expect((await routes.publishRoute('New')).queueDatas[0]).toMatchObject({ readQueueNums: 4, writeQueueNums: 4 });
    await expect(routes.route('New')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    cluster.addTopic('New', 2);
    clock.advance(30_000);
    await until('the refresh', () => changes.filter((topic) => topic === 'New').length === 2);
    expect((await routes.publishRoute('New')).queueDatas[0]).toMatchObject({ writeQueueNums: 2 });
  });

  it('looks again after a failure, but not more than once a second', async () => {
    cluster.addTopic('T', 1);
    await routes.route('T');
    routes.refreshSoon('T');
    expect(asked('T')).toBe(1);
    clock.advance(1000);
    routes.refreshSoon('T');
    routes.refreshSoon('T');
    await until('the refresh', () => asked('T') === 2);
  });

  it('reads from the wanted broker id, else the master, else a slave', async () => {
    cluster.addTopic('T', 1);
    const route = cluster.routes.get('T');
    if (route === undefined) throw new Error('no route');
    const broker = { cluster: 'C', brokerName: 'a' };
    route.brokerDatas = [
      {
        ...broker,
        brokerAddrs: new Map([
          [0, 'm'],
          [1, 's'],
        ]),
      },
    ];
    await routes.route('T');
    expect(routes.readAddr('a', 1)).toEqual({ addr: 's', isSlave: true });
    expect(routes.readAddr('a', 7)).toEqual({ addr: 'm', isSlave: false });
    route.brokerDatas = [{ ...broker, brokerAddrs: new Map([[1, 's']]) }];
    clock.advance(30_000);
    await until('the change', () => changes.length === 2);
    expect(routes.readAddr('a', 0)).toEqual({ addr: 's', isSlave: true });
    expect(routes.masterAddr('a')).toBeUndefined();
    expect(routes.readAddr('b', 0)).toBeUndefined();
  });
});

describe('sameRoute', () => {
  it('ignores the order of brokers, addresses and queues, and nothing else', async () => {
    cluster.addBroker('b', '127.0.0.1:1002');
    cluster.addTopic('T', 2);
    const route = await routes.route('T');
    const turned = {
      ...route,
      queueDatas: [...route.queueDatas].reverse(),
      brokerDatas: [...route.brokerDatas].reverse(),
    };
    expect(sameRoute(route, turned)).toBe(true);
    const [first, ...rest] = route.queueDatas;
    if (first === undefined) throw new Error('no queue data');
    for (const change of [{ perm: 4 }, { readQueueNums: 9 }, { writeQueueNums: 9 }]) {
      expect(sameRoute(route, { ...route, queueDatas: [{ ...first, ...change }, ...rest] })).toBe(false);
    }
    expect(sameRoute(route, { ...route, orderTopicConf: 'a:1' })).toBe(false);
  });
});
