import { describe, expect, it } from 'vitest';
import { decodeClusterInfo, encodeClusterInfo } from '../../../../src/core/protocol/bodies/cluster-info.ts';
import {
  decodeTopicRouteData,
  encodeTopicRouteData,
  type TopicRouteData,
} from '../../../../src/core/protocol/bodies/topic-route-data.ts';

const route: TopicRouteData = {
  orderTopicConf: 'broker-a:4',
  queueDatas: [{ brokerName: 'broker-a', readQueueNums: 8, writeQueueNums: 8, perm: 6, topicSysFlag: 0 }],
  brokerDatas: [
    {
      cluster: '集群',
      brokerName: 'broker-a',
      brokerAddrs: new Map([
        [0, '127.0.0.1:10911'],
        [1, '127.0.0.1:10921'],
      ]),
    },
  ],
  filterServerTable: { '127.0.0.1:10911': ['127.0.0.1:40000'] },
};

const queueDatas =
  '"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":8,"topicSysFlag":0,"writeQueueNums":8}]';
const rest = `"filterServerTable":{"127.0.0.1:10911":["127.0.0.1:40000"]},"orderTopicConf":"broker-a:4",${queueDatas}`;

describe('the route of a topic', () => {
  it('has bare broker ids in the form of 4.9.1', () => {
    expect(encodeTopicRouteData(route, { standardJson: false }).toString()).toBe(
      `{"brokerDatas":[{"brokerAddrs":{0:"127.0.0.1:10911",1:"127.0.0.1:10921"},"brokerName":"broker-a","cluster":"集群"}],${rest}}`,
    );
  });

  it('is plain ASCII JSON in the standard form', () => {
    expect(encodeTopicRouteData(route, { standardJson: true }).toString()).toBe(
      `{"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.1:10911","1":"127.0.0.1:10921"},"brokerName":"broker-a","cluster":"\\u96C6\\u7FA4"}],${rest}}`,
    );
  });

  it('reads from either form', () => {
    for (const standardJson of [true, false]) {
      expect(decodeTopicRouteData(encodeTopicRouteData(route, { standardJson }))).toEqual(route);
    }
  });

  it('reads from a 5.x namesrv, without what 5.x adds', () => {
    const from5x = Buffer.from(
      `{"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.1:10911"},"brokerName":"broker-a","cluster":"c","enableActingMaster":false,"zoneName":"z"}],"filterServerTable":{},${queueDatas},"topicQueueMappingByBroker":{}}`,
    );
    expect(decodeTopicRouteData(from5x)).toEqual({
      queueDatas: route.queueDatas,
      brokerDatas: [{ cluster: 'c', brokerName: 'broker-a', brokerAddrs: new Map([[0, '127.0.0.1:10911']]) }],
      filterServerTable: {},
    });
  });
});

describe('the cluster info', () => {
  it('has bare broker ids, always', () => {
    const info = {
      brokerAddrTable: {
        'broker-a': { cluster: 'c', brokerName: 'broker-a', brokerAddrs: new Map([[0, '127.0.0.1:10911']]) },
      },
      clusterAddrTable: { c: ['broker-a'] },
    };
    const text =
      '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"127.0.0.1:10911"},"brokerName":"broker-a","cluster":"c"}},"clusterAddrTable":{"c":["broker-a"]}}';
    expect(encodeClusterInfo(info).toString()).toBe(text);
    expect(decodeClusterInfo(Buffer.from(text))).toEqual(info);
    expect(decodeClusterInfo(Buffer.from(text.replace('{0:', '{"0":')))).toEqual(info);
  });
});
