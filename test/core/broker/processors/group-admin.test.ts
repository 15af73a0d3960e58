/** Groups and their offsets as an administrator sees and changes them: 207, 303, 308, 314, 315 and 317. */
import { describe, expect, it } from 'vitest';
import { decodeBrokerStatsData } from '../../../../src/core/protocol/bodies/broker-stats-data.ts';
import { decodeConsumeStatsList } from '../../../../src/core/protocol/bodies/consume-stats-list.ts';
import { decodeConsumeTimeSpan } from '../../../../src/core/protocol/bodies/consume-time-span.ts';
import { decodeCorrectionOffset } from '../../../../src/core/protocol/bodies/correction-offset.ts';
import {
  decodeSubscriptionGroupWrapper,
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
} from '../../../../src/core/protocol/bodies/subscription-group.ts';
import { cloneGroupOffset } from '../../../../src/core/protocol/requests/clone-group-offset.ts';
import { consumerSendMsgBack } from '../../../../src/core/protocol/requests/consumer-send-msg-back.ts';
import { deleteSubscriptiongroup } from '../../../../src/core/protocol/requests/delete-subscriptiongroup.ts';
import { getAllSubscriptiongroupConfig } from '../../../../src/core/protocol/requests/get-all-subscriptiongroup-config.ts';
import { getBrokerConsumeStats } from '../../../../src/core/protocol/requests/get-broker-consume-stats.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { queryConsumeTimeSpan } from '../../../../src/core/protocol/requests/query-consume-time-span.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { queryCorrectionOffset } from '../../../../src/core/protocol/requests/query-correction-offset.ts';
import { updateAndCreateSubscriptiongroup } from '../../../../src/core/protocol/requests/update-and-create-subscriptiongroup.ts';
import { updateConsumerOffset } from '../../../../src/core/protocol/requests/update-consumer-offset.ts';
import { viewBrokerStatsData } from '../../../../src/core/protocol/requests/view-broker-stats-data.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { HeldClock } from '../held-clock.ts';
import { consumerData, heartbeat, pullHeader, SUBSCRIPTION, SUSPEND, subscriptionData } from '../pull-fields.ts';
import { connectTo, startBroker, type TestClient } from '../test-broker.ts';

const config = (groupName: string, fields: object = {}) =>
  encodeSubscriptionGroupConfig({ ...defaultSubscriptionGroupConfig(groupName), ...fields });

async function groupNames(client: TestClient): Promise<string[]> {
  const { body } = await client.ask(getAllSubscriptiongroupConfig, {});
  return Object.keys(decodeSubscriptionGroupWrapper(body).subscriptionGroupTable);
}

async function commit(
  client: TestClient,
  consumerGroup: string,
  queueId: number,
  commitOffset: number,
  topic = 'TopicTest',
) {
  await client.ask(updateConsumerOffset, { consumerGroup, topic, queueId, commitOffset });
}

/** What is stored, or the code of a refusal. */
async function stored(client: TestClient, consumerGroup: string, queueId: number, topic = 'TopicTest') {
  const { code, extFields } = await client.ask(queryConsumerOffset, { consumerGroup, topic, queueId });
  return code === ResponseCode.SUCCESS ? Number(extFields?.offset) : code;
}

describe('DELETE_SUBSCRIPTIONGROUP', () => {
  it('forgets the configuration, and the offsets when asked', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    for (const group of ['A', 'B', 'C']) {
      await client.ask(updateAndCreateSubscriptiongroup, {}, config(group));
      await commit(client, group, 0, 1);
    }
    expect(await client.ask(deleteSubscriptiongroup, { groupName: 'A' })).toMatchObject({ code: 0 });
    expect(await client.ask(deleteSubscriptiongroup, { groupName: 'B', removeOffset: true })).toMatchObject({
      code: 0,
    });
    expect((await groupNames(client)).filter((name) => name.length === 1)).toEqual(['C']);
    // A new group on a young topic is told 0.
    expect([await stored(client, 'A', 0), await stored(client, 'B', 0), await stored(client, 'C', 0)]).toEqual([
      1, 0, 1,
    ]);
  });

  it('is content with a group that is not there, and keeps the built-in ones', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(deleteSubscriptiongroup, { groupName: 'None' })).toMatchObject({ code: 0 });
    expect(await client.ask(deleteSubscriptiongroup, { groupName: 'TOOLS_CONSUMER' })).toMatchObject({ code: 0 });
    expect(await groupNames(client)).toContain('TOOLS_CONSUMER');
  });
});

