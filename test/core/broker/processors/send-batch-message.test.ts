import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeMessage, decodeMessages } from '../../../../src/core/message/message-codec.ts';
import { decodeOffsetMsgId } from '../../../../src/core/message/message-id.ts';
import { getBrokerRuntimeInfo } from '../../../../src/core/protocol/requests/get-broker-runtime-info.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { sendBatchMessage } from '../../../../src/core/protocol/requests/send-batch-message.ts';
import { sendMessage } from '../../../../src/core/protocol/requests/send-message.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { encodeHeader } from '../../../../src/core/protocol/schema.ts';
import {
  createRequest,
  type RemotingCommand,
  SERIALIZE_ROCKETMQ,
} from '../../../../src/core/remoting/remoting-command.ts';
import { batchBody, batchSend, maxOffset, sendBatch, three } from '../batch-fields.ts';
import { jsonFrame, openFrameSocket, readAnswer } from '../frame-socket.ts';
import { pullHeader, SUBSCRIPTION, SUSPEND } from '../pull-fields.ts';
import { connectTo, plainSend, startBroker, type TestClient, temporaryDir } from '../test-broker.ts';

/** The records the answer to a batch names. */
async function stored(client: TestClient, answer: RemotingCommand) {
  const ids = (answer.extFields?.msgId ?? '').split(',');
  return Promise.all(
    ids.map(async (id) => {
      const { body } = await client.ask(viewMessageById, { offset: decodeOffsetMsgId(id).physicOffset });
      if (body === undefined) throw new Error(`nothing is stored at ${id}`);
      return decodeMessage(body);
    }),
  );
}

async function runtimeInfo(client: TestClient): Promise<Record<string, string>> {
  const { body } = await client.ask(getBrokerRuntimeInfo, {});
  return (JSON.parse(String(body)) as { table: Record<string, string> }).table;
}

