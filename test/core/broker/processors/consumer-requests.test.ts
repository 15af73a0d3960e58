/** What a broker passes on to the members of a group: 307, 309, 222 and 223. */
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { decodeMessages } from '../../../../src/core/message/message-codec.ts';
import { decodeConsumerStatus, encodeConsumerStatus } from '../../../../src/core/protocol/bodies/consumer-status.ts';
import { decodeResetOffset } from '../../../../src/core/protocol/bodies/reset-offset.ts';
import { consumeMessageDirectly } from '../../../../src/core/protocol/requests/consume-message-directly.ts';
import { getConsumerRunningInfo } from '../../../../src/core/protocol/requests/get-consumer-running-info.ts';
import { getConsumerStatusFromClient } from '../../../../src/core/protocol/requests/get-consumer-status-from-client.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { invokeBrokerToGetConsumerStatus } from '../../../../src/core/protocol/requests/invoke-broker-to-get-consumer-status.ts';
import { invokeBrokerToResetOffset } from '../../../../src/core/protocol/requests/invoke-broker-to-reset-offset.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { resetConsumerClientOffset } from '../../../../src/core/protocol/requests/reset-consumer-client-offset.ts';
import { updateConsumerOffset } from '../../../../src/core/protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../../../src/core/protocol/response-code.ts';
import { ProcessorTable, SUSPENDED } from '../../../../src/core/remoting/processor-table.ts';
import { createRequest } from '../../../../src/core/remoting/remoting-command.ts';
import { ReplyError } from '../../../../src/core/remoting/reply-error.ts';
import { HeldClock } from '../held-clock.ts';
import { heartbeat } from '../pull-fields.ts';
import { connectTo, startBroker, until } from '../test-broker.ts';

type Table = ProcessorTable<unknown>;

/** A member of the group G. `serve` says what it answers. */
async function member(
  addr: string,
  clientID: string,
  serve: (table: Table) => void,
  language?: string,
  version?: number,
) {
  const table = new ProcessorTable<unknown>(undefined, silentLogger);
  serve(table);
  const client = connectTo(addr, table);
  const hello = createRequest(heartBeat, {}, heartbeat({ clientID }));
  if (language !== undefined) hello.language = language;
  if (version !== undefined) hello.version = version;
  await client.remoting.invoke(addr, hello, 5000);
  return client;
}

const running = { consumerGroup: 'G', clientId: 'client-1' };

describe('GET_CONSUMER_RUNNING_INFO', () => {
  it('goes to the member named and its answer comes back as it is', async () => {
    const { addr } = await startBroker();
    const asked: unknown[] = [];
    await member(addr, 'client-1', (table) => {
      table.register(getConsumerRunningInfo, (_, { header }) => {
        asked.push(header);
        return { code: 0, remark: 'as it is', body: Buffer.from('{"jstack":"…"}') };
      });
    });
    await member(addr, 'client-2', () => {});
    const admin = connectTo(addr);
    const answer = await admin.ask(getConsumerRunningInfo, { ...running, jstackEnable: true });
    expect(answer).toMatchObject({ code: 0, remark: 'as it is', body: Buffer.from('{"jstack":"…"}') });
    expect(asked).toEqual([{ ...running, jstackEnable: true }]);
  });

  it('says what is wrong: nobody there, too old, an error of the member', async () => {
    const { addr } = await startBroker();
    const admin = connectTo(addr);
    const ask = (clientId = 'client-1') => admin.ask(getConsumerRunningInfo, { ...running, clientId });
    const offline = { code: ResponseCode.SYSTEM_ERROR, remark: 'The Consumer <G> <client-1> not online' };
    expect(await ask()).toMatchObject(offline);
    await member(addr, 'old', () => {}, undefined, 10);
    const version = /^The Consumer <old> Version <\w+> too low to finish, please upgrade it to V3_1_8_SNAPSHOT$/;
    expect(await ask('old')).toMatchObject({ code: 1, remark: expect.stringMatching(version) });
    await member(addr, 'client-1', (table) => {
      table.register(getConsumerRunningInfo, () => {
        throw new ReplyError(1, 'The Consumer Group <G> not exist in this consumer');
      });
    });
    expect(await ask()).toMatchObject({ code: 1, remark: 'The Consumer Group <G> not exist in this consumer' });
  });

  it('is 207 when the member does not answer, 1 when it leaves meanwhile', async () => {
    const clock = new HeldClock();
    const { addr } = await startBroker({ clock });
    let asked = 0;
    const client = await member(addr, 'client-1', (table) => {
      table.register(getConsumerRunningInfo, () => {
        asked++;
        return SUSPENDED;
      });
    });
    const admin = connectTo(addr);
    const late = admin.ask(getConsumerRunningInfo, running);
    await until(() => asked === 1);
    clock.advance(10_000);
    const timeout =
      /^consumer <G> <client-1> Timeout: wait response on the channel <127\.0\.0\.1:\d+> timeout, 10000\(ms\)$/;
    expect(await late).toMatchObject({ code: 207, remark: expect.stringMatching(timeout) });
    const lost = admin.ask(getConsumerRunningInfo, running);
    await until(() => asked === 2);
    client.remoting.close(addr);
    expect(await lost).toMatchObject({ code: 1, remark: expect.stringMatching(/^invoke consumer <G> <client-1> Exc/) });
  });
});

