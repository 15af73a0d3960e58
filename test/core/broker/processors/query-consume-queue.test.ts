import { expect, it } from 'vitest';
import { javaHashCode } from '../../../../src/core/common/java-string.ts';
import { decodeConsumeQueueAnswer } from '../../../../src/core/protocol/bodies/query-consume-queue.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { queryConsumeQueue } from '../../../../src/core/protocol/requests/query-consume-queue.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { consumerData, heartbeat, subscriptionData } from '../pull-fields.ts';
import { connectTo, startBroker, temporaryDir } from '../test-broker.ts';

/** Ten units a file. */
const SMALL_QUEUES = { mappedFileSizeConsumeQueue: 200 };

async function setUp(messages: number, storeDir = temporaryDir()) {
  const broker = await startBroker({ storeDir, config: SMALL_QUEUES });
  const client = connectTo(broker.addr);
  for (let i = 0; i < messages; i++) {
    await client.send({ properties: `TAGS\x01Tag${i}\x02UNIQ_KEY\x01U${i}` }, `body ${i}`);
  }
  const ask = (header: object = {}) =>
    client.ask(queryConsumeQueue, { topic: 'TopicTest', queueId: 0, index: 0, count: 10, ...header });
  const units = async (header: object = {}) => decodeConsumeQueueAnswer((await ask(header)).body).queueData;
  return { broker, client, ask, units };
}

it('the units point at the records, in the members and the order Java writes', async () => {
  const { client, ask, units } = await setUp(3);
  const { code, remark, body } = await ask({ index: 1, count: 1 });
  expect([code, remark]).toEqual([0, undefined]);
  const [, one] = await units();
  expect(body?.toString()).toBe(
    `{"maxQueueIndex":3,"minQueueIndex":0,"queueData":[{"eval":false,"physicOffset":${one?.physicOffset},` +
      `"physicSize":${one?.physicSize},"tagsCode":${javaHashCode('Tag1')}}]}`,
  );
  const record = await client.ask(viewMessageById, { offset: one?.physicOffset ?? -1 });
  expect(record.body).toHaveLength(one?.physicSize ?? -1);
});

it('as many units as asked for, from the index to the end of its file', async () => {
  const { units } = await setUp(23);
  const codes = async (index: number, count: number): Promise<number[]> =>
    (await units({ index, count })).map(({ tagsCode }) => tagsCode);
  const due = (from: number, to: number): number[] =>
    Array.from({ length: to - from }, (_, i) => javaHashCode(`Tag${from + i}`));
  expect(await codes(0, 4)).toEqual(due(0, 4));
  expect(await codes(7, 100)).toEqual(due(7, 10));
  expect(await codes(10, 10)).toEqual(due(10, 20));
  expect(await codes(20, 10)).toEqual(due(20, 23));
  expect(await codes(22, 2147483647)).toEqual(due(22, 23));
  expect(await codes(0, 0)).toEqual([]);
  expect(await codes(0, -1)).toEqual([]);
});

it('the same units out of the files after a restart', async () => {
  const storeDir = temporaryDir();
  const { broker, units } = await setUp(23, storeDir);
  const before = [await units({ index: 5 }), await units({ index: 20 })];
  await broker.stop();
  const again = await setUp(0, storeDir);
  expect([await again.units({ index: 5 }), await again.units({ index: 20 })]).toEqual(before);
  expect(before.map((some) => some.length)).toEqual([5, 3]);
});

it('an index where no unit is, a queue that is not there', async () => {
  const { ask } = await setUp(2);
  for (const index of [-1, 2, 99_999]) {
    const remark = `Index ${index} of 0@TopicTest is not exist!`;
    expect(await ask({ index })).toMatchObject({ code: 0, remark, body: undefined });
  }
  expect(await ask({ queueId: 3 })).toMatchObject({ code: 1, remark: '3@TopicTest is not exist!' });
  expect(await ask({ topic: 'Other' })).toMatchObject({ code: 1, remark: '0@Other is not exist!' });
});

it('what a group subscribes to', async () => {
  const { client, ask } = await setUp(1);
  const filterOf = async (consumerGroup: string) => {
    const { filterData, subscriptionData } = decodeConsumeQueueAnswer((await ask({ consumerGroup })).body);
    return { filterData, subscriptionData };
  };
  expect(await filterOf('G')).toEqual({ filterData: 'G@TopicTest is not online!' });
  const tags = { ...subscriptionData(), subString: 'Tag0', tagsSet: ['Tag0'], codeSet: [javaHashCode('Tag0')] };
  const member = consumerData({ subscriptionDataSet: [tags] });
  await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [member] }));
  expect(await filterOf('G')).toEqual({ filterData: 'null', subscriptionData: tags });
  expect(await filterOf('Other')).toEqual({ filterData: 'Other@TopicTest is not online!' });
});
