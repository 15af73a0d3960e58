/**
 * Every renderer against what mqadmin printed: results as the admin client gives them, stdout to the byte.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderClusterList, renderClusterTotals } from '../../../src/cli/output/cluster-list.ts';
import { renderConsumeEvent } from '../../../src/cli/output/consume-message.ts';
import { renderSendMessage } from '../../../src/cli/output/send-message.ts';
import { renderTopicList, renderTopicListByCluster } from '../../../src/cli/output/topic-list.ts';
import { renderTopicRoute, renderTopicRouteList } from '../../../src/cli/output/topic-route.ts';
import { renderTopicStatus } from '../../../src/cli/output/topic-status.ts';
import { renderUpdateTopic } from '../../../src/cli/output/update-topic.ts';
import type { ClusterRow } from '../../../src/core/client/admin/cluster-admin.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import type { TopicConfig } from '../../../src/core/protocol/bodies/topic-config.ts';
import { recorded } from '../fixtures/recorded.ts';

const ADDR = '127.0.0.1:30911';
const SLAVE = '127.0.0.1:30921';

describe('clusterList', () => {
  const row: ClusterRow = {
    clusterName: 'DefaultCluster',
    brokerName: 'broker-a',
    brokerId: 0,
    brokerAddr: ADDR,
    version: 'V4_9_7',
    inTps: 0.8,
    sendThreadPoolQueueSize: '0',
    sendThreadPoolQueueHeadWaitTimeMills: '0',
    outTps: 0.8,
    pullThreadPoolQueueSize: '0',
    pullThreadPoolQueueHeadWaitTimeMills: '0',
    pageCacheLockTimeMills: '0',
    hour: 498717.888,
    space: 0.16,
    inTotalYest: 0,
    outTotalYest: 0,
    inTotalToday: 260,
    outTotalToday: 305,
  };
  const slave: ClusterRow = { ...row, brokerId: 1, brokerAddr: SLAVE, outTps: 0, outTotalToday: 0 };
  const silent: ClusterRow = {
    ...slave,
    version: '',
    inTps: 0,
    sendThreadPoolQueueSize: '',
    sendThreadPoolQueueHeadWaitTimeMills: '',
    pullThreadPoolQueueSize: '',
    pullThreadPoolQueueHeadWaitTimeMills: '',
    pageCacheLockTimeMills: '',
    hour: 0,
    space: 0,
    inTotalToday: 0,
  };

  it('with load', () => {
    expect(renderClusterList([row, slave])).toBe(recorded('clusterList', 1).stdout);
  });

  it('with totals', () => {
    expect(renderClusterTotals([row, slave])).toBe(recorded('clusterList', 2).stdout);
  });

  it('with a broker that did not answer', () => {
    const master = { ...row, inTps: 0.68, outTps: 0.78, hour: 498718.371, space: 0.18 };
    expect(renderClusterList([master, silent])).toBe(recorded('clusterList', 7).stdout);
    const totals = { ...row, inTotalToday: 413, outTotalToday: 380 };
    expect(renderClusterTotals([totals, silent])).toBe(recorded('clusterList', 8).stdout);
  });
});

describe('topicRoute', () => {
  const route = {
    queueDatas: [{ brokerName: 'broker-a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }],
    brokerDatas: [
      {
        cluster: 'DefaultCluster',
        brokerName: 'broker-a',
        brokerAddrs: new Map([
          [0, ADDR],
          [1, SLAVE],
        ]),
      },
    ],
    filterServerTable: {},
  };

  it('as JSON', () => {
    expect(renderTopicRoute(route)).toBe(recorded('topicRoute', 1).stdout);
  });

  it('as a list', () => {
    expect(renderTopicRouteList(route)).toBe(recorded('topicRoute', 2).stdout);
  });
});

describe('topicList', () => {
  it('in the order of a Java hash table', () => {
    const { stdout } = recorded('topicList', 1);
    const sorted = stdout.trimEnd().split('\n').sort();
    // Two names share a bucket, where the order of arrival decides.
    const arrived = [...sorted.filter((topic) => topic !== 'DefaultCluster'), 'DefaultCluster'];
    expect(renderTopicList(arrived)).toBe(stdout);
  });

  it('with clusters and groups', () => {
    const { stdout } = recorded('topicList', 2);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [clusterName = '', topic = '', consumerGroup = ''] = line.split(/ +/);
        return { clusterName, topic, consumerGroup };
      });
    expect(renderTopicListByCluster(rows)).toBe(stdout);
  });
});

describe('topicStatus', () => {
  const zone = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'UTC';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  const queue = (queueId: number, maxOffset: number, time: string) => ({
    mq: { topic: 'T', brokerName: 'broker-a', queueId },
    minOffset: 0,
    maxOffset,
    lastUpdateTimestamp: time === '' ? 0 : Date.parse(time),
  });

  it('with messages', () => {
    const rows = [
      queue(0, 23, '2026-11-22T21:52:29.110Z'),
      queue(1, 23, '2026-11-22T21:52:34.113Z'),
      queue(2, 23, '2026-11-22T21:52:39.118Z'),
      queue(3, 23, '2026-11-22T21:52:24.106Z'),
    ];
    expect(renderTopicStatus(rows)).toBe(recorded('topicStatus', 1).stdout);
  });

  it('without messages', () => {
    const rows = Array.from({ length: 8 }, (_, queueId) => queue(queueId, 0, ''));
    expect(renderTopicStatus(rows)).toBe(recorded('topicStatus', 5).stdout);
  });
});

describe('updateTopic', () => {
  const config = (topicName: string, changes: Partial<TopicConfig> = {}): TopicConfig => ({
    topicName,
    readQueueNums: 8,
    writeQueueNums: 8,
    perm: 6,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...changes,
  });
  const ordered = { readQueueNums: 4, writeQueueNums: 4, order: true };
  const made = (topicConfig: TopicConfig, orderConf?: string) => ({
    brokerAddrs: [ADDR],
    failures: [],
    topicConfig,
    ...(orderConf === undefined ? {} : { orderConf }),
  });

  it('on a cluster', () => {
    expect(renderUpdateTopic(made(config('OpsTopic')), 'cluster')).toBe(recorded('updateTopic', 1).stdout);
    const order = made(config('OpsOrder', ordered), 'broker-a:4');
    expect(renderUpdateTopic(order, 'cluster')).toBe(recorded('updateTopic', 3).stdout);
  });

  it('on a broker', () => {
    const four = config('OpsTopicB', { readQueueNums: 4, writeQueueNums: 4 });
    expect(renderUpdateTopic(made(four), 'broker')).toBe(recorded('updateTopic', 2).stdout);
    const order = made(config('OpsOrderB', ordered), 'broker-a:4');
    expect(renderUpdateTopic(order, 'broker')).toBe(recorded('updateTopic', 4).stdout);
    const unit = made(config('OpsUnit', { topicSysFlag: 3 }));
    expect(renderUpdateTopic(unit, 'broker')).toBe(recorded('updateTopic', 5).stdout);
  });

  it('writes every permission', () => {
    const perms = [0, 1, 2, 4, 6, 7].map((perm) => renderUpdateTopic(made(config('T', { perm })), 'broker'));
    expect(perms.map((text) => /perm=(\S+),/.exec(text)?.[1])).toEqual(['---', '--X', '-W-', 'R--', 'RW-', 'RWX']);
  });
});

describe('sendMessage', () => {
  it('prints where the message went', () => {
    const sent = {
      brokerName: 'broker-a',
      queueId: 2,
      sendStatus: 'SEND_OK',
      msgId: 'C00002022C8D4E0E2F2A70DB993F0000',
    };
    expect(renderSendMessage(sent)).toBe(recorded('sendMessage', 1).stdout);
  });
});

describe('consumeMessage', () => {
  const mq = { topic: 'FailTopic', brokerName: 'broker-a', queueId: 3 };
  const message: MessageExt = {
    topic: 'FailTopic',
    body: Buffer.from('fail body 1'),
    flag: 0,
    properties: {
      KEYS: 'fail-1',
      UNIQ_KEY: 'C00002025CE24E0E2F2A70D4DD83003D',
      CLUSTER: 'DefaultCluster',
      TAGS: 'TagF',
      MIN_OFFSET: '0',
      MAX_OFFSET: '1',
    },
    brokerName: 'broker-a',
    queueId: 3,
    storeSize: 197,
    queueOffset: 0,
    sysFlag: 0,
    bornTimestamp: 1795384198531,
    bornHost: '127.0.0.1:36972',
    storeTimestamp: 1795384198533,
    storeHost: ADDR,
    msgId: 'C00002025CE24E0E2F2A70D4DD83003D',
    offsetMsgId: '7F000001000078BF0000000000003261',
    commitLogOffset: 12897,
    bodyCRC: 546988176,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
  };

  it('one queue to its end', () => {
    const text =
      renderConsumeEvent({ kind: 'batch', mq, messages: [message] }) +
      renderConsumeEvent({ kind: 'end', mq, status: 'NO_NEW_MSG', offset: 1 });
    expect(text).toBe(recorded('consumeMessage', 2).stdout);
  });

  it('beyond the end', () => {
    const first = { ...mq, queueId: 0 };
    const text = renderConsumeEvent({ kind: 'beyondEnd', mq: first, offset: 9999 });
    expect(text).toBe(recorded('consumeMessage', 5).stdout);
  });

  it('more messages than wanted', () => {
    const [first = ''] = recorded('consumeMessage', 4).stdout.split('\n');
    expect(renderConsumeEvent({ kind: 'older', mq, count: 2, wholeTopic: false })).toBe(`${first}\n`);
    expect(renderConsumeEvent({ kind: 'older', mq, count: 2, wholeTopic: true })).toBe(
      'The older 2 message of the 3 queue will be provided\n',
    );
  });

  it('bytes above 127 are negative, as Java has them', () => {
    const text = renderConsumeEvent({ kind: 'batch', mq, messages: [{ ...message, body: Buffer.from('é中') }] });
    expect(text).toContain('body=[-61, -87, -28, -72, -83], ');
    expect(text).toMatch(/ BODY: é中\n$/);
  });
});
