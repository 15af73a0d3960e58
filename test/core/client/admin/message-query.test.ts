import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import {
  messageAtOffset,
  queryMessageByKey,
  queryMessageByUniqKey,
  viewMessage,
} from '../../../../src/core/client/admin/message-query.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { compressBody } from '../../../../src/core/message/compression.ts';
import { encodeHostAddress } from '../../../../src/core/message/host-address.ts';
import type { MessageExt } from '../../../../src/core/message/message.ts';
import { encodeMessage } from '../../../../src/core/message/message-codec.ts';
import { encodeOffsetMsgId } from '../../../../src/core/message/message-id.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { queryMessage } from '../../../../src/core/protocol/requests/query-message.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { type ProcessorTable, SUSPENDED } from '../../../../src/core/remoting/processor-table.ts';
import { ReplyError } from '../../../../src/core/remoting/reply-error.ts';
import { pulled } from '../consumer/message-fixture.ts';
import { deadAddr, ScriptedCluster } from '../scripted-cluster.ts';

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

const keyed = (queueOffset: number, properties: Record<string, string>, change: Partial<MessageExt> = {}) =>
  pulled(queueOffset, { properties, ...change });

/** What the brokers were asked, whichever it was. */
const asked: object[] = [];
beforeEach(() => {
  asked.length = 0;
});

/** A broker whose index lists these messages under every key. */
const indexing =
  (...messages: MessageExt[]) =>
  (table: ProcessorTable<undefined>): void => {
    table.register(queryMessage, (_, { header, command }) => {
      asked.push({ ...header, unique: command.extFields?._UNIQUE_KEY_QUERY });
      const state = { indexLastUpdateTimestamp: 1, indexLastUpdatePhyoffset: 2 };
      if (messages.length === 0) return { code: 22, remark: 'can not find message', header: state };
      return { code: 0, header: state, body: Buffer.concat(messages.map(encodeMessage)) };
    });
  };

const offsetsOf = ({ messages }: { messages: MessageExt[] }): number[] =>
  messages.map(({ queueOffset }) => queueOffset);
const noMessage = {
  code: 'NOT_FOUND',
  responseCode: 208,
  message: 'CODE: 208  DESC: query message by key finished, but no message.',
};

describe('by key', () => {
  it('asks every broker of the topic and takes the messages that have the whole word', async () => {
    const others = [keyed(1, { KEYS: 'Aa' }), keyed(2, { KEYS: 'xBB BBx' }), keyed(3, {})];
    const elsewhere = keyed(4, { KEYS: 'BB' }, { topic: 'Other' });
    await cluster.startBroker('broker-a', indexing(keyed(0, { KEYS: 'Aa BB' }), ...others, elsewhere));
    await cluster.startBroker('broker-b', indexing(keyed(7, { KEYS: 'BB' })));
    cluster.addTopic('T', 1);
    expect(offsetsOf(await queryMessageByKey(admin, { topic: 'T', key: 'BB' }))).toEqual([0, 7]);
    const header = { topic: 'T', key: 'BB', maxNum: 64, beginTimestamp: 0, endTimestamp: Number.MAX_SAFE_INTEGER };
    expect(asked).toEqual([
      { ...header, unique: 'false' },
      { ...header, unique: 'false' },
    ]);
  });

  it('a topic that nobody knows, a key that no message has', async () => {
    await expect(queryMessageByKey(admin, { topic: 'T', key: 'k' })).rejects.toMatchObject({ responseCode: 17 });
    await cluster.startBroker('broker-a', indexing(keyed(0, { KEYS: 'other' })));
    await cluster.startBroker('broker-b', indexing());
    cluster.addTopic('T', 1);
    await expect(queryMessageByKey(admin, { topic: 'T', key: 'k' })).rejects.toMatchObject(noMessage);
  });

  it('a broker that is down is told with the messages of the others, and is the failure when they have none', async () => {
    const down = await deadAddr();
    cluster.addBroker('broker-a', down);
    const there = [keyed(3, { KEYS: 'k' })];
    await cluster.startBroker('broker-b', indexing(...there));
    cluster.addTopic('T', 1);
    const found = await queryMessageByKey(admin, { topic: 'T', key: 'k' });
    expect(offsetsOf(found)).toEqual([3]);
    expect(found.brokers).toMatchObject([{ addr: down, error: { code: 'CONNECT' } }, { value: [{ queueOffset: 3 }] }]);
    await expect(queryMessageByKey(admin, { topic: 'T', key: 'none' })).rejects.toMatchObject({ code: 'CONNECT' });
  });
});

