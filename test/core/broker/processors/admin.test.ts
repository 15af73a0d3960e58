import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { humanBytes } from '../../../../src/core/broker/human-bytes.ts';
import { decodeKvTable } from '../../../../src/core/protocol/bodies/kv-table.ts';
import {
  decodeSubscriptionGroupConfig,
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
} from '../../../../src/core/protocol/bodies/subscription-group.ts';
import {
  decodeTopicConfig,
  decodeTopicConfigSerializeWrapper,
} from '../../../../src/core/protocol/bodies/topic-config.ts';
import { decodeTopicList } from '../../../../src/core/protocol/bodies/topic-list.ts';
import { getAllSubscriptiongroupConfig } from '../../../../src/core/protocol/requests/get-all-subscriptiongroup-config.ts';
import { getAllTopicConfig } from '../../../../src/core/protocol/requests/get-all-topic-config.ts';
import { getBrokerConfig } from '../../../../src/core/protocol/requests/get-broker-config.ts';
import { getBrokerRuntimeInfo } from '../../../../src/core/protocol/requests/get-broker-runtime-info.ts';
import { getSubscriptiongroupConfig } from '../../../../src/core/protocol/requests/get-subscriptiongroup-config.ts';
import { getSystemTopicListFromBroker } from '../../../../src/core/protocol/requests/get-system-topic-list-from-broker.ts';
import { getTopicConfig } from '../../../../src/core/protocol/requests/get-topic-config.ts';
import { updateAndCreateSubscriptiongroup } from '../../../../src/core/protocol/requests/update-and-create-subscriptiongroup.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { connectTo, startBroker } from '../test-broker.ts';

const newTopic = {
  topic: 'Made',
  defaultTopic: 'TBW102',
  readQueueNums: 3,
  writeQueueNums: 2,
  perm: 6,
  topicFilterType: 'MULTI_TAG',
  topicSysFlag: 1,
  order: true,
};

describe('UPDATE_AND_CREATE_TOPIC', () => {
  it("creates and replaces a topic; order is not the client's to set", async () => {
    const client = connectTo((await startBroker()).addr);
    const before = decodeTopicConfigSerializeWrapper((await client.ask(getAllTopicConfig, {})).body);
    expect((await client.ask(updateAndCreateTopic, newTopic)).code).toBe(ResponseCode.SUCCESS);
    expect(decodeTopicConfig((await client.ask(getTopicConfig, { topic: 'Made' })).body)).toEqual({
      topicName: 'Made',
      readQueueNums: 3,
      writeQueueNums: 2,
      perm: 6,
      topicFilterType: 'MULTI_TAG',
      topicSysFlag: 1,
      order: false,
    });
    await client.ask(updateAndCreateTopic, { ...newTopic, perm: 4, topicSysFlag: undefined });
    const after = decodeTopicConfigSerializeWrapper((await client.ask(getAllTopicConfig, {})).body);
    expect(after.topicConfigTable.Made).toMatchObject({ perm: 4, topicSysFlag: 0 });
    expect(after.dataVersion.counter).toBe(before.dataVersion.counter + 2);
  });

  it.each([
    ['', 'The specified topic is blank.'],
    ['a/b', 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$'],
    ['x'.repeat(128), 'The specified topic is longer than topic max length.'],
    ['TBW102', 'The topic[TBW102] is conflict with system topic.'],
    ['DefaultCluster', 'The topic[DefaultCluster] is conflict with system topic.'],
    ['rmq_sys_any', 'The topic[rmq_sys_any] is conflict with system topic.'],
  ])('refuses the name %j', async (topic, remark) => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(updateAndCreateTopic, { ...newTopic, topic })).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark,
    });
  });

  it('refuses negative queue numbers', async () => {
    const client = connectTo((await startBroker()).addr);
    const answer = await client.ask(updateAndCreateTopic, { ...newTopic, writeQueueNums: -1 });
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect((await client.ask(getTopicConfig, { topic: 'Made' })).code).toBe(ResponseCode.TOPIC_NOT_EXIST);
  });
});

