import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeCheckClientRequestBody } from '../../../../src/core/protocol/bodies/check-client-config.ts';
import { decodeConsumerConnection } from '../../../../src/core/protocol/bodies/consumer-connection.ts';
import { decodeConsumerList } from '../../../../src/core/protocol/bodies/consumer-list.ts';
import { decodeGroupList } from '../../../../src/core/protocol/bodies/group-list.ts';
import {
  decodeLockBatchResponseBody,
  encodeLockBatchRequestBody,
} from '../../../../src/core/protocol/bodies/lock-batch.ts';
import { decodeProducerConnection } from '../../../../src/core/protocol/bodies/producer-connection.ts';
import { checkClientConfig } from '../../../../src/core/protocol/requests/check-client-config.ts';
import { getAllProducerInfo } from '../../../../src/core/protocol/requests/get-all-producer-info.ts';
import { getConsumerConnectionList } from '../../../../src/core/protocol/requests/get-consumer-connection-list.ts';
import { getConsumerListByGroup } from '../../../../src/core/protocol/requests/get-consumer-list-by-group.ts';
import { getProducerConnectionList } from '../../../../src/core/protocol/requests/get-producer-connection-list.ts';
import { getTopicConfig } from '../../../../src/core/protocol/requests/get-topic-config.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { lockBatchMq } from '../../../../src/core/protocol/requests/lock-batch-mq.ts';
import { notifyConsumerIdsChanged } from '../../../../src/core/protocol/requests/notify-consumer-ids-changed.ts';
import { querySubscriptionByConsumer } from '../../../../src/core/protocol/requests/query-subscription-by-consumer.ts';
import { queryTopicConsumeByWho } from '../../../../src/core/protocol/requests/query-topic-consume-by-who.ts';
import { unlockBatchMq } from '../../../../src/core/protocol/requests/unlock-batch-mq.ts';
import { unregisterClient } from '../../../../src/core/protocol/requests/unregister-client.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { ProcessorTable } from '../../../../src/core/remoting/processor-table.ts';
import { consumerData, heartbeat, subscriptionData } from '../pull-fields.ts';
import { connectTo, startBroker, until } from '../test-broker.ts';

/** A client that writes down the groups it is told of. */
function consumerOf(addr: string) {
  const notices: string[] = [];
  const table = new ProcessorTable<unknown>(undefined, silentLogger).register(
    notifyConsumerIdsChanged,
    (_, { header }) => {
      notices.push(header.consumerGroup);
      return undefined;
    },
  );
  return { ...connectTo(addr, table), notices };
}

const memberIds = async (client: ReturnType<typeof connectTo>, consumerGroup = 'G') => {
  const answer = await client.ask(getConsumerListByGroup, { consumerGroup });
  return answer.code === ResponseCode.SUCCESS ? decodeConsumerList(answer.body).consumerIdList : answer.remark;
};

describe('HEART_BEAT', () => {
  it('makes a member, creates the retry topic and tells every member of a change', async () => {
    const broker = await startBroker();
    const [first, second] = [consumerOf(broker.addr), consumerOf(broker.addr)];
    expect(await memberIds(first)).toBe('no consumer for this group, G');
    await first.ask(heartBeat, {}, heartbeat());
    await until(() => first.notices.length === 1);
    await second.ask(heartBeat, {}, heartbeat({ clientID: 'client-2' }));
    await until(() => first.notices.length === 2 && second.notices.length === 1);
    expect(first.notices).toEqual(['G', 'G']);
    expect(await memberIds(first)).toEqual(['client-1', 'client-2']);
    expect((await first.ask(getTopicConfig, { topic: '%RETRY%G' })).code).toBe(ResponseCode.SUCCESS);
    // The same again is no change; a request behind it shows that nothing came before its answer.
    await first.ask(heartBeat, {}, heartbeat());
    await memberIds(first);
    expect(first.notices.length).toBe(2);
    await first.ask(
      heartBeat,
      {},
      heartbeat({
        consumerDataSet: [consumerData({ subscriptionDataSet: [subscriptionData(), subscriptionData('Other')] })],
      }),
    );
    await until(() => first.notices.length === 3 && second.notices.length === 2);
  });

  it('tells the members that stay when one leaves, by request or by its connection', async () => {
    const broker = await startBroker();
    const [first, second, third] = [consumerOf(broker.addr), consumerOf(broker.addr), consumerOf(broker.addr)];
    for (const [i, client] of [first, second, third].entries()) {
      await client.ask(heartBeat, {}, heartbeat({ clientID: `client-${i}` }));
    }
    await until(() => first.notices.length === 3);
    await second.ask(unregisterClient, { clientID: 'client-1', consumerGroup: 'G' });
    await until(() => first.notices.length === 4);
    expect(await memberIds(first)).toEqual(['client-0', 'client-2']);
    third.remoting.close(broker.addr);
    await until(() => first.notices.length === 5);
    expect(await memberIds(first)).toEqual(['client-0']);
  });

  it('tells nobody when the configuration says so', async () => {
    const broker = await startBroker({ config: { notifyConsumerIdsChangedEnable: false } });
    const client = consumerOf(broker.addr);
    await client.ask(heartBeat, {}, heartbeat());
    await memberIds(client);
    expect(client.notices).toEqual([]);
  });

  it('refuses a body it cannot read, with a sentence', async () => {
    const client = connectTo((await startBroker()).addr);
    const answer = await client.ask(heartBeat, {}, Buffer.from('{'));
    expect(answer).toMatchObject({ code: ResponseCode.SYSTEM_ERROR, remark: 'PocketError: the body is no heartbeat' });
  });
});

