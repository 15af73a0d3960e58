import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { decodeMessages } from '../../../../src/core/message/message-codec.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { litePullMessage } from '../../../../src/core/protocol/requests/lite-pull-message.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { updateAndCreateSubscriptiongroup } from '../../../../src/core/protocol/requests/update-and-create-subscriptiongroup.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import type { RemotingCommand } from '../../../../src/core/remoting/remoting-command.ts';
import {
  COMMIT_OFFSET,
  consumerData,
  heartbeat,
  type PullHeader,
  pullHeader,
  SUBSCRIPTION,
  SUSPEND,
} from '../pull-fields.ts';
import { connectTo, startBroker, type TestBrokerOptions, type TestClient, temporaryDir } from '../test-broker.ts';

const FAQ = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

const pull = (client: TestClient, fields: Partial<PullHeader> = {}) => client.ask(pullMessage, pullHeader(fields));
const bodies = (answer: RemotingCommand) =>
  answer.body === undefined ? [] : decodeMessages(answer.body).map(({ body }) => body.toString());

/** A broker with TopicTest, and `texts` in its queue 0. */
async function brokerWith(texts: string[], options: TestBrokerOptions = {}) {
  const broker = await startBroker(options);
  const client = connectTo(broker.addr);
  await client.send({ queueId: 1 }, 'another queue');
  for (const text of texts) await client.send({ properties: `TAGS\x01${text}` }, text);
  return { broker, client };
}