describe('a group that may not consume', () => {
  it('gets nothing any more, neither by a new pull nor by one that was held', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    const pull = (queueOffset: number, sysFlag = SUBSCRIPTION) =>
      client.ask(pullMessage, pullHeader({ queueOffset, sysFlag }));
    expect(await pull(0)).toMatchObject({ code: ResponseCode.SUCCESS });
    const held = pull(1, SUBSCRIPTION | SUSPEND);
    await client.ask(updateAndCreateSubscriptiongroup, {}, config('G', { consumeEnable: false }));
    const refused = { code: ResponseCode.NO_PERMISSION, remark: 'subscription group no permission, G' };
    expect(await pull(0)).toMatchObject(refused);
    await client.send();
    expect(await held).toMatchObject(refused);
    await client.ask(updateAndCreateSubscriptiongroup, {}, config('G'));
    expect(await pull(1)).toMatchObject({ code: ResponseCode.SUCCESS });
  });
});

describe('CLONE_GROUP_OFFSET', () => {
  it('copies one topic or all, in place of what was there', async () => {
    const client = connectTo((await startBroker()).addr);
    for (const topic of ['TopicTest', 'Other']) {
      await client.send({ topic });
      await commit(client, 'A', 0, 7, topic);
      await commit(client, 'A', 2, 9, topic);
    }
    await commit(client, 'B', 1, 5);
    expect(await client.ask(cloneGroupOffset, { srcGroup: 'A', destGroup: 'B', topic: 'TopicTest' })).toMatchObject({
      code: 0,
    });
    const of = async (group: string, topic?: string) =>
      Promise.all([0, 1, 2].map((queueId) => stored(client, group, queueId, topic)));
    expect(await of('B')).toEqual([7, 0, 9]);
    expect(await of('B', 'Other')).toEqual([0, 0, 0]);
    await client.ask(cloneGroupOffset, { srcGroup: 'A', destGroup: 'C' });
    expect([await of('C'), await of('C', 'Other')]).toEqual([
      [7, 0, 9],
      [7, 0, 9],
    ]);
    // The copy is one of its own.
    await commit(client, 'A', 0, 8);
    expect(await stored(client, 'C', 0)).toBe(7);
    await client.ask(cloneGroupOffset, { srcGroup: 'None', destGroup: 'C', topic: 'TopicTest' });
    expect(await of('C')).toEqual([7, 0, 9]);
  });

  it('passes a topic over that the online source left, unless told otherwise', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    await commit(client, 'G', 0, 7);
    const other = consumerData({ subscriptionDataSet: [subscriptionData('Other')] });
    await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [other] }));
    const clone = { srcGroup: 'G', destGroup: 'B', topic: 'TopicTest' };
    await client.ask(cloneGroupOffset, clone);
    expect(await stored(client, 'B', 0)).toBe(0);
    await client.ask(cloneGroupOffset, { ...clone, offline: true });
    expect(await stored(client, 'B', 0)).toBe(7);
  });
});

describe('QUERY_CORRECTION_OFFSET', () => {
  it('tells the lowest offset of each queue, and takes nothing from the groups left out', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    await commit(client, 'A', 0, 4);
    await commit(client, 'B', 0, 2);
    await commit(client, 'B', 1, 9);
    const ask = async (filterGroups?: string) => {
      const header = { topic: 'TopicTest', compareGroup: 'A', filterGroups };
      const { body } = await client.ask(queryCorrectionOffset, header);
      return Object.fromEntries(decodeCorrectionOffset(body).correctionOffsets);
    };
    expect(await ask()).toEqual({ 0: 2, 1: 9 });
    expect(await ask('B,X')).toEqual({ 0: 4 });
    expect(await ask()).toEqual({ 0: 2, 1: 9 });
  });
});

describe('QUERY_CONSUME_TIME_SPAN', () => {
  it('tells when the first, the last and the last consumed message were stored', async () => {
    const clock = new HeldClock(new Date(2026, 0, 2, 3, 4, 5, 6).getTime());
    const client = connectTo((await startBroker({ clock })).addr);
    const start = clock.now();
    for (let i = 0; i < 3; i++) {
      await client.send();
      clock.advance(1000);
    }
    await commit(client, 'G', 0, 1);
    const header = { topic: 'TopicTest', group: 'G' };
    const { body } = await client.ask(queryConsumeTimeSpan, header);
    const [first, second] = decodeConsumeTimeSpan(body).consumeTimeSpanSet;
    expect(first).toEqual({
      messageQueue: { topic: 'TopicTest', brokerName: 'broker-a', queueId: 0 },
      ...{ minTimeStamp: start, maxTimeStamp: start + 2000, consumeTimeStamp: start, delayTime: 2000 },
    });
    expect(second).toMatchObject({ minTimeStamp: -1, maxTimeStamp: -1, consumeTimeStamp: -1, delayTime: 0 });
    expect(String(body)).toContain('"minTimeStampStr":"2026-01-02#03:04:05:006"');
    const none = await client.ask(queryConsumeTimeSpan, { ...header, topic: 'None' });
    expect(none).toMatchObject({ code: ResponseCode.TOPIC_NOT_EXIST, remark: 'topic[None] not exist' });
  });
});

