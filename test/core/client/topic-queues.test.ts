import { describe, expect, it } from 'vitest';
import { publishQueues, subscribeQueues, templateRoute } from '../../../src/core/client/topic-queues.ts';
import type { QueueData, TopicRouteData } from '../../../src/core/protocol/bodies/topic-route-data.ts';

function data(brokerName: string, change: Partial<QueueData> = {}): QueueData {
  return { brokerName, readQueueNums: 2, writeQueueNums: 2, perm: 6, topicSysFlag: 0, ...change };
}

function route(queueDatas: QueueData[], slaveOnly: string[] = [], orderTopicConf?: string): TopicRouteData {
  const names = [...new Set(queueDatas.map((entry) => entry.brokerName))];
  return {
    orderTopicConf,
    queueDatas,
    brokerDatas: names.map((brokerName) => ({
      cluster: 'C',
      brokerName,
      brokerAddrs: new Map([[slaveOnly.includes(brokerName) ? 1 : 0, '127.0.0.1:1']]),
    })),
    filterServerTable: {},
  };
}

const text = (queues: ReturnType<typeof publishQueues>): string[] =>
  queues.map((mq) => `${mq.brokerName}:${mq.queueId}`);

describe('publishQueues', () => {
  it('lists the write queues by broker name', () => {
    const queues = publishQueues('T', route([data('b', { writeQueueNums: 1 }), data('a', { readQueueNums: 9 })]));
    expect(text(queues)).toEqual(['a:0', 'a:1', 'b:0']);
    expect(queues.every((mq) => mq.topic === 'T')).toBe(true);
  });

  it('leaves out a broker without write permission and one without a master', () => {
    const queues = publishQueues('T', route([data('a', { perm: 4 }), data('b'), data('c')], ['c']));
    expect(text(queues)).toEqual(['b:0', 'b:1']);
  });

  it('leaves out a broker the route gives no addresses for', () => {
    const orphan = { ...route([data('a'), data('b')]), brokerDatas: route([data('b')]).brokerDatas };
    expect(text(publishQueues('T', orphan))).toEqual(['b:0', 'b:1']);
  });

  it('takes an order configuration as it stands, permissions and masters aside', () => {
    const queues = publishQueues('T', route([data('a', { perm: 4 })], ['a'], 'b:1;a:2'));
    expect(text(queues)).toEqual(['b:0', 'a:0', 'a:1']);
  });
});

describe('subscribeQueues', () => {
  it('lists the read queues of readable brokers in the order of the route', () => {
    const queues = subscribeQueues(
      'T',
      route([data('b', { readQueueNums: 1, perm: 4 }), data('a', { perm: 2 }), data('0')]),
    );
    expect(text(queues)).toEqual(['b:0', '0:0', '0:1']);
  });

  it('reads from a broker that only has a slave left', () => {
    expect(text(subscribeQueues('T', route([data('a')], ['a'])))).toEqual(['a:0', 'a:1']);
  });
});

describe('templateRoute', () => {
  it('caps both queue numbers by the read queues and the wanted number', () => {
    const capped = templateRoute(
      route([data('a', { readQueueNums: 8, writeQueueNums: 8 }), data('b', { readQueueNums: 3 })]),
      4,
    );
    expect(capped.queueDatas.map((entry) => [entry.readQueueNums, entry.writeQueueNums])).toEqual([
      [4, 4],
      [3, 3],
    ]);
  });
});