describe('PULL_MESSAGE', () => {
  it('hands out messages from the offset on, as many as asked for', async () => {
    const { client } = await brokerWith(['a', 'b', 'c']);
    const answer = await pull(client, { queueOffset: 1, maxMsgNums: 1 });
    expect(answer).toMatchObject({ code: ResponseCode.SUCCESS, remark: 'FOUND' });
    expect(answer.extFields).toEqual({
      suggestWhichBrokerId: '0',
      nextBeginOffset: '2',
      minOffset: '0',
      maxOffset: '3',
    });
    expect(bodies(answer)).toEqual(['b']);
    expect(bodies(await client.ask(litePullMessage, pullHeader()))).toEqual(['a', 'b', 'c']);
  });

  it('leaves out what is damaged on the disk, and leads on when nothing else is there', async () => {
    const storeDir = temporaryDir();
    const { broker } = await brokerWith(['aaaa', 'bbbb', 'cccc'], { storeDir });
    await broker.stop();
    const path = join(storeDir, 'commitlog', '0'.repeat(20));
    const damage = (text: string): void => {
      const fd = openSync(path, 'r+');
      writeSync(fd, 'X', readFileSync(path).indexOf(text));
      closeSync(fd);
    };
    damage('bbbb');
    const second = await startBroker({ storeDir });
    const client = connectTo(second.addr);
    expect(bodies(await pull(client))).toEqual(['aaaa', 'cccc']);
    const answer = await pull(client, { queueOffset: 1, maxMsgNums: 1 });
    expect(answer).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY, remark: 'NO_MATCHED_MESSAGE' });
    expect(answer.extFields).toMatchObject({ nextBeginOffset: '2', maxOffset: '3' });
    expect(bodies(await pull(client, { queueOffset: 2 }))).toEqual(['cccc']);
  });

  it('answers each state of a queue with its code, remark and next offset', async () => {
    const { client } = await brokerWith(['a', 'b']);
    const state = async (fields: Partial<PullHeader>) => {
      const { code, remark, extFields } = await pull(client, fields);
      return [code, remark, Number(extFields?.nextBeginOffset)];
    };
    expect(await state({ queueId: 3 })).toEqual([19, 'NO_MATCHED_LOGIC_QUEUE', 0]);
    expect(await state({ queueId: 3, queueOffset: 5 })).toEqual([21, 'NO_MATCHED_LOGIC_QUEUE', 0]);
    expect(await state({ queueOffset: 2 })).toEqual([19, 'OFFSET_OVERFLOW_ONE', 2]);
    expect(await state({ queueOffset: 9 })).toEqual([21, 'OFFSET_OVERFLOW_BADLY', 2]);
    expect(await state({ queueOffset: -1 })).toEqual([21, 'OFFSET_TOO_SMALL', 0]);
    expect(await state({ subscription: 'x' })).toEqual([20, 'NO_MATCHED_MESSAGE', 2]);
  });

  it('tells OFFSET_MOVED_EVENT where it sent a consumer', async () => {
    const { client } = await brokerWith(['a']);
    await pull(client, { queueOffset: 9 });
    const events = await pull(client, { topic: 'OFFSET_MOVED_EVENT', consumerGroup: 'Watcher' });
    expect(bodies(events).map((text) => JSON.parse(text))).toEqual([
      {
        consumerGroup: 'G',
        messageQueue: { brokerName: 'broker-a', queueId: 0, topic: 'TopicTest' },
        offsetNew: 1,
        offsetRequest: 9,
      },
    ]);
  });

  it('filters by tags', async () => {
    const { client } = await brokerWith(['a', 'b', 'c', 'b']);
    const answer = await pull(client, { subscription: 'b || c' });
    expect(bodies(answer)).toEqual(['b', 'c', 'b']);
    expect(answer.extFields).toMatchObject({ nextBeginOffset: '4' });
  });

  it('uses the subscription of the heartbeat when the request brings none', async () => {
    const { client } = await brokerWith(['a', 'b']);
    expect(await pull(client, { sysFlag: 0 })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
      remark: `the consumer's group info not exist${FAQ}`,
    });
    const subscriptionDataSet = [
      {
        topic: 'TopicTest',
        subString: 'b',
        expressionType: 'TAG',
        subVersion: 5,
        tagsSet: ['b'],
        codeSet: [98],
        classFilterMode: false,
      },
    ];
    await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [consumerData({ subscriptionDataSet })] }));
    expect(bodies(await pull(client, { sysFlag: 0, subVersion: 5 }))).toEqual(['b']);
    expect(await pull(client, { sysFlag: 0, subVersion: 6 })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_LATEST,
      remark: "the consumer's subscription not latest",
    });
    expect(await pull(client, { sysFlag: 0, topic: 'SELF_TEST_TOPIC' })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_EXIST,
      remark: `the consumer's subscription not exist${FAQ}`,
    });
  });

  it('refuses what the topic does not allow', async () => {
    const { client } = await brokerWith([]);
    const setUp = {
      defaultTopic: 'TBW102',
      readQueueNums: 1,
      writeQueueNums: 1,
      topicFilterType: 'SINGLE_TAG',
      order: false,
    };
    await client.ask(updateAndCreateTopic, { topic: 'WriteOnly', perm: 2, ...setUp });
    expect(await pull(client, { topic: 'Unknown' })).toMatchObject({
      code: ResponseCode.TOPIC_NOT_EXIST,
      remark: `topic[Unknown] not exist, apply first please! ${FAQ}`,
    });
    expect(await pull(client, { topic: 'WriteOnly' })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the topic[WriteOnly] pulling message is forbidden',
    });
    for (const queueId of [-1, 4]) {
      const answer = await pull(client, { queueId });
      expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
      expect(answer.remark).toMatch(
        new RegExp(
          `^queueId\\[${queueId}\\] is illegal, topic:\\[TopicTest\\] topicConfig\\.readQueueNums:\\[4\\] consumer:\\[/127\\.0\\.0\\.1:\\d+\\]$`,
        ),
      );
    }
  });

  it('refuses what the group does not allow', async () => {
    const { client } = await brokerWith([], { config: { autoCreateSubscriptionGroup: false } });
    expect(await pull(client)).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      remark: `subscription group [G] does not exist, ${FAQ}`,
    });
    const update = (settings: object) =>
      client.ask(updateAndCreateSubscriptiongroup, {}, Buffer.from(JSON.stringify({ groupName: 'G', ...settings })));
    await update({ consumeEnable: false });
    expect(await pull(client)).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'subscription group no permission, G',
    });
    await update({ consumeBroadcastEnable: false });
    await client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [consumerData({ messageModel: 'BROADCASTING' })] }));
    expect(await pull(client, { sysFlag: 0 })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the consumer group[G] can not consume by broadcast way',
    });
  });

  it('refuses everything while the broker may not be read', async () => {
    const { client } = await brokerWith(['a'], { config: { brokerPermission: 2 } });
    expect(await pull(client)).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the broker[127.0.0.1] pulling message is forbidden',
    });
  });

  it('refuses expressions it cannot filter by', async () => {
    const { client } = await brokerWith(['a']);
    expect(await pull(client, { subscription: 'a > 1', expressionType: 'SQL92' })).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'The broker does not support consumer to filter message by SQL92',
    });
    expect(await pull(client, { subscription: '||' })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_PARSE_FAILED,
      remark: "parse the consumer's subscription failed",
    });
  });

  it('commits the offset the request brings, also when it is held', async () => {
    const { client } = await brokerWith(['a', 'b']);
    const committed = async () =>
      (await client.ask(queryConsumerOffset, { consumerGroup: 'G', topic: 'TopicTest', queueId: 0 })).extFields;
    await pull(client, { sysFlag: SUBSCRIPTION | COMMIT_OFFSET, commitOffset: 1 });
    expect(await committed()).toEqual({ offset: '1' });
    const held = pull(client, { sysFlag: SUBSCRIPTION | COMMIT_OFFSET | SUSPEND, commitOffset: 2, queueOffset: 2 });
    expect(await committed()).toEqual({ offset: '2' });
    await client.send();
    await held;
  });
});

