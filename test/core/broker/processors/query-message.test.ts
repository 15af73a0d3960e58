import { expect, it } from 'vitest';
import { decodeMessages } from '../../../../src/core/message/message-codec.ts';
import { queryMessage } from '../../../../src/core/protocol/requests/query-message.ts';
import { createRequest } from '../../../../src/core/remoting/remoting-command.ts';
import { connectTo, startBroker } from '../test-broker.ts';

const EVER = { beginTimestamp: 0, endTimestamp: Number.MAX_SAFE_INTEGER };

async function setUp(config = {}) {
  const broker = await startBroker({ config });
  const client = connectTo(broker.addr);
  const query = async (key: string, more: object = {}, extFields: Record<string, string> = {}) => {
    const request = createRequest(queryMessage, { topic: 'TopicTest', key, maxNum: 64, ...EVER, ...more });
    request.extFields = { ...request.extFields, ...extFields };
    const answer = await client.remoting.invoke(broker.addr, request, 5000);
    const bodies = decodeMessages(answer.body ?? Buffer.alloc(0)).map((message) => message.body.toString());
    return { code: answer.code, remark: answer.remark, extFields: answer.extFields, bodies };
  };
  const send = (body: string, properties: string) => client.send({ properties }, body);
  return { client, query, send };
}

it('finds messages by key and by unique key, sent over either way, oldest first', async () => {
  const { query, send, client } = await setUp();
  await send('one', 'KEYS\x01a b\x02UNIQ_KEY\x01U1');
  await client.send({ properties: 'KEYS\x01b\x02UNIQ_KEY\x01U2', queueId: 1, unitMode: true }, 'two');
  await send('three', 'TAGS\x01t');
  expect(await query('b')).toMatchObject({ code: 0, bodies: ['one', 'two'] });
  expect(await query('U2')).toMatchObject({ code: 0, bodies: ['two'] });
  expect(await query('a', { topic: 'Other' })).toMatchObject({ code: 22 });
});

it('answers 22 with the state of the index when nothing is found', async () => {
  const { query, send } = await setUp();
  const sent = await send('one', 'KEYS\x01a');
  const { code, remark, extFields, bodies } = await query('none');
  expect([code, remark, bodies]).toEqual([22, 'can not find message, maybe time range not correct', []]);
  expect(Number(extFields?.indexLastUpdateTimestamp)).toBeGreaterThan(0);
  expect(extFields?.indexLastUpdatePhyoffset).toBe(
    String(Number.parseInt(String(sent.extFields?.msgId).slice(-16), 16)),
  );
});

it('a query by unique key has a limit of its own', async () => {
  const { query, send } = await setUp({ defaultQueryMaxNum: 2 });
  for (const body of ['a', 'b', 'c']) await send(body, 'UNIQ_KEY\x01same');
  expect((await query('same', { maxNum: 1 })).bodies).toEqual(['c']);
  expect((await query('same', { maxNum: 1 }, { _UNIQUE_KEY_QUERY: 'true' })).bodies).toEqual(['b', 'c']);
  expect((await query('same', { maxNum: 1 }, { _UNIQUE_KEY_QUERY: 'false' })).bodies).toEqual(['c']);
});