describe('SEND_BATCH_MESSAGE', () => {
  it('stores each message as a record of its own and names them all', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    await client.send({ queueId: 3 });
    const answer = await sendBatch(client, { queueId: 3, reconsumeTimes: 2, flag: 9, sysFlag: 1 });
    expect(answer).toMatchObject({ code: ResponseCode.SUCCESS, remark: undefined });
    expect(answer.extFields).toEqual({
      msgId: expect.stringMatching(/^[0-9A-F]{32},[0-9A-F]{32},[0-9A-F]{32}$/),
      queueId: '3',
      queueOffset: '1',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    });
    const common = {
      topic: 'TopicTest',
      queueId: 3,
      sysFlag: 1,
      bornTimestamp: plainSend.bornTimestamp,
      storeHost: broker.addr,
      reconsumeTimes: 2,
      preparedTransactionOffset: 0,
    };
    const added = { CLUSTER: 'DefaultCluster', WAIT: 'true' };
    const ids = (answer.extFields?.msgId ?? '').split(',');
    const records = await Promise.all(
      ids.map(async (id) => {
        const { body } = await client.ask(viewMessageById, { offset: decodeOffsetMsgId(id).physicOffset });
        return decodeMessage(body ?? Buffer.alloc(0), 0, { decompress: false });
      }),
    );
    expect(records.map(({ offsetMsgId }) => offsetMsgId)).toEqual(ids);
    expect(records.map(({ body, bodyCRC }) => [String(body), bodyCRC])).toEqual([
      ['a', 0x68b7be43],
      ['b', 0x71beeff9],
      ['c', 0x06b9df6f],
    ]);
    expect(records).toMatchObject([
      { ...common, flag: 3, queueOffset: 1 },
      { ...common, flag: 0, queueOffset: 2 },
      { ...common, flag: 0, queueOffset: 3 },
    ]);
    expect(records.map(({ properties }) => ({ ...properties }))).toEqual([
      { TAGS: 'A', UNIQ_KEY: 'U1', ...added },
      added,
      { KEYS: 'k', ...added },
    ]);
    expect(records.map(({ msgId }) => msgId)).toEqual(['U1', ids[1], ids[2]]);
  });

  it('is known by the flag of the header, not by the code', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    const v2 = toSendMessageV2Header(batchSend);
    for (const answer of [
      await client.ask(sendMessageV2, v2, three),
      await client.ask(sendMessage, batchSend, three),
      await client.ask({ ...sendMessage, code: sendBatchMessage.code }, batchSend, three),
      await client.ask({ ...sendMessageV2, code: sendMessage.code }, v2, three),
    ]) {
      expect(answer.extFields?.msgId?.split(',')).toHaveLength(3);
    }
    const one = await sendBatch(client, { batch: false });
    expect(one.extFields).toMatchObject({ queueOffset: '12' });
    expect((await stored(client, one)).map(({ body }) => body)).toEqual([three]);
  });

  it('comes with either header serialization', async () => {
    const broker = await startBroker();
    const { remoting } = connectTo(broker.addr);
    const request = createRequest(sendBatchMessage, toSendMessageV2Header(batchSend), three);
    const answer = await remoting.invoke(broker.addr, { ...request, serializeType: SERIALIZE_ROCKETMQ }, 5000);
    expect(answer.serializeType).toBe(SERIALIZE_ROCKETMQ);
    expect(answer.extFields?.msgId?.split(',')).toHaveLength(3);
  });

  it('is never taken for one message by the raw way, not even in the shape of the messages before it', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    await client.send();
    const socket = await openFrameSocket(broker.port);
    const frame = (batch: boolean, body: Buffer): Buffer => {
      const extFields = encodeHeader(sendMessageV2.request, toSendMessageV2Header({ ...batchSend, batch }));
      const rest = { flag: 0, language: 'JAVA', opaque: 1, serializeTypeCurrentRPC: 'JSON', version: 407 };
      return jsonFrame(JSON.stringify({ code: sendMessageV2.code, extFields, ...rest }), body);
    };
    for (const [batch, messages] of [
      [false, 1],
      [false, 1],
      [true, 3],
      [false, 1],
      [true, 3],
    ] as const) {
      const before = await maxOffset(client);
      const { code, extFields } = readAnswer(await socket.exchange(frame(batch, three)));
      expect([code, extFields.queueOffset]).toEqual([0, String(before)]);
      expect(await maxOffset(client)).toBe(before + messages);
    }
  });

  it('adds the properties of the batch to each message, where a name that comes twice is the batch’s', async () => {
    const client = connectTo((await startBroker()).addr);
    const properties = 'WAIT\x01false\x02UNIQ_KEY\x01OUT\x02CLUSTER\x01Mine\x02user\x01v';
    const answer = await sendBatch(client, { properties }, batchBody(['a', 'UNIQ_KEY\x01U1\x02TAGS\x01A']));
    const [record] = await stored(client, answer);
    expect({ ...record?.properties }).toEqual({
      TAGS: 'A',
      UNIQ_KEY: 'OUT',
      CLUSTER: 'DefaultCluster',
      WAIT: 'false',
      user: 'v',
    });
    const plain = await sendBatch(client, { properties: undefined }, batchBody(['a', '']));
    expect({ ...(await stored(client, plain))[0]?.properties }).toEqual({ CLUSTER: 'DefaultCluster' });
  });

  it('does not look at a delay of a message, at TRAN_MSG, nor at the group of a retry topic', async () => {
    const client = connectTo((await startBroker({ config: { autoCreateSubscriptionGroup: false } })).addr);
    const delayed = await sendBatch(client, {}, batchBody(['a', 'DELAY\x013']));
    expect(await stored(client, delayed)).toMatchObject([{ topic: 'TopicTest', properties: { DELAY: '3' } }]);
    for (const properties of ['TRAN_MSG\x01true', 'DELAY\x010', 'DELAY\x01-3']) {
      expect((await sendBatch(client, { properties })).code).toBe(ResponseCode.SUCCESS);
    }
    const retried = await sendBatch(client, { topic: '%RETRY%G', reconsumeTimes: 99, maxReconsumeTimes: 1 });
    expect(await stored(client, retried)).toMatchObject(Array(3).fill({ topic: '%RETRY%G', reconsumeTimes: 99 }));
  });

  it('takes empty messages, and lengths alone say where a message ends', async () => {
    const client = connectTo((await startBroker()).addr);
    const body = batchBody(['', ''], ['x', 'a\x01b']);
    body.fill(0xff, 0, 12);
    const records = await stored(client, await sendBatch(client, {}, body));
    expect(records.map((record) => String(record.body))).toEqual(['', 'x']);
    expect(records[1]?.properties).toMatchObject({ a: 'b' });
  });

  it('chooses one queue for the whole batch when the header leaves it open', async () => {
    const client = connectTo((await startBroker({ random: () => 0.74 })).addr);
    const answer = await sendBatch(client, { queueId: -1 });
    expect(answer.extFields).toMatchObject({ queueId: '2' });
    expect((await stored(client, answer)).map(({ queueId }) => queueId)).toEqual([2, 2, 2]);
  });

  it('marks the messages of a topic with many tags', async () => {
    const client = connectTo((await startBroker()).addr);
    const topic = { topic: 'Many', defaultTopic: 'TBW102', readQueueNums: 4, writeQueueNums: 4, perm: 6, order: false };
    await client.ask(updateAndCreateTopic, { ...topic, topicFilterType: 'MULTI_TAG' });
    const records = await stored(client, await sendBatch(client, { topic: 'Many' }));
    expect(records.map(({ sysFlag }) => sysFlag)).toEqual([2, 2, 2]);
  });

  it('names records by an IPv6 address of the broker', async () => {
    const broker = await startBroker({ config: { brokerIP1: '2001:db8::1' } });
    const client = connectTo(`127.0.0.1:${broker.port}`);
    const answer = await sendBatch(client);
    expect(answer.extFields?.msgId).toMatch(/^[0-9A-F]{56},[0-9A-F]{56},[0-9A-F]{56}$/);
    for (const record of await stored(client, answer)) {
      expect(record).toMatchObject({
        storeHost: `[2001:db8:0:0:0:0:0:1]:${broker.port}`,
        sysFlag: 0x20,
        bornHost: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      });
    }
  });

  it('is stored only when its new topic is on the disk, and not at all when that cannot be', async () => {
    const storeDir = temporaryDir();
    const client = connectTo((await startBroker({ storeDir })).addr);
    const obstacle = join(storeDir, 'config/topics.json.tmp');
    mkdirSync(obstacle, { recursive: true });
    expect(await sendBatch(client)).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'the topic[TopicTest] could not be written to topics.json',
    });
    expect(await maxOffset(client)).toBe(0);
    rmdirSync(obstacle);
    expect(await sendBatch(client)).toMatchObject({ code: ResponseCode.SUCCESS });
    expect(await maxOffset(client)).toBe(3);
  });

  it('is not answered when it comes one-way, and stored', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    await client.send();
    const request = createRequest(sendBatchMessage, toSendMessageV2Header(batchSend), three);
    await client.remoting.oneway(broker.addr, request);
    expect((await client.send()).extFields).toMatchObject({ queueOffset: '4' });
  });

  it('counts each message', async () => {
    const client = connectTo((await startBroker()).addr);
    await sendBatch(client);
    await client.send();
    await sendBatch(client, {}, three.subarray(0, -1));
    const info = await runtimeInfo(client);
    expect(info).toMatchObject({
      putMessageTimesTotal: '4',
      putMessageFailedTimes: '1',
      msgPutTotalTodayNow: '4',
      sendThreadPoolQueueSize: '0',
    });
    expect(info.putMessageDistributeTime?.match(/:(\d+)/g)?.reduce((sum, n) => sum + Number(n.slice(1)), 0)).toBe(4);
  });
});

