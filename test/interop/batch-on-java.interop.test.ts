/**
 * sendBatch of our client core on real brokers: what they store, and that a Java consumer gets each message.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { JavaCluster } from './support/java-cluster.ts';
import { ensurePeer, type Peer } from './support/peers.ts';
import { pollUntil } from './support/process.ts';
import { consumeRecords, decodeRecords, recordBytes } from './support/records.ts';
import type { Acked } from './support/traffic.ts';
import { createTopic, requestOnce } from './support/wire.ts';

const TOPIC = 'BatchTopic';
const QUEUES = 4;
const GET_MAX_OFFSET = 30;

describe.each(['4.9.7', '5.4.0'] as const)('our sendBatch on the real broker of %s', (version) => {
  let peer: Peer;
  let java: JavaCluster;
  let producer: Producer;

  beforeAll(async () => {
    peer = await ensurePeer(version);
    java = await JavaCluster.start({ version });
    const { namesrvAddr, brokerAddr } = java;
    await createTopic({ namesrvAddr, brokerAddr, topic: TOPIC, queues: QUEUES });
    producer = new Producer({ group: 'P', namesrvAddrs: [namesrvAddr], sendMsgTimeout: 15_000 });
    await producer.start();
  });

  afterAll(async () => {
    await producer?.stop();
    await java?.stop();
  });

  const message = (number: number, topic = TOPIC) => ({
    topic,
    body: Buffer.from(`m${number}`),
    flag: number,
    properties: { KEYS: `k${number}`, TAGS: number % 2 === 0 ? 'Even' : 'Odd', WAIT: 'false' },
  });

  it('is stored as a batch of the Java producer is, and consumed', async () => {
    const sent: Acked[] = [];
    for (let batch = 0; batch < 3; batch++) {
      const messages = Array.from({ length: 20 }, (_, i) => message(batch * 20 + i));
      const queue = { topic: TOPIC, brokerName: 'broker-a', queueId: 1 };
      const result = await producer.sendBatch(messages, { queue });
      expect(result).toMatchObject({ sendStatus: 'SEND_OK', messageQueue: queue, queueOffset: batch * 20 });
      const [ids, offsetIds] = [result.msgId.split(','), result.offsetMsgId.split(',')];
      expect([ids.length, offsetIds.length]).toEqual([20, 20]);
      for (const [i, msgId] of ids.entries()) {
        const offsetMsgId = offsetIds[i] ?? '';
        const queueOffset = result.queueOffset + i;
        sent.push({ number: batch * 20 + i, msgId, offsetMsgId, brokerName: 'broker-a', queueId: 1, queueOffset });
      }
    }
    const records = await Promise.all(sent.map(({ offsetMsgId }) => recordBytes(java, offsetMsgId)));
    for (const [i, record] of (await decodeRecords(peer, records)).entries()) {
      expect(record).toMatchObject({
        queueId: 1,
        queueOffset: i,
        flag: i,
        msgId: sent[i]?.offsetMsgId,
        reconsumeTimes: 0,
      });
      expect(record.properties).toEqual({
        ...message(i).properties,
        UNIQ_KEY: sent[i]?.msgId,
        // 5.4.0 adds nothing to the messages of a batch.
        ...(version === '4.9.7' && { CLUSTER: 'DefaultCluster' }),
      });
    }
    const consumed = await consumeRecords(java, peer, { topic: TOPIC, group: 'GID_even', tags: 'Even', count: 30 });
    const expected = sent.filter(({ number }) => number % 2 === 0);
    expect(consumed.map(({ msgId, queueOffset }) => [msgId, queueOffset])).toEqual(
      expected.map(({ msgId, queueOffset }) => [msgId, queueOffset]),
    );
  });

  it('makes an unknown topic, and is refused whole when it is too large for the broker', async () => {
    await producer.sendBatch([message(0, 'Unknown'), message(1, 'Unknown')]);
    const large = { ...message(0), body: Buffer.alloc(2_097_000) };
    const queue = { topic: TOPIC, brokerName: 'broker-a', queueId: 3 };
    await producer.sendBatch([large, large], { queue });
    const tooLarge = [large, { ...large, body: Buffer.alloc(2_097_200) }];
    await expect(producer.sendBatch(tooLarge, { queue })).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
    const extFields = { topic: TOPIC, queueId: '3' };
    // Java dispatches to the queue a moment after it answers.
    const stored = async (): Promise<boolean> => {
      const { extFields: queueEnd } = await requestOnce(java.brokerAddr, { code: GET_MAX_OFFSET, extFields });
      return queueEnd.offset === '2';
    };
    await pollUntil('both messages of the first batch, and no more', stored, { timeoutMs: 10_000 });
  });
});
