import { describe, expect, it } from 'vitest';
import { queryConsumerOffset } from '../../../src/core/protocol/requests/query-consumer-offset.ts';
import { resumeCheckHalfMessage } from '../../../src/core/protocol/requests/resume-check-half-message.ts';
import type { HeldClock } from './held-clock.ts';
import type { TestClient } from './test-broker.ts';
import {
  COMMIT,
  checked,
  ended,
  GIVEN_UP,
  HALF,
  halves,
  INTERVAL_MS,
  keysOf,
  OP,
  queueOf,
  ROLLBACK,
  startBench,
  startProducer,
} from './transaction-bench.ts';

const offsetOf = async (client: TestClient, topic: string): Promise<number> => {
  const header = { consumerGroup: 'CID_RMQ_SYS_TRANS', topic, queueId: 0 };
  const answer = await client.ask(queryConsumerOffset, header);
  return Number(answer.extFields?.offset ?? -1);
};

/** Lets the clock go on until the broker has saved that so many half messages are dealt with. */
async function saved(client: TestClient, clock: HeldClock, offset: number): Promise<void> {
  while ((await offsetOf(client, HALF)) < offset) clock.advance(100);
}

describe('a half message', () => {
  it('is stored as Java does, and answered with the queue it was sent to', async () => {
    const { producer } = await startBench();
    const answer = await producer.send(
      { properties: 'KEYS\x01k\x02TRAN_MSG\x01true\x02PGROUP\x01P\x02DELAY\x013', sysFlag: 4, queueId: 2, flag: 7 },
      'the body',
    );
    expect(answer).toMatchObject({ code: 0, extFields: { queueId: '2', queueOffset: '0' } });
    const [half] = await halves(producer);
    expect(half).toMatchObject({ topic: HALF, queueId: 0, sysFlag: 0, flag: 7, preparedTransactionOffset: 0 });
    expect(half?.properties).toEqual({
      ...{ KEYS: 'k', TRAN_MSG: 'true', PGROUP: 'P', CLUSTER: 'DefaultCluster' },
      ...{ REAL_TOPIC: 'TopicTest', REAL_QID: '2' },
    });
    expect(await queueOf(producer, 'TopicTest', 2)).toEqual([]);
  });

  it('is delivered by a commit with what it was sent with', async () => {
    const { producer, clock } = await startBench();
    const header = await producer.half('k');
    clock.advance(100);
    expect(await producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    const [half] = await halves(producer);
    const [message, ...more] = await queueOf(producer);
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      ...{ topic: 'TopicTest', queueId: 1, queueOffset: 0, sysFlag: 8, flag: 7, body: Buffer.from('body k') },
      preparedTransactionOffset: half?.commitLogOffset,
      bornTimestamp: half?.bornTimestamp,
      bornHost: half?.bornHost,
      storeTimestamp: clock.now(),
      properties: half?.properties,
    });
    expect(await queueOf(producer, OP, 0)).toMatchObject([
      { queueId: 0, sysFlag: 0, body: Buffer.from('0'), properties: { TAGS: 'd', WAIT: 'true' } },
    ]);
  });

  it('is done with after a rollback', async () => {
    const { producer } = await startBench();
    await producer.half('first');
    expect(await producer.end(await producer.half('second'), ROLLBACK)).toMatchObject({ code: 0 });
    expect(await queueOf(producer)).toEqual([]);
    expect(await ended(producer)).toEqual([1]);
  });

  it.each([
    ['another producer group', { producerGroup: 'Q' }, 'The producer group wrong'],
    ['another queue offset', { tranStateTableOffset: 1 }, 'The transaction state table offset wrong'],
    ['no record', { commitLogOffset: 1 }, 'Find prepared transaction message failed'],
    ['a negative offset', { commitLogOffset: -1 }, 'Find prepared transaction message failed'],
    ['neither commit nor rollback', { commitOrRollback: 4 }, 'commitOrRollback field wrong'],
  ])('is not ended by a request with %s', async (_what, fields, remark) => {
    const { producer } = await startBench();
    expect(await producer.end(await producer.half('k'), COMMIT, fields)).toMatchObject({ code: 1, remark });
    expect([await queueOf(producer), await ended(producer)]).toEqual([[], []]);
  });

  it('is not what a committed message is', async () => {
    const { producer } = await startBench();
    const header = await producer.half('k');
    await producer.end(header, COMMIT);
    const [message] = await queueOf(producer);
    const again = { commitLogOffset: message?.commitLogOffset ?? 0, tranStateTableOffset: 0 };
    expect(await producer.end(header, COMMIT, again)).toMatchObject({ code: 1 });
    expect(await queueOf(producer)).toHaveLength(1);
  });

  it('is committed once, however often that is asked', async () => {
    const { producer, clock } = await startBench();
    const header = await producer.half('k');
    const answers = await Promise.all([1, 2, 3].map(() => producer.end(header, COMMIT)));
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    clock.advance(INTERVAL_MS);
    await saved(producer, clock, 1);
    expect(await producer.end(header, COMMIT)).toMatchObject({ code: 0 });
    expect([keysOf(await queueOf(producer)), await ended(producer)]).toEqual([['k'], [0]]);
  });
});

