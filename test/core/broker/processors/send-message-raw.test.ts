import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../../../src/core/message/message-codec.ts';
import { sendMessageV2, toSendMessageV2Header } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { updateAndCreateTopic } from '../../../../src/core/protocol/requests/update-and-create-topic.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { encodeHeader } from '../../../../src/core/protocol/schema.ts';
import { recordedFrames } from '../../../conformance/recorded-frames.ts';
import { type FrameSocket, jsonFrame, openFrameSocket, readAnswer } from '../frame-socket.ts';
import { connectTo, plainSend, startBroker, type TestClient } from '../test-broker.ts';

/** How the raw way begins its answer; the ordinary one names msgId first. */
const RAW_ANSWER = '{"code":0,"extFields":{"queueId":';

const longNames =
  'producerGroup topic defaultTopic defaultTopicQueueNums queueId sysFlag bornTimestamp flag properties reconsumeTimes unitMode maxReconsumeTimes batch bname'.split(
    ' ',
  );

function headerText(extFields: Record<string, string>, rest: { code?: number; opaque?: number } = {}): string {
  const { code = 310, opaque = 1 } = rest;
  return JSON.stringify({
    code,
    extFields,
    flag: 0,
    language: 'JAVA',
    opaque,
    serializeTypeCurrentRPC: 'JSON',
    version: 407,
  });
}

/** The same header, which the scanner declines because of a blank. */
const ordinary = (header: string): string => header.replace('"extFields":', '"extFields": ');

/** The answer and the record it names, without what must differ between two sends of the same message. */
async function outcome(client: TestClient, answer: ReturnType<typeof readAnswer>) {
  const { msgId, queueOffset, ...extFields } = answer.extFields ?? {};
  const reply = { code: answer.code, remark: answer.remark, extFields };
  if (msgId === undefined) return { reply, queueOffset };
  const { body } = await client.ask(viewMessageById, { offset: Number.parseInt(msgId.slice(-16), 16) });
  if (body === undefined) throw new Error(`nothing is stored at ${msgId}`);
  const {
    queueOffset: storedOffset,
    commitLogOffset,
    storeTimestamp,
    offsetMsgId,
    msgId: id,
    ...record
  } = decodeMessage(body, 0, { decompress: false });
  expect(offsetMsgId).toBe(msgId);
  expect(String(storedOffset)).toBe(queueOffset);
  return { reply, record: { ...record, properties: { ...record.properties } } };
}

const property = fc.tuple(
  fc.constantFrom('TAGS', 'KEYS', 'UNIQ_KEY', 'WAIT', 'CLUSTER', 'DELAY', 'TRAN_MSG', 'user', '属性', ''),
  fc.constantFrom('', 'a', 'true', '0', '3', '标签', 'with blank', 'quote"d', 'back\\slash', 'TagA'),
);

const sendFields = fc.record({
  topic: fc.constantFrom(
    'TopicTest',
    'TopicTest',
    'TopicTest',
    'Other',
    'Unknown',
    '%RETRY%G',
    'SELF_TEST_TOPIC',
    'il legal',
  ),
  defaultTopic: fc.constant('NoTemplate'),
  queueId: fc.constantFrom(0, 1, 3, 4, 99),
  sysFlag: fc.constantFrom(0, 1, 2, 4, 8, 0x10, 0x301),
  bornTimestamp: fc.constantFrom(0, 1, 1_700_000_000_000),
  flag: fc.constantFrom(0, 7, -1, 2_147_483_647),
  properties: fc.option(
    fc
      .tuple(fc.array(property, { maxLength: 4 }), fc.constantFrom('', '\x02'))
      .map(([list, end]) => list.map(([name, value]) => `${name}\x01${value}`).join('\x02') + end),
    { nil: undefined },
  ),
  reconsumeTimes: fc.option(fc.constantFrom(0, 3), { nil: undefined }),
  unitMode: fc.option(fc.boolean(), { nil: undefined }),
  batch: fc.option(fc.constantFrom(false, false, false, true), { nil: undefined }),
  maxReconsumeTimes: fc.option(fc.constantFrom(5), { nil: undefined }),
});

