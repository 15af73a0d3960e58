import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { decodeMessages } from '../../../../src/core/message/message-codec.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { pushReplyMessageToClient } from '../../../../src/core/protocol/requests/push-reply-message-to-client.ts';
import { sendMessage } from '../../../../src/core/protocol/requests/send-message.ts';
import { toSendMessageV2Header } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { sendReplyMessage } from '../../../../src/core/protocol/requests/send-reply-message.ts';
import { sendReplyMessageV2 } from '../../../../src/core/protocol/requests/send-reply-message-v2.ts';
import { unregisterClient } from '../../../../src/core/protocol/requests/unregister-client.ts';
import { decodeHeader, type RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import { ProcessorTable } from '../../../../src/core/remoting/processor-table.ts';
import { heartbeat, pullHeader } from '../pull-fields.ts';
import { connectTo, plainSend, startBroker } from '../test-broker.ts';

const TOPIC = 'DefaultCluster_REPLY_TOPIC';
const properties =
  'MSG_TYPE\x01reply\x02CORRELATION_ID\x01c-1\x02REPLY_TO_CLIENT\x01asker\x02TTL\x013000\x02WAIT\x01true';
const reply = { ...plainSend, topic: TOPIC, properties };
const BODY = Buffer.from('the answer');

interface Pushed {
  header: RequestHeaderOf<typeof pushReplyMessageToClient>;
  body: string;
}

/** A producer that writes down what is pushed to it, and answers `code`. */
async function asker(addr: string, code = 0) {
  const pushed: Pushed[] = [];
  const table = new ProcessorTable<unknown>(undefined, silentLogger).register(
    pushReplyMessageToClient,
    (_, { header, body }) => {
      pushed.push({ header, body: String(body) });
      return { code };
    },
  );
  const client = connectTo(addr, table);
  const beat = () =>
    client.ask(
      heartBeat,
      {},
      heartbeat({ clientID: 'asker', producerDataSet: [{ groupName: 'P' }, { groupName: 'Q' }], consumerDataSet: [] }),
    );
  await beat();
  return { ...client, pushed, beat };
}

const stored = async (addr: string) => {
  const answer = await connectTo(addr).ask(pullMessage, pullHeader({ topic: TOPIC }));
  return answer.body === undefined ? [] : decodeMessages(answer.body);
};

describe('SEND_REPLY_MESSAGE', () => {
  it('is pushed to the producer that asked, stored, and answered with its place', async () => {
    const broker = await startBroker();
    const requester = await asker(broker.addr);
    const replier = connectTo(broker.addr);
    const answer = await replier.ask(sendReplyMessageV2, toSendMessageV2Header(reply), BODY);
    expect(answer).toMatchObject({ code: 0, extFields: { MSG_REGION: 'DefaultRegion', TRACE_ON: 'true' } });
    const place = decodeHeader(sendMessage.response, answer.extFields);
    expect(place).toMatchObject({ queueId: 0, queueOffset: 0, msgId: expect.stringMatching(/^7F000001[0-9A-F]{24}$/) });
    const [{ header, body } = expect.fail()] = requester.pushed;
    expect(body).toBe('the answer');
    expect(header).toMatchObject({ producerGroup: 'P', topic: TOPIC, queueId: 0, storeHost: broker.addr, flag: 0 });
    expect(header.bornHost).toMatch(/^127\.0\.0\.1:\d+$/);
    const { PUSH_REPLY_TIME, ...given } = decodeProperties(header.properties ?? '');
    expect(PUSH_REPLY_TIME).toBe(String(header.storeTimestamp));
    expect(given).toEqual({ ...decodeProperties(properties) });
    const [message = expect.fail()] = await stored(broker.addr);
    expect({ ...message.properties }).toEqual({
      ...decodeProperties(properties),
      MIN_OFFSET: undefined,
      MAX_OFFSET: undefined,
    });
    expect(message).toMatchObject({ body: BODY, offsetMsgId: place.msgId });
  });

  it('takes long field names and a queue of the broker’s choice', async () => {
    const broker = await startBroker();
    const requester = await asker(broker.addr);
    const header = { ...reply, queueId: -1 };
    const answer = await connectTo(broker.addr).ask(sendReplyMessage, header, BODY);
    expect(answer).toMatchObject({ code: 0, extFields: { queueId: '0' } });
    expect(requester.pushed).toHaveLength(1);
  });

  it('is not stored when the configuration says so', async () => {
    const broker = await startBroker({ config: { storeReplyMessageEnable: false } });
    await asker(broker.addr);
    const answer = await connectTo(broker.addr).ask(sendReplyMessage, reply, BODY);
    expect(answer).toMatchObject({ code: 0, extFields: { msgId: '0', queueId: '0', queueOffset: '0' } });
    expect(await stored(broker.addr)).toEqual([]);
  });

  it.each([
    ['nobody has that id', reply.properties, 'push reply message fail, channel of <asker> not found.'],
    ['it names nobody', 'MSG_TYPE\x01reply', 'reply message properties[REPLY_TO_CLIENT] is null'],
  ])('is stored and answered with code 1 when %s', async (_, given, remark) => {
    const broker = await startBroker();
    const answer = await connectTo(broker.addr).ask(sendReplyMessage, { ...reply, properties: given }, BODY);
    expect(answer).toMatchObject({ code: 1, remark, extFields: { queueOffset: '0', TRACE_ON: 'true' } });
    expect(await stored(broker.addr)).toHaveLength(1);
  });

  it('says that the push failed when the requester could not use it', async () => {
    const broker = await startBroker();
    await asker(broker.addr, 1);
    const answer = await connectTo(broker.addr).ask(sendReplyMessage, reply, BODY);
    expect(answer).toMatchObject({ code: 1, remark: 'push reply message to askerfail.' });
  });

  it('finds a producer by any of its groups until it has left them all', async () => {
    const broker = await startBroker();
    const requester = await asker(broker.addr);
    const replier = connectTo(broker.addr);
    const send = async () => (await replier.ask(sendReplyMessage, reply, BODY)).code;
    await requester.ask(unregisterClient, { clientID: 'asker', producerGroup: 'Q' });
    expect(await send()).toBe(0);
    await requester.ask(unregisterClient, { clientID: 'asker', producerGroup: 'P' });
    expect(await send()).toBe(1);
    await requester.beat();
    expect(await send()).toBe(0);
  });

  it('obeys the rules of a send', async () => {
    const broker = await startBroker({ config: { autoCreateTopicEnable: false } });
    const requester = await asker(broker.addr);
    const replier = connectTo(broker.addr);
    const cases = [
      [{ topic: 'Unknown' }, 17],
      [{ topic: 'SCHEDULE_TOPIC_XXXX' }, 16],
      [{ queueId: 1 }, 1],
    ] as const;
    for (const [fields, code] of cases) {
      const answer = await replier.ask(sendReplyMessage, { ...reply, ...fields }, BODY);
      expect(answer).toMatchObject({ code, extFields: { TRACE_ON: 'true' } });
    }
    expect(requester.pushed).toEqual([]);
  });
});
