import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import {
  type ConsumeEvent,
  type ConsumeMessageOptions,
  consumeMessage,
  sendMessage,
} from '../../../../src/core/client/admin/message-admin.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeMessage } from '../../../../src/core/message/message-codec.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { getMaxOffset } from '../../../../src/core/protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../../../src/core/protocol/requests/get-min-offset.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { searchOffsetByTimestamp } from '../../../../src/core/protocol/requests/search-offset-by-timestamp.ts';
import { sendMessageV2 } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import type { RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import { type ProcessorTable, SUSPENDED } from '../../../../src/core/remoting/processor-table.ts';
import { pulled } from '../consumer/message-fixture.ts';
import { ScriptedCluster } from '../scripted-cluster.ts';

let cluster: ScriptedCluster;
let admin: Admin;
beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs: 1000, clock: systemClock, logger: silentLogger });
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

/** A broker whose queues hold the messages [min, max); a pull hands out at most `batch`. */
function holding(queues: Record<number, [min: number, max: number]>, batch = 32) {
  const pulls: Array<RequestHeaderOf<typeof pullMessage>> = [];
  const register = (table: ProcessorTable<undefined>): void => {
    const of = (queueId: number): [number, number] => queues[queueId] ?? [0, 0];
    table.register(getMinOffset, (_, { header }) => ({ code: 0, header: { offset: of(header.queueId)[0] } }));
    table.register(getMaxOffset, (_, { header }) => ({ code: 0, header: { offset: of(header.queueId)[1] } }));
    table.register(searchOffsetByTimestamp, (_, { header }) => ({ code: 0, header: { offset: header.timestamp } }));
    table.register(pullMessage, (_, { header }) => {
      pulls.push(header);
      const [minOffset, maxOffset] = of(header.queueId);
      const end = Math.min(maxOffset, header.queueOffset + Math.min(batch, header.maxMsgNums));
      const answer = {
        suggestWhichBrokerId: 0,
        nextBeginOffset: Math.max(end, header.queueOffset),
        minOffset,
        maxOffset,
      };
      if (header.queueOffset >= maxOffset) return { code: 19, header: answer };
      const records = Array.from({ length: end - header.queueOffset }, (_, i) =>
        encodeMessage(pulled(header.queueOffset + i, { queueId: header.queueId })),
      );
      return { code: 0, header: answer, body: Buffer.concat(records) };
    });
  };
  return { register, pulls };
}

async function consume(options: Partial<ConsumeMessageOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const event of consumeMessage(admin, { topic: 'T', ...options })) lines.push(line(event));
  return lines;
}

function line(event: ConsumeEvent): string {
  const head = `${event.kind} q${event.mq.queueId}`;
  switch (event.kind) {
    case 'batch':
      return `${head} ${event.messages.map((message) => message.queueOffset).join(',')}`;
    case 'older':
      return `${head} ${event.count} ${event.wholeTopic}`;
    case 'failed':
      return `${head} ${event.error.code} ${event.error.responseCode}`;
    case 'beyondEnd':
      return `${head} ${event.offset}`;
    default:
      return `${head} ${event.status} ${event.offset}`;
  }
}

