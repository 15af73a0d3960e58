import { describe, expect, it } from 'vitest';
import type { MessageExt } from '../../../../src/core/message/message.ts';
import { decodeMessages } from '../../../../src/core/message/message-codec.ts';
import {
  defaultSubscriptionGroupConfig,
  encodeSubscriptionGroupConfig,
} from '../../../../src/core/protocol/bodies/subscription-group.ts';
import { consumerSendMsgBack } from '../../../../src/core/protocol/requests/consumer-send-msg-back.ts';
import { getTopicConfig } from '../../../../src/core/protocol/requests/get-topic-config.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { updateAndCreateSubscriptiongroup } from '../../../../src/core/protocol/requests/update-and-create-subscriptiongroup.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import type { RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import { HeldClock } from '../held-clock.ts';
import { pullHeader, SUBSCRIPTION } from '../pull-fields.ts';
import { connectTo, startBroker, type TestClient } from '../test-broker.ts';

const RETRY = '%RETRY%G';
const DLQ = '%DLQ%G';

async function messagesOf(client: TestClient, topic: string, queueId = 0): Promise<MessageExt[]> {
  const { body } = await client.ask(
    pullMessage,
    pullHeader({ topic, queueId, sysFlag: SUBSCRIPTION, consumerGroup: 'TOOLS_CONSUMER' }),
  );
  return decodeMessages(body ?? Buffer.alloc(0));
}

async function sent(client: TestClient): Promise<MessageExt> {
  await client.send();
  const message = (await messagesOf(client, 'TopicTest')).at(-1);
  if (message === undefined) throw new Error('the message is not there');
  return message;
}

function giveBack(
  client: TestClient,
  message: MessageExt,
  fields: Partial<RequestHeaderOf<typeof consumerSendMsgBack>> = {},
) {
  const header = { offset: message.commitLogOffset, group: 'G', delayLevel: 0, originMsgId: message.msgId, ...fields };
  return client.ask(consumerSendMsgBack, header);
}

describe('CONSUMER_SEND_MSG_BACK', () => {
  it('has the message delivered to its group again after the delay of its first retry', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    const message = await sent(client);
    expect(await giveBack(client, message)).toMatchObject({ code: ResponseCode.SUCCESS });
    clock.advance(9999);
    expect(await messagesOf(client, RETRY)).toEqual([]);
    clock.advance(1);
    let again: MessageExt[] = [];
    while (again.length === 0) again = await messagesOf(client, RETRY);
    expect(again).toMatchObject([
      {
        body: message.body,
        bornTimestamp: message.bornTimestamp,
        reconsumeTimes: 1,
        msgId: message.msgId,
        properties: {
          TAGS: 'TagA',
          RETRY_TOPIC: 'TopicTest',
          ORIGIN_MESSAGE_ID: message.offsetMsgId,
          DELAY: '3',
          WAIT: 'false',
          REAL_TOPIC: RETRY,
        },
      },
    ]);
  });

  it('waits longer with every retry, and keeps where the message came from', async () => {
    const client = connectTo((await startBroker({ clock: new HeldClock() })).addr);
    const message = await sent(client);
    await giveBack(client, message);
    const [first] = await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 2);
    if (first === undefined) throw new Error('the message does not wait');
    await giveBack(client, first);
    expect(await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 3)).toMatchObject([
      {
        reconsumeTimes: 2,
        properties: { RETRY_TOPIC: 'TopicTest', ORIGIN_MESSAGE_ID: message.offsetMsgId, DELAY: '4' },
      },
    ]);
  });

  it('takes the delay the consumer wants', async () => {
    const client = connectTo((await startBroker({ clock: new HeldClock() })).addr);
    await giveBack(client, await sent(client), { delayLevel: 5 });
    expect(await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 4)).toHaveLength(1);
  });

  it.each([
    ['is not wanted again', { delayLevel: -1 }],
    ['came back as often as the consumer allows', { maxReconsumeTimes: 0 }],
  ])('puts a message that %s into the dead letter queue, at once', async (_what, fields) => {
    const client = connectTo((await startBroker()).addr);
    const message = await sent(client);
    expect(await giveBack(client, message, fields)).toMatchObject({ code: ResponseCode.SUCCESS });
    expect(await messagesOf(client, DLQ)).toMatchObject([
      { reconsumeTimes: 1, msgId: message.msgId, properties: { RETRY_TOPIC: 'TopicTest', DELAY: '0' } },
    ]);
    const { body } = await client.ask(getTopicConfig, { topic: DLQ });
    expect(JSON.parse(String(body))).toMatchObject({ readQueueNums: 1, writeQueueNums: 1, perm: 6 });
  });

  it('keeps to the group’s own limit when the consumer names none', async () => {
    const client = connectTo((await startBroker()).addr);
    const message = await sent(client);
    const group = { ...defaultSubscriptionGroupConfig('G'), retryMaxTimes: 0 };
    await client.ask(updateAndCreateSubscriptiongroup, {}, encodeSubscriptionGroupConfig(group));
    await giveBack(client, message);
    expect(await messagesOf(client, DLQ)).toHaveLength(1);
  });

  it('does nothing for a group without retry queues', async () => {
    const client = connectTo((await startBroker()).addr);
    const message = await sent(client);
    const group = { ...defaultSubscriptionGroupConfig('G'), retryQueueNums: 0 };
    await client.ask(updateAndCreateSubscriptiongroup, {}, encodeSubscriptionGroupConfig(group));
    expect(await giveBack(client, message)).toMatchObject({ code: ResponseCode.SUCCESS });
    expect(await messagesOf(client, DLQ)).toEqual([]);
    expect(await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 2)).toEqual([]);
  });

  it.each([-1, 7, 1_000_000_000])('says that there is no message at %d', async (offset) => {
    const client = connectTo((await startBroker()).addr);
    expect(await giveBack(client, await sent(client), { offset })).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: `look message by offset failed, ${offset}`,
    });
  });

  it('refuses an unknown group, a broker without permission to write and such a retry topic', async () => {
    const client = connectTo((await startBroker({ config: { autoCreateSubscriptionGroup: false } })).addr);
    const message = await sent(client);
    expect(await giveBack(client, message)).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
      remark: expect.stringContaining('subscription group not exist, G '),
    });
    const topic = { defaultTopic: 'TBW102', readQueueNums: 1, writeQueueNums: 1, topicFilterType: 'SINGLE_TAG' };
    await client.ask(updateAndCreateTopic, { ...topic, topic: '%RETRY%TOOLS_CONSUMER', perm: 4, order: false });
    expect(await giveBack(client, message, { group: 'TOOLS_CONSUMER' })).toMatchObject({
      code: ResponseCode.NO_PERMISSION,
      remark: 'the topic[%RETRY%TOOLS_CONSUMER] sending message is forbidden',
    });
  });
});