describe('GET_BROKER_CONSUME_STATS', () => {
  it('tells how far every configured group is behind', async () => {
    const { addr } = await startBroker();
    const client = connectTo(addr);
    for (const group of ['A', 'B']) await client.ask(updateAndCreateSubscriptiongroup, {}, config(group));
    for (let i = 0; i < 3; i++) await client.send();
    await commit(client, 'A', 0, 1);
    await commit(client, 'Unconfigured', 0, 1);
    await commit(client, 'A', 0, 1, 'NoTopic');
    const ask = async (isOrder = false) =>
      decodeConsumeStatsList((await client.ask(getBrokerConsumeStats, { isOrder })).body);
    const { brokerAddr, consumeStatsList, totalDiff } = await ask();
    expect([brokerAddr, totalDiff]).toEqual([addr, 2]);
    const groups = Object.fromEntries(consumeStatsList.map(({ consumerGroup, topics }) => [consumerGroup, topics]));
    expect(groups.Unconfigured).toBeUndefined();
    expect(groups.B).toEqual([]);
    expect(groups.A).toHaveLength(1);
    const rows = groups.A?.[0]?.offsetTable ?? [];
    expect(rows.map(({ brokerOffset, consumerOffset }) => [brokerOffset, consumerOffset])).toEqual([
      [3, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(rows[0]?.lastTimestamp).toBeGreaterThan(0);
    expect((await ask(true)).totalDiff).toBe(0);
  });
});

describe('VIEW_BROKER_STATS_DATA', () => {
  it('counts what is put, got and given back', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    const ask = async (statsName: string, statsKey: string) => {
      const { code, remark, body } = await client.ask(viewBrokerStatsData, { statsName, statsKey });
      return code === ResponseCode.SUCCESS ? decodeBrokerStatsData(body) : remark;
    };
    const sum = async (name: string, key: string): Promise<unknown> => {
      const data = await ask(name, key);
      return typeof data === 'object' ? [data.statsMinute.sum, data.statsHour.sum, data.statsDay.sum] : data;
    };
    expect(await ask('TOPIC_PUT_NUMS', 'TopicTest')).toBe('The stats <TOPIC_PUT_NUMS> <TopicTest> not exist');
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.push((await client.send({ queueId: i % 2 })).opaque);
    expect(await sum('TOPIC_PUT_NUMS', 'TopicTest')).toEqual([5, 5, 5]);
    const size = await ask('TOPIC_PUT_SIZE', 'TopicTest');
    const { body } = await client.ask(pullMessage, pullHeader());
    expect(size).toMatchObject({ statsDay: { sum: expect.any(Number), avgpt: (body?.length ?? 0) / 3 } });
    expect(await sum('GROUP_GET_NUMS', 'TopicTest@G')).toEqual([3, 3, 3]);
    expect(await sum('GROUP_GET_SIZE', 'TopicTest@G')).toEqual([body?.length, body?.length, body?.length]);
    const back = { group: 'G', offset: 0, delayLevel: 1, originTopic: 'TopicTest' };
    await client.ask(consumerSendMsgBack, back);
    expect(await sum('SNDBCK_PUT_NUMS', 'TopicTest@G')).toEqual([1, 1, 1]);
    expect(await sum('BROKER_GET_NUMS', 'DefaultCluster')).toEqual([3, 3, 3]);
    expect(await sum('BROKER_PUT_NUMS', 'DefaultCluster')).toEqual([6, 6, 6]);
    expect(await sum('BROKER_PUT_NUMS', 'Other')).toMatch(/not exist$/);
    expect(await sum('COMMERCIAL_SEND_TIMES', 'X')).toMatch(/not exist$/);
    // A minute later they are out of the minute and still in the day.
    clock.advance(70_000);
    expect(await sum('TOPIC_PUT_NUMS', 'TopicTest')).toEqual([0, 5, 5]);
  });
});