describe('CONSUME_MESSAGE_DIRECTLY', () => {
  it('brings the member the record and the name of the broker', async () => {
    const { addr } = await startBroker();
    const seen: unknown[] = [];
    await member(addr, 'client-1', (table) => {
      table.register(consumeMessageDirectly, (_, { header, body }) => {
        const [message] = decodeMessages(body ?? Buffer.alloc(0));
        seen.push([header.brokerName, message?.topic, String(message?.body)]);
        return { code: 0, body: Buffer.from('{}') };
      });
    });
    const admin = connectTo(addr);
    const sent = await admin.send({}, 'the body');
    const msgId = sent.extFields?.msgId ?? '';
    const ask = (fields: object) => admin.ask(consumeMessageDirectly, { ...running, msgId, ...fields });
    expect(await ask({})).toMatchObject({ code: 0, body: Buffer.from('{}') });
    expect(seen).toEqual([['broker-a', 'TopicTest', 'the body']]);
    expect(await ask({ msgId: 'no id' })).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
    const beyond = `${msgId.slice(0, 16)}${'00000000000FFFFF'}`;
    expect(await ask({ msgId: beyond })).toMatchObject({ remark: 'can not find message by the offset, 1048575' });
    expect(await ask({ clientId: 'x' })).toMatchObject({ remark: 'The Consumer <G> <x> not online' });
    expect(seen).toHaveLength(1);
  });
});