async function bothWays(socket: FrameSocket, client: TestClient, header: string, body: Buffer): Promise<boolean> {
  const fast = readAnswer(await socket.exchange(jsonFrame(header, body)));
  const slow = readAnswer(await socket.exchange(jsonFrame(ordinary(header), body)));
  expect(slow.text.startsWith(RAW_ANSWER)).toBe(false);
  expect(fast.opaque).toBe(slow.opaque);
  expect(await outcome(client, fast)).toEqual(await outcome(client, slow));
  return fast.text.startsWith(RAW_ANSWER);
}

describe('the raw way of SEND_MESSAGE', () => {
  it('stores and answers the same as the ordinary way, or leaves the message to it', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    for (const topic of ['TopicTest', 'Other']) await client.send({ topic });
    const socket = await openFrameSocket(broker.port);
    let raw = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        sendFields,
        fc.boolean(),
        fc.nat(),
        fc.uint8Array({ maxLength: 300 }),
        async (fields, isLong, opaque, bytes) => {
          const v2 = encodeHeader(sendMessageV2.request, toSendMessageV2Header({ ...plainSend, ...fields }));
          const names = Object.entries(v2).map(([letter, value]) => [
            isLong ? longNames[letter.charCodeAt(0) - 97] : letter,
            value,
          ]);
          const header = headerText(Object.fromEntries(names), { code: isLong ? 10 : 310, opaque });
          if (await bothWays(socket, client, header, Buffer.from(bytes))) raw++;
          runs++;
        },
      ),
      { numRuns: 400 },
    );
    expect(runs).toBe(400);
    expect(raw).toBeGreaterThan(20);
  });

  it('does so for every recorded send', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    const socket = await openFrameSocket(broker.port);
    const sends = recordedFrames.filter(({ request, response, serialize, header }) => {
      return (
        [10, 310].includes(request) && response === undefined && serialize === 'JSON' && header.extFields !== undefined
      );
    });
    expect(sends.length).toBeGreaterThan(5);
    let raw = 0;
    for (const { header, body = Buffer.alloc(0) } of sends) {
      const extFields = header.extFields ?? {};
      const topic = extFields.b ?? extFields.topic;
      if (topic !== undefined) await client.send({ topic, queueId: 0 });
      const text = headerText(extFields, { code: header.code, opaque: header.opaque });
      const isRandomQueue = Number(extFields.e ?? extFields.queueId) < 0;
      if (!isRandomQueue && (await bothWays(socket, client, text, body))) raw++;
    }
    expect(raw).toBeGreaterThan(3);
  });

  it('answers many frames of one read in order, each with its own numbers', async () => {
    const broker = await startBroker();
    await connectTo(broker.addr).send();
    const socket = await openFrameSocket(broker.port);
    const count = 250;
    const v2 = encodeHeader(sendMessageV2.request, toSendMessageV2Header(plainSend));
    const frames = Array.from({ length: count }, (_, i) =>
      jsonFrame(headerText({ ...v2, e: String(i % 4) }, { opaque: i * 7 }), Buffer.from(`m${i}`)),
    );
    socket.send(Buffer.concat(frames));
    // One message is there already, in queue 0.
    for (let i = 0; i < count; i++) {
      const answer = readAnswer(await socket.receive());
      const queue = i % 4;
      const queueOffset = Math.floor(i / 4) + (queue === 0 ? 1 : 0);
      expect(answer).toMatchObject({
        code: 0,
        opaque: i * 7,
        extFields: { queueId: String(queue), queueOffset: String(queueOffset) },
      });
      expect(answer.text.startsWith(RAW_ANSWER)).toBe(true);
    }
  });

  it('notices that a topic has changed', async () => {
    const broker = await startBroker();
    const client = connectTo(broker.addr);
    expect((await client.send({ queueId: 3 })).code).toBe(0);
    expect((await client.send({ queueId: 3 })).code).toBe(0);
    await client.ask(updateAndCreateTopic, {
      topic: 'TopicTest',
      defaultTopic: 'TBW102',
      readQueueNums: 1,
      writeQueueNums: 1,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      order: false,
    });
    expect((await client.send({ queueId: 3 })).code).toBe(1);
    expect((await client.send({ queueId: 0 })).code).toBe(0);
  });
});
