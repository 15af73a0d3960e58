import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Admin } from '../../../../src/core/client/admin/admin.ts';
import {
  consumeByIds,
  consumeByUniqKey,
  type ResendResult,
  resendMessages,
} from '../../../../src/core/client/admin/message-resend.ts';
import { systemClock } from '../../../../src/core/common/clock.ts';
import { silentLogger } from '../../../../src/core/common/logger.ts';
import { encodeHostAddress } from '../../../../src/core/message/host-address.ts';
import { encodeMessage } from '../../../../src/core/message/message-codec.ts';
import { encodeOffsetMsgId } from '../../../../src/core/message/message-id.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { decodeHeartbeatData } from '../../../../src/core/protocol/bodies/heartbeat-data.ts';
import { consumeMessageDirectly } from '../../../../src/core/protocol/requests/consume-message-directly.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { queryMessage } from '../../../../src/core/protocol/requests/query-message.ts';
import { sendMessageV2 } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { ReplyError } from '../../../../src/core/remoting/reply-error.ts';
import { pulled } from '../consumer/message-fixture.ts';
import { ScriptedCluster } from '../scripted-cluster.ts';

const UNIQ_KEY = 'C00002025CE24E0E2F2A70D4DB5B0000';
const PROPERTIES = { KEYS: 'k', TAGS: 'TagA', UNIQ_KEY, CLUSTER: 'C' };
const GONE = 404;

let cluster: ScriptedCluster;
let admin: Admin;
let addr: string;
/** What came in: requests to consume, begins of queries, sends, client ids. */
let directs: object[];
let begins: number[];
let sends: { group: string; body: string; properties: object }[];
let clientIds: string[];
/** The code a send is answered with. */
let sendCode: number;

beforeEach(async () => {
  [directs, begins, sends, clientIds, sendCode] = [[], [], [], [], 0];
  cluster = await ScriptedCluster.start();
  admin = new Admin({ namesrvAddrs: [cluster.namesrvAddr], timeoutMs: 1000, clock: systemClock, logger: silentLogger });
  const stored = (offset: number): Buffer =>
    encodeMessage(
      pulled(0, { commitLogOffset: offset, properties: PROPERTIES, storeHost: addr, body: Buffer.from('again') }),
    );
  const broker = await cluster.startBroker('broker-a', (table) => {
    table.register(viewMessageById, (_, { header: { offset } }) => {
      if (offset === GONE) throw new ReplyError(1, `can not find message by the offset, ${offset}`);
      return { code: 0, body: stored(offset) };
    });
    table.register(queryMessage, (_, { header }) => {
      begins.push(header.beginTimestamp);
      const state = { indexLastUpdateTimestamp: 0, indexLastUpdatePhyoffset: 0 };
      return header.key === UNIQ_KEY ? { code: 0, header: state, body: stored(7) } : { code: 22, header: state };
    });
    table.register(consumeMessageDirectly, (_, { header }) => {
      directs.push({ ...header });
      if (header.clientId === 'nobody') throw new ReplyError(1, 'The Consumer <G> <nobody> not online');
      const body = { autoCommit: true, consumeResult: 'CR_LATER', order: false, spentTimeMills: 3 };
      return { code: 0, body: Buffer.from(JSON.stringify(body)) };
    });
    table.register(sendMessageV2, (_, { header, body }) => {
      sends.push({ group: header.a, body: String(body), properties: { ...decodeProperties(header.i ?? '') } });
      return { code: sendCode, remark: 'full', header: { msgId: 'OFFSETID', queueId: header.e, queueOffset: 5 } };
    });
    table.register(heartBeat, (_, { body }) => {
      clientIds.push(decodeHeartbeatData(body).clientID);
      return { code: 0 };
    });
  });
  addr = broker.addr;
  cluster.addTopic('T', 1);
});
afterEach(async () => {
  await admin.stop();
  await cluster.stop();
});

const idOf = (offset: number): string => encodeOffsetMsgId(encodeHostAddress(addr), offset);
const target = { consumerGroup: 'G', clientId: 'c1' };
const result = { order: false, autoCommit: true, consumeResult: 'CR_LATER', remark: undefined, spentTimeMills: 3 };

describe('consumed once more', () => {
  it('by offset message ids; one that leads nowhere does not end it', async () => {
    const ids = [idOf(1), idOf(GONE), 'hello', idOf(2)];
    expect(await consumeByIds(admin, target, ids)).toEqual([
      { msgId: idOf(1), result },
      { msgId: idOf(GONE), error: expect.objectContaining({ code: 'NOT_FOUND' }) },
      { msgId: 'hello', error: expect.objectContaining({ responseCode: 208 }) },
      { msgId: idOf(2), result },
    ]);
    expect(directs).toMatchObject([{ ...target, msgId: idOf(1) }, { msgId: idOf(2) }]);
  });

  it('by a client that is not there', async () => {
    const [one] = await consumeByIds(admin, { ...target, clientId: 'nobody' }, [idOf(1)]);
    expect(one?.error).toMatchObject({ code: 'RESPONSE', detail: 'The Consumer <G> <nobody> not online' });
  });

  it('by unique id, looked for from a second before it was made; an offset message id will do', async () => {
    expect(await consumeByUniqKey(admin, target, 'T', UNIQ_KEY)).toEqual(result);
    expect(directs).toMatchObject([{ msgId: idOf(7) }]);
    const made = Buffer.from(UNIQ_KEY, 'hex').readUInt32BE(10);
    const month = new Date((begins[0] ?? 0) + 1000 - made);
    expect([month.getDate(), month.getHours(), month.getSeconds(), month.getMilliseconds()]).toEqual([1, 0, 0, 0]);
    expect(await consumeByUniqKey(admin, target, 'T', idOf(9))).toEqual(result);
    expect(begins).toHaveLength(1);
    expect(directs).toMatchObject([{}, { msgId: idOf(9) }]);
    await expect(consumeByUniqKey(admin, target, 'T', 'none')).rejects.toMatchObject({ responseCode: 208 });
    expect(begins[1]).toBe(0);
  });
});

describe('sent once more', () => {
  async function resend(ids: string[], unitName?: string): Promise<ResendResult[]> {
    const results: ResendResult[] = [];
    for await (const one of resendMessages(admin, ids, unitName)) results.push(one);
    return results;
  }

  it('with its body, properties and unique id; a failure does not end it', async () => {
    const results = await resend([idOf(GONE), idOf(1)]);
    expect(results).toMatchObject([
      { msgId: idOf(GONE), found: false, error: { code: 'NOT_FOUND' } },
      { msgId: idOf(1), found: true, sent: { sendStatus: 'SEND_OK', msgId: UNIQ_KEY, offsetMsgId: 'OFFSETID' } },
    ]);
    expect(sends).toEqual([{ group: 'ReSendMsgById', body: 'again', properties: PROPERTIES }]);
    expect(cluster.seen.at(-1)).toBe('35 broker-a');
  });

  it('refused by the broker', async () => {
    sendCode = 13;
    expect(await resend([idOf(1)])).toMatchObject([{ found: true, error: { responseCode: 13 } }]);
  });

  it('by a client of a unit', async () => {
    await resend([idOf(1)], 'unit1');
    expect(clientIds[0]).toMatch(/@unit1$/);
    await resend([idOf(1)]);
    expect(clientIds.at(-1)).toMatch(/^[^@]+@\d+#\d+$/);
  });
});
