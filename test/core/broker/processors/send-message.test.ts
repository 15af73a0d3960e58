import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { decodeMessage } from '../../../../src/core/message/message-codec.ts';
import { litePullMessage } from '../../../../src/core/protocol/requests/lite-pull-message.ts';
import { sendMessage } from '../../../../src/core/protocol/requests/send-message.ts';
import { sendMessageV2 } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import type { RemotingCommand } from '../../../../src/core/remoting/remoting-command.ts';
import { type Disk, nodeDisk } from '../../../../src/core/store/disk.ts';
import { connectTo, plainSend, startBroker, type TestClient, temporaryDir } from '../test-broker.ts';

const FAQ = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

/** The record the answer to a send names. */
async function stored(client: TestClient, answer: RemotingCommand) {
  const offset = Number.parseInt((answer.extFields?.msgId ?? '').slice(-16), 16);
  const { body } = await client.ask(viewMessageById, { offset });
  if (body === undefined) throw new Error('the message is not there');
  return decodeMessage(body);
}

function createTopic(client: TestClient, topic: string, fields: { perm?: number; read?: number; write?: number } = {}) {
  return client.ask(updateAndCreateTopic, {
    topic,
    defaultTopic: 'TBW102',
    readQueueNums: fields.read ?? 4,
    writeQueueNums: fields.write ?? 4,
    perm: fields.perm ?? 6,
    topicFilterType: 'SINGLE_TAG',
    order: false,
  });
}