describe('long polling', () => {
  const holding = { sysFlag: SUBSCRIPTION | SUSPEND };

  it('answers a held request as soon as a message comes', async () => {
    // Without repeating timers there is no scan: only the message itself can wake the request.
    const clock = { ...systemClock, every: () => ({ cancel() {} }) };
    const { client } = await brokerWith(['a'], { clock });
    const held = pull(client, { ...holding, queueOffset: 1 });
    await client.send({}, 'b');
    const answer = await held;
    expect(answer).toMatchObject({ code: ResponseCode.SUCCESS, remark: 'FOUND' });
    expect(bodies(answer)).toEqual(['b']);
  });

  it('holds a request for a queue that never had a message', async () => {
    const { client } = await brokerWith([]);
    const held = pull(client, { ...holding, queueId: 2 });
    await client.send({ queueId: 2 }, 'first');
    expect(bodies(await held)).toEqual(['first']);
  });

  it('is not woken by messages its filter does not let through', async () => {
    const { client } = await brokerWith([]);
    const held = pull(client, { ...holding, subscription: 'wanted' });
    await client.send({ properties: 'TAGS\x01other' }, 'other');
    await client.send({ properties: 'TAGS\x01wanted' }, 'wanted');
    const answer = await held;
    expect(bodies(answer)).toEqual(['wanted']);
    expect(answer.extFields).toMatchObject({ nextBeginOffset: '2' });
  });

  it('answers 19 when the hold time has passed', async () => {
    const { client } = await brokerWith(['a'], { config: { longPollingEnable: false, shortPollingTimeMills: 50 } });
    const answer = await pull(client, { ...holding, queueOffset: 1 });
    expect(answer).toMatchObject({ code: ResponseCode.PULL_NOT_FOUND, remark: 'OFFSET_OVERFLOW_ONE' });
    expect(answer.extFields).toMatchObject({ nextBeginOffset: '1', maxOffset: '1' });
  });

  it('refuses more held requests than it may have', async () => {
    const { client } = await brokerWith(['a'], { config: { pullThreadPoolQueueCapacity: 1 } });
    const held = pull(client, { ...holding, queueOffset: 1 });
    expect(await pull(client, { ...holding, queueOffset: 1 })).toMatchObject({
      code: ResponseCode.SYSTEM_BUSY,
      remark: '[OVERLOAD]system busy, start flow control for a while',
    });
    await client.send({}, 'b');
    expect(bodies(await held)).toEqual(['b']);
  });

  it('goes on when the connection of a held request is gone', async () => {
    const { broker, client } = await brokerWith(['a']);
    const leaver = connectTo(broker.addr);
    const held = pull(leaver, { ...holding, queueOffset: 1 });
    await client.ask(queryConsumerOffset, { consumerGroup: 'G', topic: 'TopicTest', queueId: 0 });
    leaver.remoting.close(broker.addr);
    await expect(held).rejects.toMatchObject({ code: 'CONNECT' });
    expect((await client.send({}, 'b')).code).toBe(ResponseCode.SUCCESS);
    expect(bodies(await pull(client))).toEqual(['a', 'b']);
  });
});
