import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import { topicListByCluster, topicStatus, updateTopic } from '../../../../src/core/client/admin/topic-admin.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeGroupList } from '../../../../src/core/protocol/bodies/group-list.ts';
import { encodeTopicList } from '../../../../src/core/protocol/bodies/topic-list.ts';
import { encodeTopicStatsTable } from '../../../../src/core/protocol/bodies/topic-stats-table.ts';
import { getAllTopicListFromNameserver } from '../../../../src/core/protocol/requests/get-all-topic-list-from-nameserver.ts';
import { getKvConfig } from '../../../../src/core/protocol/requests/get-kv-config.ts';
import { getTopicStatsInfo } from '../../../../src/core/protocol/requests/get-topic-stats-info.ts';
import { putKvConfig } from '../../../../src/core/protocol/requests/put-kv-config.ts';
import { queryTopicConsumeByWho } from '../../../../src/core/protocol/requests/query-topic-consume-by-who.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import type { ProcessorTable } from '../../../../src/core/remoting/processor-table.ts';
import { deadAddr, ScriptedCluster } from '../scripted-cluster.ts';

type Register = (table: ProcessorTable<undefined>) => void;

let cluster: ScriptedCluster;
const admins: Admin[] = [];
beforeEach(async () => {
  cluster = await ScriptedCluster.start();
});
afterEach(async () => {
  for (const admin of admins.splice(0)) await admin.stop();
  await cluster.stop();
});

function adminOf(...namesrvAddrs: string[]): Admin {
  const admin = new Admin({ namesrvAddrs, timeoutMs: 1000, clock: systemClock, logger: silentLogger });
  admins.push(admin);
  return admin;
}