describe('SEND_MESSAGE', () => {
  it('creates the topic with as many queues as the client wants and stores the message', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    const answer = await client.send({ queueId: 3, flag: 5 });
    expect(answer).toMatchObject({ code: ResponseCode.SUCCESS, remark: undefined });
    expect(answer.extFields).toMatchObject({
      queueId: '3',
      queueOffset: '0',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    });
    expect(await stored(client, answer)).toMatchObject({
      topic: 'TopicTest',
      queueId: 3,
      flag: 5,
      storeHost: broker.addr,
      bornTimestamp: plainSend.bornTimestamp,
      properties: { TAGS: 'TagA', UNIQ_KEY: '7F00000100', CLUSTER: 'DefaultCluster' },
    });
    const refused = await client.send({ queueId: 4 });
    expect(refused.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(refused.remark).toMatch(
      /^request queueId\[4\] is illegal, TopicConfig \[topicName=TopicTest, readQueueNums=4, writeQueueNums=4, perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, order=false\] Producer: 127\.0\.0\.1:\d+$/,
    );
    expect(refused.extFields).toEqual({ MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' });
  });

  it('acknowledges a message to a new topic only when the topic is on the disk, in the order of the sends', async () => {
    const storeDir = temporaryDir();
    const broker = await startBroker({ storeDir });
    const client = connectTo(broker.addr);
    const sends = Array.from({ length: 50 }, async (_, i) => {
      const answer = await client.send({ topic: 'BrandNew' }, `m${i}`);
      expect(readFileSync(join(storeDir, 'config/topics.json'), 'utf8')).toContain('"BrandNew"');
      return Number(answer.extFields?.queueOffset);
    });
    expect(await Promise.all(sends)).toEqual(sends.map((_, i) => i));
  });

  it('refuses a message whose new topic cannot be written, and takes it once it can', async () => {
    const storeDir = temporaryDir();
    const broker = await startBroker({ storeDir });
    const client = connectTo(broker.addr);
    const obstacle = join(storeDir, 'config/topics.json.tmp');
    mkdirSync(obstacle, { recursive: true });
    expect(await client.send()).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'the topic[TopicTest] could not be written to topics.json',
    });
    expect(await createTopic(client, 'Other')).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
    rmdirSync(obstacle);
    expect(await client.send()).toMatchObject({ code: ResponseCode.SUCCESS });
  });

  it('takes the long names with 310 and the short ones with 10', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    const long = await client.ask({ ...sendMessage, code: sendMessageV2.code }, plainSend, Buffer.from('x'));
    expect(long.code).toBe(ResponseCode.SUCCESS);
    const { a, b, c, d, e, f, g, h } = { a: 'P', b: 'TopicTest', c: 'TBW102', d: 4, e: 0, f: 0, g: 1, h: 0 };
    const short = await client.ask({ ...sendMessageV2, code: sendMessage.code }, { a, b, c, d, e, f, g, h });
    expect(short.extFields).toMatchObject({ queueOffset: '1' });
  });

  it('chooses the queue when the header leaves it open', async () => {
    const broker = await startBroker({ random: () => 0.74 });
    const client = connectTo(broker.addr);
    const answer = await client.send({ queueId: -1 });
    expect(answer.extFields).toMatchObject({ queueId: '2' });
    expect(await stored(client, answer)).toMatchObject({ queueId: 2 });
  });

  it('caps the queues at those of the template', async () => {
    const client = connectTo((await startBroker({ config: { defaultTopicQueueNums: 2 } })).addr);
    expect((await client.send({ defaultTopicQueueNums: 16, queueId: 1 })).code).toBe(ResponseCode.SUCCESS);
    expect((await client.send({ queueId: 2 })).code).toBe(ResponseCode.SYSTEM_ERROR);
  });

  it.each([
    ['autoCreateTopicEnable=false', { autoCreateTopicEnable: false }, 'TBW102'],
    ['an unknown template', {}, 'NoSuchTemplate'],
    ['a template that does not lend itself', {}, 'SELF_TEST_TOPIC'],
  ])('refuses an unknown topic with %s', async (_why, config, defaultTopic) => {
    const client = connectTo((await startBroker({ config })).addr);
    const answer = await client.send({ topic: 'Unknown', defaultTopic });
    expect(answer).toMatchObject({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: `topic[Unknown] not exist, apply first please!${FAQ}`,
    });
    expect(answer.extFields).toEqual({ MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' });
  });

  it('refuses illegal and forbidden topics', async () => {
    const client = connectTo((await startBroker()).addr);
    const remarks = async (topic: string) => {
      const { code, remark } = await client.send({ topic });
      return { code, remark };
    };
    expect(await remarks(' ')).toEqual({ code: 1, remark: 'The specified topic is blank.' });
    expect(await remarks('a b')).toEqual({
      code: 1,
      remark: 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$',
    });
    expect(await remarks('x'.repeat(128))).toEqual({
      code: 1,
      remark: 'The specified topic is longer than topic max length.',
    });
    expect(await remarks('SCHEDULE_TOPIC_XXXX')).toEqual({
      code: ResponseCode.NO_PERMISSION,
      remark: 'Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.',
    });
  });

  it('refuses what is too large: body, properties', async () => {
    const broker = await startBroker({ config: { maxMessageSize: 1000 } });
    const client = connectTo(broker.addr);
    const illegal = {
      code: ResponseCode.MESSAGE_ILLEGAL,
      remark:
        'the message is illegal, maybe msg body or properties length not matched. msg body length limit 1000B, msg properties length limit 32KB.',
    };
    for (const attempt of [1, 2]) {
      // Twice: the first goes the ordinary way, because the topic is new.
      expect(await client.send({}, Buffer.alloc(1001)), `attempt ${attempt}`).toMatchObject(illegal);
      expect(await client.send({ properties: `k\x01${'v'.repeat(32_767)}` })).toMatchObject(illegal);
      expect(await client.send({ properties: `k\x01${'v'.repeat(200_000)}` })).toMatchObject(illegal);
    }
    expect((await client.send({}, Buffer.alloc(1000))).code).toBe(ResponseCode.SUCCESS);
  });

  it('takes messages for a topic that may not be written (only routes say so) and empty bodies', async () => {
    const client = connectTo((await startBroker()).addr);
    await createTopic(client, 'ReadOnly', { perm: 4 });
    const answer = await client.send({ topic: 'ReadOnly' }, '');
    expect(answer.code).toBe(ResponseCode.SUCCESS);
    expect((await stored(client, answer)).body.length).toBe(0);
  });

  it('takes queueIds up to the larger number of queues', async () => {
    const client = connectTo((await startBroker()).addr);
    await createTopic(client, 'Shrunk', { read: 8, write: 2 });
    expect((await client.send({ topic: 'Shrunk', queueId: 7 })).code).toBe(ResponseCode.SUCCESS);
    expect((await client.send({ topic: 'Shrunk', queueId: 8 })).code).toBe(ResponseCode.SYSTEM_ERROR);
  });

  it('says from when on it takes messages', async () => {
    const startAcceptSendRequestTimeStamp = new Date(2099, 0, 2, 3, 4, 5, 6).getTime();
    const client = connectTo((await startBroker({ config: { startAcceptSendRequestTimeStamp } })).addr);
    expect(await client.send()).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'broker unable to service, until 2099-01-02 03:04:05,006',
    });
  });

  it.each([4, 12])('refuses the sysFlag %i without TRAN_MSG instead of losing the message', async (sysFlag) => {
    const client = connectTo((await startBroker()).addr);
    await client.send();
    expect(await client.send({ sysFlag })).toMatchObject({
      code: ResponseCode.MESSAGE_ILLEGAL,
      remark: `the message is illegal: its sysFlag ${sysFlag} is that of a transaction, its property TRAN_MSG is not true`,
    });
  });

  it('takes what an old client left of a transaction in a message that comes back for an ordinary one', async () => {
    const client = connectTo((await startBroker()).addr);
    const fields = { topic: '%RETRY%G', reconsumeTimes: 1, properties: 'TRAN_MSG\x01true\x02DELAY\x011' };
    const answer = await client.send(fields);
    expect(await stored(client, answer)).toMatchObject({ topic: 'SCHEDULE_TOPIC_XXXX' });
  });

  it('refuses transactions by the rule of the configuration first', async () => {
    const client = connectTo((await startBroker({ config: { rejectTransactionMessage: true } })).addr);
    expect(await client.send({ properties: 'TRAN_MSG\x01true' })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the broker[127.0.0.1] sending transaction message is forbidden',
    });
  });

  it('creates retry topics and moves what came too often to the dead letter queue', async () => {
    const client = connectTo((await startBroker()).addr);
    const retry = { topic: '%RETRY%G', defaultTopic: 'NoTemplate', queueId: 0 };
    const again = await client.send({ ...retry, reconsumeTimes: 15 });
    expect(await stored(client, again)).toMatchObject({ topic: '%RETRY%G', reconsumeTimes: 15 });
    const dead = await client.send({ ...retry, reconsumeTimes: 16, properties: 'DELAY\x015' });
    expect(await stored(client, dead)).toMatchObject({ topic: '%DLQ%G', queueId: 0, reconsumeTimes: 16 });
    const early = await client.send({ ...retry, reconsumeTimes: 2, maxReconsumeTimes: 2 });
    expect(await stored(client, early)).toMatchObject({ topic: '%DLQ%G' });
  });

  it('refuses a retry of a group that does not exist', async () => {
    const client = connectTo((await startBroker({ config: { autoCreateSubscriptionGroup: false } })).addr);
    expect(await client.send({ topic: '%RETRY%G' })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      remark: `subscription group not exist, G ${FAQ}`,
    });
  });

  it('names a missing field and goes on serving the connection', async () => {
    const client = connectTo((await startBroker()).addr);
    const answer = await client.ask({ ...sendMessage, request: {} }, {}, Buffer.from('x'));
    expect(answer).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
    expect(answer.remark).toContain('producerGroup');
    expect((await client.send()).code).toBe(ResponseCode.SUCCESS);
  });

  it('does not answer one-way messages and stores them', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    await client.send();
    const connection = await client.remoting.connection(broker.addr);
    connection.oneway({
      code: sendMessage.code,
      flag: 0,
      opaque: 0,
      language: 'JAVA',
      version: 407,
      serializeType: 0,
      extFields: {
        producerGroup: 'P',
        topic: 'TopicTest',
        defaultTopic: 'TBW102',
        defaultTopicQueueNums: '4',
        queueId: '0',
        sysFlag: '0',
        bornTimestamp: '1',
        flag: '0',
      },
      body: Buffer.from('one-way'),
    });
    expect((await client.send()).extFields).toMatchObject({ queueOffset: '2' });
  });

  it('says the disk is full, keeps what it has, and takes messages again when there is room', async () => {
    let full = false;
    const disk: Disk = {
      ...nodeDisk,
      write(...args) {
        if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return nodeDisk.write(...args);
      },
    };
    const client = connectTo((await startBroker({ disk })).addr);
    expect((await client.send()).code).toBe(ResponseCode.SUCCESS);
    full = true;
    for (const topic of ['TopicTest', 'OtherTopic']) {
      const refused = await client.send({ topic });
      expect(refused.code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
      expect(refused.remark).toMatch(
        /^service not available now\. It may be caused by one of the following reasons: the broker's disk is full \[CL: +\d\.\d\d CQ: +\d\.\d\d INDEX: +\d\.\d\d\], messages are put to the slave, message store has been shut down, etc\.( It is this: the index cannot be written\.)?$/,
      );
    }
    full = false;
    // Where the index met the full disk as well, it tries again within a second.
    const stored = async () => expect((await client.send()).extFields).toMatchObject({ queueOffset: '1' });
    await vi.waitFor(stored, { timeout: 5000, interval: 50 });
  });

  it('refuses only order topics while the broker may not be written', async () => {
    const storeDir = temporaryDir();
    const order = { topicName: 'Ordered', readQueueNums: 4, writeQueueNums: 4, perm: 6, order: true };
    mkdirSync(join(storeDir, 'config'));
    const topics = { dataVersion: { counter: 1, timestamp: 1 }, topicConfigTable: { Ordered: order } };
    writeFileSync(join(storeDir, 'config/topics.json'), JSON.stringify(topics));
    const client = connectTo((await startBroker({ storeDir, config: { brokerPermission: 4 } })).addr);
    expect(await client.send({ topic: 'Ordered' })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the broker[127.0.0.1] sending message is forbidden',
    });
    expect((await client.send()).code).toBe(ResponseCode.SUCCESS);
  });

  it('answers codes that are not served with code 3', async () => {
    const client = connectTo((await startBroker()).addr);
    for (const code of [50, 999]) {
      expect(await client.ask({ ...litePullMessage, code, request: {} }, {})).toMatchObject({
        code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
        remark: ` request type ${code} not supported`,
      });
    }
  });
});