describe('by unique key', () => {
  it('takes the one that was stored first, of all brokers', async () => {
    const unique = { UNIQ_KEY: 'U1' };
    const later = keyed(1, unique, { storeTimestamp: 20 });
    await cluster.startBroker('broker-a', indexing(later, keyed(2, { UNIQ_KEY: 'u1' }, { storeTimestamp: 1 })));
    await cluster.startBroker('broker-b', indexing(keyed(3, unique, { storeTimestamp: 10 }), later));
    cluster.addTopic('T', 1);
    expect(offsetsOf(await queryMessageByUniqKey(admin, 'T', 'U1', 5))).toEqual([3]);
    expect(asked).toMatchObject([{ key: 'U1', maxNum: 32, beginTimestamp: 5, unique: 'true' }, { unique: 'true' }]);
    await expect(queryMessageByUniqKey(admin, 'T', 'U2')).rejects.toMatchObject(noMessage);
  });
});

describe('by offset message id', () => {
  const idOf = (addr: string, offset: number): string => encodeOffsetMsgId(encodeHostAddress(addr), offset);

  it('asks the broker in the id and decompresses the body', async () => {
    const { addr } = await cluster.startBroker('broker-a', (table) =>
      table.register(viewMessageById, (_, { header }) => ({
        code: 0,
        body: encodeMessage(
          pulled(0, { commitLogOffset: header.offset, sysFlag: 1, body: compressBody(Buffer.from('long')) }),
        ),
      })),
    );
    const message = await viewMessage(admin, idOf(addr, 4711));
    expect([message.commitLogOffset, message.body.toString()]).toEqual([4711, 'long']);
  });

  it('hands out a body that it cannot decompress', async () => {
    const LZ4 = 1 | (1 << 8);
    const body = Buffer.from('lz4 bytes');
    const { addr } = await cluster.startBroker('broker-a', (table) =>
      table.register(viewMessageById, () => ({ code: 0, body: encodeMessage(pulled(0, { sysFlag: LZ4, body })) })),
    );
    expect((await viewMessage(admin, idOf(addr, 0))).body).toEqual(body);
  });

  it('an id that is none, a unique id, a message that is gone', async () => {
    const none = { code: 'NOT_FOUND', responseCode: 208 };
    await expect(viewMessage(admin, 'hello')).rejects.toMatchObject(none);
    await expect(viewMessage(admin, 'C00002025CE24E0E2F2A70D4DB5B0000')).rejects.toMatchObject(none);
    const { addr } = await cluster.startBroker('broker-a', (table) =>
      table.register(viewMessageById, (_, { header }) => {
        throw new ReplyError(1, `can not find message by the offset, ${header.offset}`);
      }),
    );
    await expect(viewMessage(admin, idOf(addr, 7))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `CODE: 1  DESC: can not find message by the offset, 7 BROKER: ${addr}`,
    });
  });

  it('another refusal, and an answer without a message', async () => {
    const answers = [
      () => ({ code: 1, remark: 'no' }),
      () => ({ code: 0 }),
      () => SUSPENDED as unknown as { code: number },
    ];
    const { addr } = await cluster.startBroker('broker-a', (table) =>
      table.register(viewMessageById, () => answers.shift()?.() ?? { code: 2 }),
    );
    await expect(viewMessage(admin, idOf(addr, 7))).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 1 });
    await expect(viewMessage(admin, idOf(addr, 7))).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect(viewMessage(admin, idOf(addr, 7))).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('at an offset', () => {
  const mq = { topic: 'T', brokerName: 'broker-a', queueId: 2 };

  it('pulls one message, or tells where the queue begins and ends', async () => {
    const pulls: object[] = [];
    await cluster.startBroker('broker-a', (table) =>
      table.register(pullMessage, (_, { header }) => {
        pulls.push(header);
        const place = { suggestWhichBrokerId: 0, nextBeginOffset: header.queueOffset + 1, minOffset: 3, maxOffset: 6 };
        if (header.queueOffset > 5) return { code: 21, header: place };
        return { code: 0, header: place, body: encodeMessage(pulled(header.queueOffset)) };
      }),
    );
    cluster.addTopic('T', 4);
    expect(await messageAtOffset(admin, mq, 5)).toMatchObject({ message: { queueOffset: 5 }, status: 'FOUND' });
    expect(pulls).toMatchObject([{ queueId: 2, queueOffset: 5, maxMsgNums: 1, consumerGroup: 'TOOLS_CONSUMER' }]);
    expect(await messageAtOffset(admin, mq, 6)).toEqual({
      message: undefined,
      status: 'OFFSET_ILLEGAL',
      minOffset: 3,
      maxOffset: 6,
    });
    // Nothing that would make a retry topic.
    expect(cluster.seen.filter((line) => line.startsWith('34'))).toEqual([]);
  });

  it('an unknown broker, a negative offset', async () => {
    await cluster.startBroker('broker-a');
    cluster.addTopic('T', 4);
    const unknown = { code: 'NOT_FOUND', message: 'The broker[broker-z] not exist' };
    await expect(messageAtOffset(admin, { ...mq, brokerName: 'broker-z' }, 0)).rejects.toMatchObject(unknown);
    await expect(messageAtOffset(admin, mq, -1)).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
  });
});