describe('consumer groups', () => {
  it('are created, replaced and listed', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(getSubscriptiongroupConfig, { group: 'G' })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      remark: 'No group in this broker',
    });
    await client.ask(updateAndCreateSubscriptiongroup, {}, Buffer.from('{"groupName":"G","retryMaxTimes":3}'));
    const expected = { ...defaultSubscriptionGroupConfig('G'), retryMaxTimes: 3 };
    const { body } = await client.ask(getSubscriptiongroupConfig, { group: 'G' });
    expect(decodeSubscriptionGroupConfig(body)).toEqual(expected);
    const all = decodeSubscriptionGroupWrapper((await client.ask(getAllSubscriptiongroupConfig, {})).body);
    expect(all.subscriptionGroupTable.G).toEqual(expected);
    expect(Object.keys(all.subscriptionGroupTable)).toContain('TOOLS_CONSUMER');
    expect(all.dataVersion.counter).toBe(1);
  });

  it('need a name', async () => {
    const client = connectTo((await startBroker()).addr);
    const body = encodeSubscriptionGroupConfig(defaultSubscriptionGroupConfig(''));
    expect((await client.ask(updateAndCreateSubscriptiongroup, {}, body)).code).toBe(ResponseCode.SYSTEM_ERROR);
  });
});

describe('what a broker tells about itself', () => {
  it('lists its settings, those nobody knows included', async () => {
    const client = connectTo((await startBroker({ extras: { myOwnKey: 'my value' } })).addr);
    const { body, extFields } = await client.ask(getBrokerConfig, {});
    expect(JSON.parse(extFields?.version ?? '')).toEqual({ counter: 0, timestamp: expect.any(Number) });
    const lines = String(body).trimEnd().split('\n');
    expect(lines).toContain('brokerName=broker-a');
    expect(lines).toContain('myOwnKey=my value');
    expect(lines.some((line) => line.startsWith('haMasterAddress='))).toBe(false);
  });

  it('names its system topics', async () => {
    const client = connectTo((await startBroker()).addr);
    const { topicList } = decodeTopicList((await client.ask(getSystemTopicListFromBroker, {})).body);
    // As recorded from 4.9.7.
    expect(topicList.sort()).toEqual(
      'BenchmarkTest DefaultCluster DefaultCluster_REPLY_TOPIC OFFSET_MOVED_EVENT RMQ_SYS_TRACE_TOPIC RMQ_SYS_TRANS_HALF_TOPIC RMQ_SYS_TRANS_OP_HALF_TOPIC SCHEDULE_TOPIC_XXXX SELF_TEST_TOPIC TBW102 TRANS_CHECK_MAX_TIME_TOPIC broker-a'.split(
        ' ',
      ),
    );
  });

  it('has measured its runtime info', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    const info = async () => decodeKvTable((await client.ask(getBrokerRuntimeInfo, {})).body).table;
    expect(await info()).toMatchObject({
      brokerVersionDesc: 'V4_9_7',
      brokerVersion: '407',
      msgPutTotalTodayNow: '0',
      commitLogMaxOffset: '0',
      runtime: expect.stringMatching(/^\[ 0 days, 0 hours, 0 minutes, \d seconds \]$/),
      putTps: expect.stringMatching(/^\d+\.\d+ \d+\.\d+ \d+\.\d+$/),
      putMessageDistributeTime: expect.stringMatching(/^\[<=0ms\]:0 .*\[10s~\]:0 $/),
    });
    for (let i = 0; i < 3; i++) await client.send();
    const after = await info();
    const { blocks, bsize } = statfsSync(tmpdir());
    expect(after).toMatchObject({
      msgPutTotalTodayNow: '3',
      putMessageTimesTotal: '3',
      sendThreadPoolQueueSize: '0',
      pageCacheLockTimeMills: '0',
      commitLogDirCapacity: expect.stringMatching(
        // As File.getTotalSpace: with the blocks that only root may use.
        new RegExp(`^Total : ${humanBytes(blocks * bsize)}, Free : [\\d.]+ [MGTP]iB\\.$`),
      ),
    });
    expect(Number(after.commitLogMaxOffset)).toBeGreaterThan(300);
    expect(Number(after.earliestMessageTimeStamp)).toBeGreaterThan(1_600_000_000_000);
    expect(Number(after.commitLogDiskRatio)).toBeGreaterThan(0);
    expect(
      after.putMessageDistributeTime?.match(/:(\d+)/g)?.reduce((sum, count) => sum + Number(count.slice(1)), 0),
    ).toBe(3);
  });
});
