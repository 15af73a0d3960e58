import { describe, expect, it } from 'vitest';
import { decodeConsumeStats } from '../../../../src/core/protocol/bodies/consume-stats.ts';
import { decodeConsumerOffset } from '../../../../src/core/protocol/bodies/consumer-offset.ts';
import { decodeTopicList } from '../../../../src/core/protocol/bodies/topic-list.ts';
import { decodeTopicStatsTable } from '../../../../src/core/protocol/bodies/topic-stats-table.ts';
import { getAllConsumerOffset } from '../../../../src/core/protocol/requests/get-all-consumer-offset.ts';
import { getConsumeStats } from '../../../../src/core/protocol/requests/get-consume-stats.ts';
import { getEarliestMsgStoretime } from '../../../../src/core/protocol/requests/get-earliest-msg-storetime.ts';
import { getMaxOffset } from '../../../../src/core/protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../../../src/core/protocol/requests/get-min-offset.ts';
import { getTopicStatsInfo } from '../../../../src/core/protocol/requests/get-topic-stats-info.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { queryTopicConsumeByWho } from '../../../../src/core/protocol/requests/query-topic-consume-by-who.ts';
import { queryTopicsByConsumer } from '../../../../src/core/protocol/requests/query-topics-by-consumer.ts';
import { searchOffsetByTimestamp } from '../../../../src/core/protocol/requests/search-offset-by-timestamp.ts';
import { updateConsumerOffset } from '../../../../src/core/protocol/requests/update-consumer-offset.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { consumerData, heartbeat, subscriptionData } from '../pull-fields.ts';
import { connectTo, startBroker, type TestClient } from '../test-broker.ts';

const queue = { topic: 'TopicTest', queueId: 0 };
const committed = { consumerGroup: 'G', ...queue };

async function offsetOf(answer: ReturnType<TestClient['ask']>): Promise<number> {
  const { code, extFields } = await answer;
  expect(code).toBe(ResponseCode.SUCCESS);
  return Number(extFields?.offset ?? extFields?.timestamp);
}

describe('offsets of a queue', () => {
  it('are told by 29, 30, 31 and 32', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await offsetOf(client.ask(getMaxOffset, queue))).toBe(0);
    expect(await offsetOf(client.ask(getMinOffset, queue))).toBe(0);
    expect(await offsetOf(client.ask(searchOffsetByTimestamp, { ...queue, timestamp: 1 }))).toBe(0);
    expect(await offsetOf(client.ask(getEarliestMsgStoretime, queue))).toBe(-1);
    const before = Date.now();
    for (let i = 0; i < 3; i++) await client.send();
    expect(await offsetOf(client.ask(getMaxOffset, queue))).toBe(3);
    expect(await offsetOf(client.ask(getMinOffset, queue))).toBe(0);
    expect(await offsetOf(client.ask(searchOffsetByTimestamp, { ...queue, timestamp: before + 3_600_000 }))).toBe(2);
    expect(await offsetOf(client.ask(searchOffsetByTimestamp, { ...queue, timestamp: 1 }))).toBe(0);
    expect(await offsetOf(client.ask(getEarliestMsgStoretime, queue))).toBeGreaterThanOrEqual(before);
  });

  it('are listed by 202, one row a write queue', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(getTopicStatsInfo, { topic: 'None' })).toMatchObject({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: 'topic[None] not exist',
    });
    await client.send({ queueId: 1 });
    const { offsetTable } = decodeTopicStatsTable((await client.ask(getTopicStatsInfo, { topic: 'TopicTest' })).body);
    expect(
      offsetTable.map(({ mq, minOffset, maxOffset }) => [mq.brokerName, mq.queueId, minOffset, maxOffset]),
    ).toEqual([
      ['broker-a', 0, 0, 0],
      ['broker-a', 1, 0, 1],
      ['broker-a', 2, 0, 0],
      ['broker-a', 3, 0, 0],
    ]);
    expect(offsetTable[0]?.lastUpdateTimestamp).toBe(0);
    expect(offsetTable[1]?.lastUpdateTimestamp).toBeGreaterThan(1_600_000_000_000);
  });

  it('find a record by commitlog offset, or say that there is none', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send({}, 'here');
    expect((await client.ask(viewMessageById, { offset: 0 })).body?.includes('here')).toBe(true);
    for (const offset of [1, 17_592_186_044_415]) {
      expect(await client.ask(viewMessageById, { offset })).toMatchObject({
        code: ResponseCode.SYSTEM_ERROR,
        remark: `can not find message by the offset, ${offset}`,
      });
    }
  });
});

describe('committed offsets', () => {
  it('begin at 0 in a young queue and are overwritten, downwards too', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await offsetOf(client.ask(queryConsumerOffset, committed))).toBe(0);
    for (const commitOffset of [7, 3]) {
      await client.ask(updateConsumerOffset, { ...committed, commitOffset });
      expect(await offsetOf(client.ask(queryConsumerOffset, committed))).toBe(commitOffset);
    }
    const { offsetTable } = decodeConsumerOffset((await client.ask(getAllConsumerOffset, {})).body);
    expect(offsetTable['TopicTest@G']).toEqual(new Map([[0, 3]]));
    expect(decodeTopicList((await client.ask(queryTopicsByConsumer, { group: 'G' })).body).topicList).toEqual([
      'TopicTest',
    ]);
    expect(String((await client.ask(queryTopicConsumeByWho, { topic: 'TopicTest' })).body)).toBe('{"groupList":["G"]}');
  });

  it('are not found when the first message is no longer in memory, or a 5.x client will not have 0', async () => {
    const client = connectTo((await startBroker({ physicalMemory: 100 })).addr);
    const notFound = {
      code: ResponseCode.QUERY_NOT_FOUND,
      remark: 'Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first',
    };
    expect(await client.ask(queryConsumerOffset, { ...committed, setZeroIfNotFound: false })).toMatchObject(notFound);
    await client.send();
    expect(await client.ask(queryConsumerOffset, committed)).toMatchObject(notFound);
  });
});

describe('GET_CONSUME_STATS', () => {
  const stats = async (client: TestClient, topic?: string) =>
    decodeConsumeStats((await client.ask(getConsumeStats, { consumerGroup: 'G', topic })).body);

  it('tells how far a group is behind', async () => {
    const client = connectTo((await startBroker()).addr);
    for (let i = 0; i < 3; i++) await client.send();
    expect(await stats(client)).toEqual({ consumeTps: 0, offsetTable: [] });
    await client.ask(updateConsumerOffset, { ...committed, commitOffset: 2 });
    const { offsetTable } = await stats(client);
    expect(offsetTable).toHaveLength(4);
    expect(offsetTable[0]).toMatchObject({
      mq: { ...queue, brokerName: 'broker-a' },
      brokerOffset: 3,
      consumerOffset: 2,
    });
    expect(offsetTable[0]?.lastTimestamp).toBeGreaterThan(1_600_000_000_000);
    expect(offsetTable[1]).toMatchObject({ brokerOffset: 0, consumerOffset: 0, lastTimestamp: 0 });
    expect((await stats(client, 'TopicTest')).offsetTable).toHaveLength(4);
    expect((await stats(client, 'None')).offsetTable).toEqual([]);
  });

  it('leaves out topics an online group has given up', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    await client.ask(updateConsumerOffset, { ...committed, commitOffset: 1 });
    const other = consumerData({ subscriptionDataSet: [subscriptionData('Other')] });
    await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [other] }));
    expect((await stats(client)).offsetTable).toEqual([]);
  });
});