describe('consumers that wait', () => {
  const waiting = (client: TestClient, fields: object = {}) =>
    client.ask(pullMessage, pullHeader({ sysFlag: SUSPEND | SUBSCRIPTION, ...fields }));
  const bodies = ({ body }: RemotingCommand) =>
    body === undefined ? [] : decodeMessages(body).map((message) => String(message.body));

  it('are woken by a batch and get all of it at once', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    await client.send();
    const [all, tagged] = [waiting(client, { queueOffset: 1 }), waiting(client, { queueOffset: 1, subscription: 'C' })];
    let isTaggedAnswered = false;
    const noted = tagged.then(() => {
      isTaggedAnswered = true;
    });
    await sendBatch(client, {}, batchBody(['a', 'TAGS\x01A'], ['b', 'TAGS\x01B'], ['c', '']));
    expect(bodies(await all)).toEqual(['a', 'b', 'c']);
    // An answer to it would have come with the other one, before that of a later request.
    await maxOffset(client);
    expect(isTaggedAnswered).toBe(false);
    await sendBatch(client, {}, batchBody(['d', 'TAGS\x01A'], ['e', 'TAGS\x01C'], ['f', 'TAGS\x01C']));
    const answer = await tagged;
    expect(bodies(answer)).toEqual(['e', 'f']);
    expect(answer.extFields).toMatchObject({ nextBeginOffset: '7' });
    await noted;
  });
});