describe('updateTopic', () => {
  const created: Array<Record<string, unknown>> = [];
  const creates =
    (broker: string, code = 0): Register =>
    (table) => {
      table.register(updateAndCreateTopic, (_, { header }) => {
        created.push({ broker, ...header });
        return { code, remark: code === 0 ? undefined : 'scripted' };
      });
    };
  beforeEach(() => {
    created.length = 0;
  });

  it('sends the whole configuration with its defaults to every master of the cluster', async () => {
    const a = await cluster.startBroker('a', creates('a'));
    const b = await cluster.startBroker('b', creates('b'));
    const result = await updateTopic(adminOf(cluster.namesrvAddr), {
      clusterName: 'C',
      topic: 'T',
      unit: true,
      hasUnitSub: true,
    });
    expect(result.brokerAddrs.sort()).toEqual([a.addr, b.addr].sort());
    expect(result.failures).toEqual([]);
    expect(result.topicConfig).toEqual({
      topicName: 'T',
      readQueueNums: 8,
      writeQueueNums: 8,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 3,
      order: false,
    });
    expect(created.length).toBe(2);
    expect(created[0]).toMatchObject({
      topic: 'T',
      defaultTopic: 'TBW102',
      readQueueNums: 8,
      perm: 6,
      topicSysFlag: 3,
    });
  });

  it('needs no namesrv for one broker', async () => {
    const { addr } = await cluster.startBroker('a', creates('a'));
    const result = await updateTopic(adminOf(), {
      brokerAddr: addr,
      topic: 'T',
      readQueueNums: 2,
      writeQueueNums: 3,
      perm: 4,
    });
    expect(result).toMatchObject({
      brokerAddrs: [addr],
      topicConfig: { readQueueNums: 2, writeQueueNums: 3, perm: 4 },
    });
    expect(result.orderConf).toBeUndefined();
  });

  it('tells which masters failed while others succeeded', async () => {
    const a = await cluster.startBroker('a', creates('a'));
    const dead = cluster.addBroker('b', await deadAddr());
    const result = await updateTopic(adminOf(cluster.namesrvAddr), { clusterName: 'C', topic: 'T' });
    expect(result.brokerAddrs).toEqual([a.addr]);
    expect(result.failures.map((failure) => [failure.brokerAddr, failure.error.code])).toEqual([
      [dead.addr, 'CONNECT'],
    ]);
  });

  it('rejects when every master refuses', async () => {
    await cluster.startBroker('a', creates('a', 1));
    await expect(updateTopic(adminOf(cluster.namesrvAddr), { clusterName: 'C', topic: 'T' })).rejects.toMatchObject({
      responseCode: 1,
      detail: 'scripted',
    });
  });

  it('rejects with NOT_FOUND for an unknown cluster', async () => {
    await cluster.startBroker('a', creates('a'));
    await expect(updateTopic(adminOf(cluster.namesrvAddr), { clusterName: 'X', topic: 'T' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      detail: 'X',
    });
    expect(created).toEqual([]);
  });

  it('writes the order configuration of a cluster to every namesrv', async () => {
    const put: string[] = [];
    const namesrv = (name: string) =>
      cluster.startNamesrv((table) =>
        table.register(putKvConfig, (_, { header }) => {
          put.push(`${name} ${header.namespace} ${header.key} ${header.value}`);
          return { code: 0 };
        }),
      );
    await cluster.startBroker('a', creates('a'));
    await cluster.startBroker('b', creates('b'));
    const admin = adminOf(await namesrv('n1'), await namesrv('n2'));
    const result = await updateTopic(admin, { clusterName: 'C', topic: 'T', writeQueueNums: 4, order: true });
    expect(result.orderConf).toBe('a:4;b:4');
    expect(put.sort()).toEqual(['n1 ORDER_TOPIC_CONFIG T a:4;b:4', 'n2 ORDER_TOPIC_CONFIG T a:4;b:4']);
  });

  it('keeps the parts of other brokers in the order configuration of one broker', async () => {
    const put: string[] = [];
    const namesrv = await cluster.startNamesrv((table) => {
      table.register(getKvConfig, () => ({ code: 0, header: { value: 'a:2;b:9' } }));
      table.register(putKvConfig, (_, { header }) => {
        put.push(header.value);
        return { code: 0 };
      });
    });
    const { addr } = await cluster.startBroker('a', creates('a'));
    const result = await updateTopic(adminOf(namesrv), { brokerAddr: addr, topic: 'T', order: true });
    expect(result.orderConf).toBe('a:8');
    expect(put).toEqual(['a:8;b:9']);
  });

  it('takes a missing order configuration for an empty one', async () => {
    const put: string[] = [];
    const namesrv = await cluster.startNamesrv((table) => {
      table.register(getKvConfig, () => ({ code: 22, remark: 'No config item' }));
      table.register(putKvConfig, (_, { header }) => {
        put.push(header.value);
        return { code: 0 };
      });
    });
    const { addr } = await cluster.startBroker('a', creates('a'));
    await updateTopic(adminOf(namesrv), { brokerAddr: addr, topic: 'T', order: true });
    expect(put).toEqual(['a:8']);
  });
});

describe('topicStatus', () => {
  const stats =
    (brokerName: string, queueIds: number[]): Register =>
    (table) => {
      table.register(getTopicStatsInfo, (_, { header }) => ({
        code: 0,
        body: encodeTopicStatsTable({
          offsetTable: queueIds.map((queueId) => ({
            mq: { topic: header.topic, brokerName, queueId },
            minOffset: 1,
            maxOffset: 2,
            lastUpdateTimestamp: 3,
          })),
        }),
      }));
    };

  it('joins the brokers, sorted by broker name and queue number', async () => {
    await cluster.startBroker('b', stats('b', [10, 9]));
    await cluster.startBroker('a', stats('a', [1, 0]));
    cluster.addTopic('T', 2);
    const rows = await topicStatus(adminOf(cluster.namesrvAddr), 'T');
    expect(rows.map((row) => `${row.mq.brokerName}${row.mq.queueId}`)).toEqual(['a0', 'a1', 'b9', 'b10']);
    expect(rows[0]).toMatchObject({ minOffset: 1, maxOffset: 2, lastUpdateTimestamp: 3 });
  });

  it('rejects with NOT_FOUND when no broker knows a queue of the topic', async () => {
    await cluster.startBroker('a', stats('a', []));
    cluster.addTopic('T', 2);
    await expect(topicStatus(adminOf(cluster.namesrvAddr), 'T')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Not found the topic stats info',
    });
  });

  it('rejects with NOT_FOUND for a topic only the route knows', async () => {
    await cluster.startBroker('a', (table) => {
      table.register(getTopicStatsInfo, () => ({ code: 17, remark: 'topic[T] not exist' }));
    });
    cluster.addTopic('T', 2);
    await expect(topicStatus(adminOf(cluster.namesrvAddr), 'T')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      responseCode: 17,
      detail: 'topic[T] not exist',
    });
  });

  it('rejects when a broker fails', async () => {
    await cluster.startBroker('a', stats('a', [0]));
    cluster.addBroker('b', await deadAddr());
    cluster.addTopic('T', 2);
    await expect(topicStatus(adminOf(cluster.namesrvAddr), 'T')).rejects.toMatchObject({ code: 'CONNECT' });
  });
});

describe('topicListByCluster', () => {
  it('has a row for each topic and group, leaves retry and dead letter topics out and keeps topics without a route', async () => {
    const namesrv = await cluster.startNamesrv((table) =>
      table.register(getAllTopicListFromNameserver, () => ({
        code: 0,
        body: encodeTopicList({ topicList: ['T', '%RETRY%G1', 'Gone', '%DLQ%G1', 'Lonely'] }),
      })),
    );
    await cluster.startBroker('a', (table) =>
      table.register(queryTopicConsumeByWho, (_, { header }) => ({
        code: 0,
        body: encodeGroupList({ groupList: header.topic === 'T' ? ['G1', 'G2'] : [] }),
      })),
    );
    cluster.addTopic('T', 1);
    cluster.addTopic('Lonely', 1);
    expect(await topicListByCluster(adminOf(namesrv))).toEqual([
      { clusterName: 'C', topic: 'T', consumerGroup: 'G1' },
      { clusterName: 'C', topic: 'T', consumerGroup: 'G2' },
      { clusterName: '', topic: 'Gone', consumerGroup: '' },
      { clusterName: 'C', topic: 'Lonely', consumerGroup: '' },
    ]);
  });
});