describe('INVOKE_BROKER_TO_RESET_OFFSET', () => {
  const reset = { topic: 'TopicTest', group: 'G', timestamp: -1, isForce: true };

  async function withMessages(queues = 4) {
    const { addr } = await startBroker();
    const admin = connectTo(addr);
    for (let queueId = 0; queueId < queues; queueId++) {
      for (let i = 0; i < 3; i++) await admin.send({ queueId });
      await commit(queueId, 1);
    }
    async function commit(queueId: number, commitOffset: number): Promise<void> {
      await admin.ask(updateConsumerOffset, { consumerGroup: 'G', topic: 'TopicTest', queueId, commitOffset });
    }
    return { addr, admin, commit };
  }

  /** A member that writes down the offsets it is sent to. */
  async function resettable(addr: string, clientID: string, language?: string) {
    const bodies: string[] = [];
    await member(
      addr,
      clientID,
      (table) => {
        table.register(resetConsumerClientOffset, (_, { body }) => {
          bodies.push(String(body));
          return undefined;
        });
      },
      language,
    );
    return bodies;
  }

  const offsets = (body: Buffer | undefined) =>
    decodeResetOffset(body).map(({ mq, offset }) => [mq.topic, mq.brokerName, mq.queueId, offset]);
  const ends = [0, 1, 2, 3].map((queueId) => ['TopicTest', 'broker-a', queueId, 3]);

  it('tells every member in the form it can read, answers the same, and leaves the stored offsets', async () => {
    const { addr, admin } = await withMessages();
    const [java, go, cpp] = [
      await resettable(addr, 'java', 'JAVA'),
      await resettable(addr, 'go', 'GO'),
      await resettable(addr, 'cpp', 'CPP'),
    ];
    const answer = await admin.ask(invokeBrokerToResetOffset, reset);
    expect(offsets(answer.body)).toEqual(ends);
    await until(() => java.length + go.length + cpp.length === 3);
    expect(java[0]).toBe(String(answer.body));
    expect(go).toEqual(java);
    expect(JSON.parse(cpp[0] ?? '')).toEqual({
      offsetTable: [0, 1, 2, 3].map((queueId) => ({ brokerName: 'broker-a', offset: 3, queueId, topic: 'TopicTest' })),
    });
    expect(offsets(Buffer.from(cpp[0] ?? ''))).toEqual(ends);
    const stored = await admin.ask(queryConsumerOffset, { consumerGroup: 'G', topic: 'TopicTest', queueId: 0 });
    expect(stored.extFields?.offset).toBe('1');
  });

  it('speaks the C form to all when the request comes from C++', async () => {
    const { addr, admin } = await withMessages();
    const java = await resettable(addr, 'java', 'JAVA');
    const request = { ...createRequest(invokeBrokerToResetOffset, reset), language: 'CPP' };
    const answer = await admin.remoting.invoke(addr, request, 5000);
    await until(() => java.length === 1);
    expect(JSON.parse(java[0] ?? '').offsetTable).toHaveLength(4);
    expect(offsets(answer.body)).toEqual(ends);
  });

  it('goes forward only when it is forced', async () => {
    const { addr, admin, commit } = await withMessages();
    await resettable(addr, 'java', 'JAVA');
    await commit(2, 5);
    const ask = async (fields: object) =>
      offsets((await admin.ask(invokeBrokerToResetOffset, { ...reset, ...fields })).body).map(([, , , at]) => at);
    expect(await ask({ isForce: false })).toEqual([1, 1, 3, 1]);
    expect(await ask({ isForce: false, timestamp: 1 })).toEqual([0, 0, 0, 0]);
    expect(await ask({ isForce: true, timestamp: 1 })).toEqual([0, 0, 0, 0]);
  });

  it('refuses what cannot be', async () => {
    const { addr, admin } = await withMessages(3);
    const ask = (fields: object = {}) => admin.ask(invokeBrokerToResetOffset, { ...reset, ...fields });
    const noTopic = '[reset-offset] reset offset failed, no topic in this broker. topic=None';
    expect(await ask({ topic: 'None' })).toMatchObject({ code: 1, remark: noTopic });
    // The last of the four queues has no offset.
    expect(await ask()).toMatchObject({ code: 1, remark: 'THe consumer group <G> not exist' });
    await admin.ask(updateConsumerOffset, { consumerGroup: 'G', topic: 'TopicTest', queueId: 3, commitOffset: 0 });
    const remark = 'Consumer not online, so can not reset offset, Group: G Topic: TopicTest Timestamp: -1';
    expect(await ask()).toMatchObject({ code: ResponseCode.CONSUMER_NOT_ONLINE, remark });
    await member(addr, 'old', () => {}, 'JAVA', 5);
    const old = /^the client does not support this feature\. version=\w+$/;
    expect(await ask()).toMatchObject({ code: 1, remark: expect.stringMatching(old) });
  });
});

describe('INVOKE_BROKER_TO_GET_CONSUMER_STATUS', () => {
  const mq = { topic: 'TopicTest', brokerName: 'broker-a', queueId: 1 };
  const answering = (offset: number) => (table: Table) => {
    const messageQueueTable = [{ mq, offset }];
    table.register(getConsumerStatusFromClient, () => ({
      code: 0,
      body: encodeConsumerStatus({ consumerTable: {}, messageQueueTable }),
    }));
  };

  it('asks all members or one, and leaves those out that refuse', async () => {
    const { addr } = await startBroker();
    const admin = connectTo(addr);
    const ask = async (clientAddr?: string) => {
      const { code, remark, body } = await admin.ask(invokeBrokerToGetConsumerStatus, {
        topic: 'TopicTest',
        group: 'G',
        clientAddr,
      });
      return code === 0 ? decodeConsumerStatus(body).consumerTable : remark;
    };
    expect(await ask()).toBe('No Any Consumer online in the consumer group: [G]');
    await member(addr, 'client-1', answering(3));
    await member(addr, 'client-2', answering(4));
    await member(addr, 'client-3', () => {});
    expect(await ask()).toEqual({ 'client-1': [{ mq, offset: 3 }], 'client-2': [{ mq, offset: 4 }] });
    expect(await ask('client-2')).toEqual({ 'client-2': [{ mq, offset: 4 }] });
    expect(await ask('  ')).toHaveProperty('client-1');
  });
});