describe('connection lists', () => {
  it('show consumers with what they subscribe to', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(getConsumerConnectionList, { consumerGroup: 'G' })).toMatchObject({
      code: ResponseCode.CONSUMER_NOT_ONLINE,
      remark: 'the consumer group[G] not online',
    });
    await client.ask(heartBeat, {}, heartbeat());
    const { body } = await client.ask(getConsumerConnectionList, { consumerGroup: 'G' });
    expect(decodeConsumerConnection(body)).toMatchObject({
      connectionSet: [
        {
          clientId: 'client-1',
          clientAddr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
          language: 'OTHER',
          version: 407,
        },
      ],
      subscriptionTable: { TopicTest: subscriptionData() },
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    const groups = decodeGroupList((await client.ask(queryTopicConsumeByWho, { topic: 'TopicTest' })).body);
    expect(groups).toEqual({ groupList: ['G'] });
    const subscription = await client.ask(querySubscriptionByConsumer, { group: 'G', topic: 'TopicTest' });
    expect(JSON.parse(String(subscription.body))).toMatchObject({
      group: 'G',
      topic: 'TopicTest',
      subscriptionData: { subString: '*' },
    });
  });

  it('show producers', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.ask(getProducerConnectionList, { producerGroup: 'P' })).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'the producer group[P] not exist',
    });
    const producers = { consumerDataSet: [], producerDataSet: [{ groupName: 'P' }, { groupName: 'Q' }] };
    await client.ask(heartBeat, {}, heartbeat(producers));
    const { body } = await client.ask(getProducerConnectionList, { producerGroup: 'P' });
    expect(decodeProducerConnection(body).connectionSet).toMatchObject([{ clientId: 'client-1', version: 407 }]);
    const all = JSON.parse(String((await client.ask(getAllProducerInfo, {})).body)) as { data: object };
    expect(Object.keys(all.data)).toEqual(['P', 'Q']);
    expect(all.data).toMatchObject({
      P: [{ clientId: 'client-1', language: 'OTHER', remoteIP: expect.stringMatching(/^\/127/), version: 407 }],
    });
    await client.ask(unregisterClient, { clientID: 'client-1', producerGroup: 'P' });
    expect((await client.ask(getProducerConnectionList, { producerGroup: 'P' })).code).toBe(ResponseCode.SYSTEM_ERROR);
  });
});

describe('queue locks', () => {
  it('go to one client at a time', async () => {
    const client = connectTo((await startBroker()).addr);
    const queue = (queueId: number) => ({ topic: 'TopicTest', brokerName: 'broker-a', queueId });
    const body = (clientId: string, ...queueIds: number[]) =>
      encodeLockBatchRequestBody({ consumerGroup: 'G', clientId, mqSet: queueIds.map(queue) });
    const lock = async (clientId: string, ...queueIds: number[]) =>
      decodeLockBatchResponseBody(
        (await client.ask(lockBatchMq, {}, body(clientId, ...queueIds))).body,
      ).lockOKMQSet.map(({ queueId }) => queueId);
    expect(await lock('one', 0, 1)).toEqual([0, 1]);
    expect(await lock('two', 0, 1, 2)).toEqual([2]);
    await client.ask(unlockBatchMq, {}, body('two', 0));
    await client.ask(unlockBatchMq, {}, body('one', 1));
    expect(await lock('two', 0, 1)).toEqual([1]);
  });
});

describe('CHECK_CLIENT_CONFIG', () => {
  it('takes tags and refuses SQL92', async () => {
    const client = connectTo((await startBroker()).addr);
    const ask = (expressionType: string) => {
      const body = { clientId: 'c', group: 'G', subscriptionData: { ...subscriptionData(), expressionType } };
      return client.ask(checkClientConfig, {}, encodeCheckClientRequestBody(body));
    };
    expect((await ask('TAG')).code).toBe(ResponseCode.SUCCESS);
    expect(await ask('SQL92')).toMatchObject({
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'The broker does not support consumer to filter message by SQL92',
    });
  });
});