describe('consumeMessage', () => {
  it('reads every queue in hash order to its end', async () => {
    const broker = holding({ 0: [0, 2], 1: [5, 8] });
    await cluster.startBroker('broker-a', broker.register);
    cluster.addTopic('T', 2);
    expect(await consume()).toEqual(['batch q1 5,6,7', 'end q1 NO_NEW_MSG 8', 'batch q0 0,1', 'end q0 NO_NEW_MSG 2']);
    expect(broker.pulls[0]).toMatchObject({
      consumerGroup: 'TOOLS_CONSUMER',
      topic: 'T',
      sysFlag: 4,
      subscription: '*',
      subVersion: 0,
      expressionType: 'TAG',
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      maxMsgNums: 4,
    });
  });

  it('gives messages the broker name and the offsets of the queue', async () => {
    await cluster.startBroker('broker-a', holding({ 0: [0, 1] }).register);
    cluster.addTopic('T', 1);
    for await (const event of consumeMessage(admin, { topic: 'T' })) {
      if (event.kind !== 'batch') continue;
      expect(event.messages[0]).toMatchObject({ brokerName: 'broker-a' });
      expect({ ...event.messages[0]?.properties }).toEqual({ MIN_OFFSET: '0', MAX_OFFSET: '1' });
    }
    expect.assertions(2);
  });

  it('pulls again until the wanted number came', async () => {
    const broker = holding({ 0: [0, 10] }, 2);
    await cluster.startBroker('broker-a', broker.register);
    cluster.addTopic('T', 1);
    expect(await consume({ messageNumber: 5 })).toEqual([
      'older q0 5 true',
      'batch q0 0,1',
      'batch q0 2,3',
      'batch q0 4',
    ]);
    expect(broker.pulls.map((pull) => pull.maxMsgNums)).toEqual([5, 3, 1]);
  });

  it('reads one queue from an offset, with the other wording', async () => {
    await cluster.startBroker('broker-a', holding({ 0: [0, 10] }).register);
    cluster.addTopic('T', 1);
    const one = { brokerName: 'broker-a', queueId: 0 };
    expect(await consume({ ...one, offset: 3, messageNumber: 2 })).toEqual(['older q0 2 false', 'batch q0 3,4']);
    expect(await consume({ ...one, offset: 11 })).toEqual(['beyondEnd q0 11']);
  });

  it('takes both ends of a time window from the broker', async () => {
    await cluster.startBroker('broker-a', holding({ 0: [0, 10] }).register);
    cluster.addTopic('T', 1);
    expect(await consume({ beginTimestamp: 4, endTimestamp: 5 })).toEqual(['batch q0 4,5']);
  });

  // A heartbeat would make the group's retry topic on every broker; the original ends before its first one.
  it('stores no offset and announces no group', async () => {
    await cluster.startBroker('broker-a', holding({ 0: [0, 1] }).register);
    cluster.addTopic('T', 1);
    await consume({ consumerGroup: 'G' });
    expect(cluster.seen).toEqual(['105 T']);
  });

  it('goes on with the next queue after a pull failed, and passes over what does not match', async () => {
    const answers = [
      { code: 16, remark: 'no' },
      { code: 20, header: { suggestWhichBrokerId: 0, nextBeginOffset: 1, minOffset: 0, maxOffset: 2 } },
      { code: 21, header: { suggestWhichBrokerId: 0, nextBeginOffset: 9, minOffset: 9, maxOffset: 9 } },
    ];
    await cluster.startBroker('broker-a', (table) => {
      table.register(getMinOffset, () => ({ code: 0, header: { offset: 0 } }));
      table.register(getMaxOffset, () => ({ code: 0, header: { offset: 2 } }));
      table.register(pullMessage, () => answers.shift() ?? SUSPENDED);
    });
    cluster.addTopic('T', 2);
    expect(await consume()).toEqual([
      'failed q1 RESPONSE 16',
      'noMatch q0 NO_MATCHED_MSG 1',
      'end q0 OFFSET_ILLEGAL 9',
    ]);
  });

  it('reads a queue whose minimum is -1 from 0', async () => {
    const broker = holding({ 0: [-1, 0] });
    await cluster.startBroker('broker-a', broker.register);
    cluster.addTopic('T', 1);
    expect(await consume()).toEqual(['end q0 NO_NEW_MSG 0']);
    expect(broker.pulls[0]?.queueOffset).toBe(0);
  });

  it.each([
    [{ topic: 'NoSuch' }, { code: 'NOT_FOUND', responseCode: 17 }],
    [
      { brokerName: 'z', queueId: 0 },
      { code: 'NOT_FOUND', message: 'The broker[z] not exist' },
    ],
    [{ queueId: 0 }, { code: 'ILLEGAL_ARGUMENT', message: 'Please set the brokerName before queueId!' }],
    [
      { brokerName: 'broker-a', offset: 1 },
      { code: 'ILLEGAL_ARGUMENT', message: 'Please set queueId before offset!' },
    ],
  ])('rejects %j', async (options, error) => {
    await cluster.startBroker('broker-a', holding({}).register);
    cluster.addTopic('T', 1);
    await expect(consume(options)).rejects.toMatchObject(error);
  });
});

describe('sendMessage', () => {
  const sent: Array<RequestHeaderOf<typeof sendMessageV2>> = [];
  const bodies: string[] = [];
  beforeEach(async () => {
    sent.length = 0;
    bodies.length = 0;
    await cluster.startBroker('broker-a', (table) =>
      table.register(sendMessageV2, (_, { header, body }) => {
        sent.push(header);
        bodies.push(body?.toString() ?? '');
        return { code: 0, header: { msgId: 'OFFSETID', queueId: header.e, queueOffset: 5 } };
      }),
    );
    cluster.addTopic('T', 4);
  });

  it('sends tags, keys and a UTF-8 body, and returns what mqadmin prints', async () => {
    const result = await sendMessage(admin, { topic: 'T', body: 'héllo', tags: 'TagA', keys: 'k1 k2' });
    const properties = decodeProperties(sent[0]?.i ?? '');
    expect({ ...properties }).toEqual({ TAGS: 'TagA', KEYS: 'k1 k2', UNIQ_KEY: result.msgId });
    expect(bodies).toEqual(['héllo']);
    expect(result).toMatchObject({ brokerName: 'broker-a', sendStatus: 'SEND_OK', queueId: sent[0]?.e });
    expect(sent[0]?.a).toMatch(/^\d{13}$/);
  });

  it('takes the queue when broker and queue are given, and ignores a broker alone', async () => {
    const result = await sendMessage(admin, { topic: 'T', body: 'x', brokerName: 'broker-a', queueId: 2 });
    expect(result.queueId).toBe(2);
    expect((await sendMessage(admin, { topic: 'T', body: 'x', brokerName: 'z' })).brokerName).toBe('broker-a');
  });

  it('announces its group and leaves it', async () => {
    await sendMessage(admin, { topic: 'T', body: 'x' });
    expect(cluster.seen).toEqual(['105 T', '34 broker-a', '35 broker-a']);
  });
});