describe('the check of half messages', () => {
  it('asks a producer of the group and puts a copy back', async () => {
    const { producer, clock } = await startBench();
    await producer.half('k');
    await checked(clock, () => producer.asked.length === 1);
    const [first, copy] = await halves(producer);
    expect(copy).toMatchObject({
      ...{ queueOffset: 1, flag: 7, body: first?.body, bornTimestamp: first?.bornTimestamp, bornHost: first?.bornHost },
      properties: { ...first?.properties, TRANSACTION_CHECK_TIMES: '1' },
    });
    const [asked] = producer.asked;
    expect(asked?.header).toMatchObject({
      ...{ tranStateTableOffset: 1, commitLogOffset: copy?.commitLogOffset, msgId: 'Uk', transactionId: 'Uk' },
      offsetMsgId: copy?.offsetMsgId,
    });
    expect(asked?.message).toMatchObject({ topic: 'TopicTest', queueId: 1, body: Buffer.from('body k') });
    const end = { tranStateTableOffset: 1, commitLogOffset: asked?.header.commitLogOffset ?? 0 };
    await producer.end({ ...end, producerGroup: 'P', commitOrRollback: 0, msgId: 'Uk' }, COMMIT);
    expect(keysOf(await queueOf(producer))).toEqual(['k']);
    expect(await ended(producer)).toEqual([1]);
  });

  it('saves how far both queues are dealt with', async () => {
    const { producer, clock } = await startBench();
    await producer.end(await producer.half('a'), COMMIT);
    await producer.half('b');
    await checked(clock, () => producer.asked.length === 1);
    await saved(producer, clock, 2);
    expect(await offsetOf(producer, OP)).toBe(1);
  });

  it('leaves alone what is younger than transactionTimeOut, and what it has put back itself', async () => {
    const { producer, clock } = await startBench({ config: { transactionTimeOut: 15_000 } });
    await producer.half('k');
    clock.advance(INTERVAL_MS);
    await producer.half('young', `\x02KEYS\x01young`);
    await checked(clock, () => producer.asked.length === 1);
    expect(await halves(producer)).toHaveLength(3);
  });

  it('knows a commit of the first copy as the end of all copies', async () => {
    const { producer, clock } = await startBench();
    const header = await producer.half('k');
    await checked(clock, () => producer.asked.length === 1);
    const asked = producer.asked[0]?.header;
    await producer.end(header, COMMIT);
    const { tranStateTableOffset = 0, commitLogOffset = 0 } = asked ?? {};
    await producer.end({ ...header, tranStateTableOffset, commitLogOffset }, COMMIT);
    expect([keysOf(await queueOf(producer)), await ended(producer)]).toEqual([['k'], [1]]);
    clock.advance(INTERVAL_MS);
    await saved(producer, clock, 2);
    expect(producer.asked).toHaveLength(1);
  });

  it('gives up what was asked about transactionCheckMax times', async () => {
    const { producer, clock } = await startBench({ config: { transactionCheckMax: 2 } });
    await producer.half('k');
    for (let check = 1; check <= 2; check++) {
      await checked(clock, () => producer.asked.length === check);
    }
    await checked(clock, async () => (await queueOf(producer, GIVEN_UP, 0)).length === 1);
    const [message] = await queueOf(producer, GIVEN_UP, 0);
    expect(message?.properties).toMatchObject({ KEYS: 'k', TRANSACTION_CHECK_TIMES: '2', REAL_TOPIC: 'TopicTest' });
    expect(await producer.ask(resumeCheckHalfMessage, { msgId: message?.offsetMsgId ?? '' })).toMatchObject({
      code: 0,
    });
    expect((await halves(producer)).at(-1)?.properties).toMatchObject({ KEYS: 'k', TRANSACTION_CHECK_TIMES: '0' });
    await checked(clock, () => producer.asked.length === 3);
  });

  it('gives up what is older than fileReservedTime', async () => {
    const { broker, producer, clock } = await startBench({ config: { fileReservedTime: 1 } });
    await producer.half('k');
    clock.set(clock.now() + 3_601_000);
    clock.advance(INTERVAL_MS);
    // The silence has cost it its connection.
    const again = await startProducer(broker);
    await checked(clock, async () => (await queueOf(again, GIVEN_UP, 0)).length === 1);
    expect([...producer.asked, ...again.asked]).toEqual([]);
  });

  it('does not ask within CHECK_IMMUNITY_TIME_IN_SECONDS, and does not count that', async () => {
    const { producer, clock } = await startBench();
    await producer.half('k', '\x02CHECK_IMMUNITY_TIME_IN_SECONDS\x0115');
    await checked(clock, async () => (await halves(producer)).length === 2);
    expect((await halves(producer))[1]?.properties).toMatchObject({ TRAN_PREPARED_QUEUE_OFFSET: '0' });
    expect((await halves(producer))[1]?.properties).not.toHaveProperty('TRANSACTION_CHECK_TIMES');
    await checked(clock, () => producer.asked.length === 1);
    expect(producer.asked[0]?.message.properties).toMatchObject({ TRANSACTION_CHECK_TIMES: '1' });
  });

  it('asks another producer of the group when one is gone, and each in its turn', async () => {
    const { broker, producer, clock } = await startBench();
    const other = await startProducer(broker);
    await producer.half('a');
    await producer.half('b');
    await checked(clock, () => producer.asked.length > 0 && other.asked.length > 0);
    await producer.remoting.stop();
    const before = other.asked.length;
    await checked(clock, () => other.asked.length >= before + 4);
    expect(new Set(keysOf(other.asked.slice(-4).map(({ message }) => message)))).toEqual(new Set(['a', 'b']));
  });

  it('goes through many in slices, whichever of them are ended', async () => {
    const { producer, clock } = await startBench();
    const headers = [];
    for (let i = 0; i < 150; i++) headers.push(await producer.half(`k${i}`));
    for (const [i, header] of headers.entries()) if (i % 3 !== 0) await producer.end(header, ROLLBACK);
    await checked(clock, () => producer.asked.length >= 50);
    expect(new Set(producer.asked.map(({ message }) => message.msgId)).size).toBe(50);
    await saved(producer, clock, 150);
    expect(await offsetOf(producer, OP)).toBe(100);
  });
});
