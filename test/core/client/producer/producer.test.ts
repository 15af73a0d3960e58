import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Producer } from '../../../../src/core/client/producer/producer.ts';
import type { ProducerOptions } from '../../../../src/core/client/producer/producer-options.ts';
import type { MessageQueueSelector } from '../../../../src/core/client/producer/queue-selector.ts';
import { emptyInnerMessage, readInnerMessage } from '../../../../src/core/message/batch-codec.ts';
import type { Message } from '../../../../src/core/message/message.ts';
import { decodeProperties } from '../../../../src/core/message/properties.ts';
import { sendBatchMessage } from '../../../../src/core/protocol/requests/send-batch-message.ts';
import { sendMessageV2 } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import type { RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import { type ProcessorTable, SUSPENDED } from '../../../../src/core/remoting/processor-table.ts';
import { deadAddr, ScriptedCluster, until } from '../scripted-cluster.ts';

interface Sent {
  broker: string;
  code: number;
  header: RequestHeaderOf<typeof sendMessageV2>;
  body: Buffer | undefined;
  oneway: boolean;
}

let cluster: ScriptedCluster;
let sent: Sent[];
const running: Array<{ stop(): Promise<void> }> = [];

beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  sent = [];
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
  await cluster.stop();
});

/** Answers every send with `code`; undefined: never. */
function answering(broker: string, code: number | undefined) {
  return (table: ProcessorTable<undefined>): void => {
    for (const schema of [sendMessageV2, sendBatchMessage]) {
      table.register(schema, (_, { header, body, command }) => {
        const oneway = (command.flag & 2) !== 0;
        sent.push({ broker, code: schema.code, header, body: body && Buffer.from(body), oneway });
        if (code === undefined) return SUSPENDED;
        return { code, remark: 'scripted', header: { msgId: 'OFFSETID', queueId: header.e, queueOffset: 5 } };
      });
    }
  };
}

async function producer(options: Partial<ProducerOptions> = {}): Promise<Producer> {
  const made = new Producer({ group: 'P', namesrvAddrs: [cluster.namesrvAddr], random: () => 0, ...options });
  await made.start();
  running.push(made);
  return made;
}

const message = (change: Partial<Message> = {}): Message => ({
  topic: 'T',
  body: Buffer.from('hello'),
  flag: 3,
  properties: { TAGS: 'TagA' },
  ...change,
});

const brokersTried = (): string[] => sent.map((entry) => entry.broker);

describe('Producer.send', () => {
  it('sends what a Java client sends and returns where it went', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 2);
    const original = message();
    const result = await (await producer()).send(original);
    expect(result).toMatchObject({
      sendStatus: 'SEND_OK',
      offsetMsgId: 'OFFSETID',
      messageQueue: { topic: 'T', brokerName: 'a', queueId: 0 },
      queueOffset: 5,
    });
    expect(result.msgId).toMatch(/^[0-9A-F]{32,56}$/);
    const { header, body } = sent[0] as Sent;
    expect(header).toMatchObject({
      a: 'P',
      b: 'T',
      c: 'TBW102',
      d: 4,
      e: 0,
      f: 0,
      h: 3,
      j: 0,
      k: false,
      m: false,
      n: 'a',
    });
    expect(decodeProperties(header.i ?? '')).toEqual({ TAGS: 'TagA', UNIQ_KEY: result.msgId });
    expect(body?.toString()).toBe('hello');
    expect(original.properties).toEqual({ TAGS: 'TagA' });
  });

  it('takes a message in its simplest form', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const { msgId } = await (await producer()).send({ topic: 'T', body: 'hé', tags: 'A', keys: ['k1', 'k2'] });
    const { header, body } = sent[0] as Sent;
    expect(header.h).toBe(0);
    expect(decodeProperties(header.i ?? '')).toEqual({ TAGS: 'A', KEYS: 'k1 k2', UNIQ_KEY: msgId });
    expect(body?.toString()).toBe('hé');
  });

  it('goes round the queues', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 3);
    const made = await producer();
    for (let i = 0; i < 4; i++) await made.send(message());
    expect(sent.map((entry) => entry.header.e)).toEqual([0, 1, 2, 0]);
  });

  it.each([17, 14, 1, 16, 204, 205, 2])('tries another broker after code %i, with the same unique id', async (code) => {
    await cluster.startBroker('a', answering('a', code));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 2);
    const result = await (await producer()).send(message());
    expect(brokersTried()).toEqual(['a', 'b']);
    expect(result.messageQueue.brokerName).toBe('b');
    expect(new Set(sent.map((entry) => decodeProperties(entry.header.i ?? '').UNIQ_KEY)).size).toBe(1);
  });

  it('gives up after three tries with the last answer', async () => {
    await cluster.startBroker('a', answering('a', 14));
    cluster.addTopic('T', 2);
    await expect((await producer()).send(message())).rejects.toMatchObject({
      code: 'RESPONSE',
      responseCode: 14,
      detail: 'scripted',
    });
    expect(sent.length).toBe(3);
  });

  it('does not try again after a refusal no broker would change', async () => {
    await cluster.startBroker('a', answering('a', 13));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 1);
    await expect((await producer()).send(message())).rejects.toMatchObject({ responseCode: 13 });
    expect(brokersTried()).toEqual(['a']);
  });

  it('goes on with another broker when one is dead, and then leaves it alone', async () => {
    cluster.addBroker('a', await deadAddr());
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 2);
    const made = await producer();
    const results = [];
    for (let i = 0; i < 6; i++) results.push(await made.send(message()));
    expect(results.map((result) => result.messageQueue.brokerName)).toEqual(new Array(6).fill('b'));
  });

  it('rejects with CONNECT when its only broker is dead', async () => {
    const addr = await deadAddr();
    cluster.addBroker('a', addr);
    cluster.addTopic('T', 2);
    await expect((await producer()).send(message())).rejects.toMatchObject({ code: 'CONNECT', detail: addr });
  });

  it('rejects with TIMEOUT when the broker keeps silent', async () => {
    await cluster.startBroker('a', answering('a', undefined));
    cluster.addTopic('T', 1);
    const begun = performance.now();
    await expect((await producer()).send(message(), { timeoutMs: 150 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('goes on when one of two namesrvs is dead', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const made = await producer({ namesrvAddrs: [await deadAddr(), cluster.namesrvAddr] });
    expect((await made.send(message())).sendStatus).toBe('SEND_OK');
  });

  it('rejects with CONNECT within 3 s when no namesrv lives', async () => {
    const made = await producer({ namesrvAddrs: [await deadAddr()] });
    const begun = performance.now();
    await expect(made.send(message())).rejects.toMatchObject({ code: 'CONNECT' });
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it.each([
    [10, 'FLUSH_DISK_TIMEOUT'],
    [11, 'SLAVE_NOT_AVAILABLE'],
    [12, 'FLUSH_SLAVE_TIMEOUT'],
  ])('takes code %i as stored with %s', async (code, sendStatus) => {
    await cluster.startBroker('a', answering('a', code));
    cluster.addTopic('T', 1);
    expect(await (await producer()).send(message())).toMatchObject({ sendStatus, queueOffset: 5 });
  });
});

describe('Producer.send to an unknown topic', () => {
  it('uses the template topic, with at most four queues', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('TBW102', 8);
    const made = await producer();
    for (let i = 0; i < 5; i++) await made.send(message({ topic: 'New' }));
    expect(sent.map((entry) => `${entry.header.b} ${entry.header.e}`)).toEqual([
      'New 0',
      'New 1',
      'New 2',
      'New 3',
      'New 0',
    ]);
    expect(cluster.seen.filter((entry) => entry.startsWith('105'))).toEqual(['105 New', '105 TBW102']);
  });

  it('rejects with NOT_FOUND where there is no template', async () => {
    await cluster.startBroker('a', answering('a', 0));
    await expect((await producer()).send(message({ topic: 'New' }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      responseCode: 17,
      detail: 'No topic route info in name server for the topic: New',
    });
  });
});

describe('Producer.send to a given queue', () => {
  it('tries that queue once', async () => {
    await cluster.startBroker('a', answering('a', 14));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 2);
    const queue = { topic: 'T', brokerName: 'a', queueId: 1 };
    await expect((await producer()).send(message(), { queue })).rejects.toMatchObject({ responseCode: 14 });
    expect(sent.map((entry) => `${entry.broker} ${entry.header.e}`)).toEqual(['a 1']);
  });

  it('rejects with NOT_FOUND for a broker the route does not name', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 2);
    const queue = { topic: 'T', brokerName: 'z', queueId: 1 };
    await expect((await producer()).send(message(), { queue })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'The broker[z] not exist',
    });
  });
});

describe('Producer.sendBatch', () => {
  const wait = (WAIT: string): Partial<Message> => ({ properties: { WAIT } });

  it('sends what a Java client sends, and returns all ids', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 2);
    const messages = [
      message({ properties: { TAGS: 'A', UNIQ_KEY: 'MINE' } }),
      message({ body: Buffer.from('b'), flag: 0 }),
    ];
    const result = await (await producer()).sendBatch(messages);
    const [first = '', second = ''] = result.msgId.split(',');
    expect(first).toBe('MINE');
    expect(second).toMatch(/^[0-9A-F]{32,56}$/);
    expect(result).toMatchObject({ sendStatus: 'SEND_OK', offsetMsgId: 'OFFSETID', queueOffset: 5 });
    const [{ code, header, body = Buffer.alloc(0) }] = sent as [Sent];
    expect(code).toBe(320);
    expect(header).toMatchObject({
      a: 'P',
      b: 'T',
      c: 'TBW102',
      d: 4,
      e: 0,
      f: 0,
      h: 0,
      j: 0,
      k: false,
      m: true,
      n: 'a',
    });
    expect(header.i).toBe('WAIT\x01true');
    const inner = emptyInnerMessage();
    const read = [];
    for (let at = 0; at < body.length; at = inner.next) {
      expect(readInnerMessage(body, at, body.length, inner)).toBe(true);
      const properties = decodeProperties(body.toString('utf8', inner.propertiesStart, inner.propertiesEnd));
      read.push([inner.flag, body.toString('utf8', inner.bodyStart, inner.bodyEnd), { ...properties }]);
    }
    expect(read).toEqual([
      [3, 'hello', { TAGS: 'A', UNIQ_KEY: 'MINE' }],
      [0, 'b', { TAGS: 'TagA', UNIQ_KEY: second }],
    ]);
    expect(messages[1]?.properties).toEqual({ TAGS: 'TagA' });
  });

  it('says WAIT=false when its messages do, and compresses nothing', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const large = { ...wait('false'), body: Buffer.alloc(5000, 'x') };
    await (await producer()).sendBatch([message(large), message(large)]);
    expect(sent[0]?.header).toMatchObject({ f: 0, i: 'WAIT\x01false' });
    expect(sent[0]?.body?.length).toBeGreaterThan(10_000);
  });

  it('goes to a given queue, and to another broker when one refuses, with the same ids', async () => {
    await cluster.startBroker('a', answering('a', 14));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 2);
    const made = await producer();
    const queue = { topic: 'T', brokerName: 'b', queueId: 1 };
    expect((await made.sendBatch([message()], { queue })).messageQueue).toEqual(queue);
    sent = [];
    await made.sendBatch([message(), message()]);
    expect(brokersTried()).toEqual(['a', 'b']);
    expect(sent[0]?.body).toEqual(sent[1]?.body);
  });

  it.each<[string, Message[], string]>([
    ['no message', [], 'the batch holds no message'],
    ['a delay', [message({ properties: { DELAY: '1' } })], 'TimeDelayLevel is not supported for batching'],
    [
      'a time',
      [message({ properties: { TIMER_DELAY_SEC: '1' } })],
      'a message with a time to be delivered at cannot be in a batch: send it alone',
    ],
    ['a retry topic', [message({ topic: '%RETRY%G' })], 'Retry Group is not supported for batching'],
    ['two topics', [message(), message({ topic: 'U' })], 'The topic of the messages in one batch should be the same'],
    [
      'both values of WAIT',
      [message(wait('TRUE')), message(), message(wait('false'))],
      'The waitStoreMsgOK of the messages in one batch should the same',
    ],
    ['an empty body', [message({ body: Buffer.alloc(0) })], 'the message body length is zero'],
    [
      'more than 4 MiB in all',
      [message({ body: Buffer.alloc(2 ** 21) }), message({ body: Buffer.alloc(2 ** 21) })],
      'the message body size over max value, MAX: 4194304',
    ],
    [
      'properties no record can hold',
      [message({ properties: { k: 'v'.repeat(32_767), UNIQ_KEY: 'U' } })],
      'Properties size of message exceeded, properties size: 32780, maxSize: 32767.',
    ],
  ])('refuses %s without asking anybody', async (_, messages, why) => {
    const refused = (await producer()).sendBatch(messages);
    await expect(refused).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT', message: why });
    expect(cluster.seen).toEqual([]);
  });

  it('rejects with the code of a broker that refuses the batch', async () => {
    await cluster.startBroker('a', answering('a', 13));
    cluster.addTopic('T', 1);
    const made = await producer();
    await expect(made.sendBatch([message()])).rejects.toMatchObject({ code: 'RESPONSE', responseCode: 13 });
    expect(sent.length).toBe(1);
    await made.stop();
    await expect(made.sendBatch([message()])).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('Producer', () => {
  it('compresses bodies from 4 KiB on', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const made = await producer();
    await made.send(message({ body: Buffer.alloc(4095, 'x') }));
    await made.send(message({ body: Buffer.alloc(4096, 'x') }));
    expect(sent.map((entry) => entry.header.f)).toEqual([0, 0x301]);
    expect(inflateSync((sent[1] as Sent).body ?? Buffer.alloc(0))).toEqual(Buffer.alloc(4096, 'x'));
  });

  it.each([
    ['an empty body', { body: Buffer.alloc(0) }],
    ['a body above 4 MiB', { body: Buffer.alloc(4 * 1024 * 1024 + 1) }],
    ['an illegal topic', { topic: 'bad topic!' }],
  ])('refuses %s without asking anybody', async (_, change) => {
    await expect((await producer()).send(message(change))).rejects.toMatchObject({ code: 'ILLEGAL_ARGUMENT' });
    expect(cluster.seen).toEqual([]);
  });

  it('puts the retry counters of a retry topic into the header, and leaves them among the properties', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('%RETRY%G', 1);
    const properties = { RECONSUME_TIME: '2', MAX_RECONSUME_TIMES: '16', RETRY_TOPIC: 'T' };
    const { msgId } = await (await producer()).send(message({ topic: '%RETRY%G', properties }));
    expect((sent[0] as Sent).header).toMatchObject({ j: 2, l: 16 });
    expect(decodeProperties((sent[0] as Sent).header.i ?? '')).toEqual({
      RETRY_TOPIC: 'T',
      RECONSUME_TIME: '2',
      MAX_RECONSUME_TIMES: '16',
      UNIQ_KEY: msgId,
    });
  });

  it('sends one-way without waiting for an answer', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    await (await producer()).sendOneway(message());
    await until('the message', () => sent.length === 1);
    expect((sent[0] as Sent).oneway).toBe(true);
  });

  it('announces its group to brokers it learns of and leaves it at stop', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const made = await producer();
    await made.send(message());
    await made.stop();
    expect(cluster.seen).toEqual(['105 T', '34 a', '35 a']);
    await made.stop();
    await expect(made.send(message())).rejects.toMatchObject({ code: 'STOPPED', message: 'the producer was stopped' });
    await expect(made.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('may be used before its start is awaited', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const made = new Producer({ group: 'P', namesrvAddr: cluster.namesrvAddr });
    running.push(made);
    void made.start();
    await expect(made.send(message())).resolves.toMatchObject({ sendStatus: 'SEND_OK' });
  });

  it('says what is missing before a send', async () => {
    const addrs = { namesrvAddr: cluster.namesrvAddr };
    await expect(new Producer({ group: 'P', ...addrs }).send(message())).rejects.toMatchObject({
      code: 'STOPPED',
      message: 'the producer is not started: call start() first',
    });
    const nowhere = new Producer({ group: 'P' });
    await expect(nowhere.start()).rejects.toMatchObject({ code: 'NO_NAMESRV' });
    await expect(nowhere.send(message())).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no group', {}],
    ['an address that is none', { group: 'P', namesrvAddr: 'nowhere' }],
    ['a time-out that is none', { group: 'P', sendMsgTimeout: 0 }],
    ['retries below zero', { group: 'P', retryTimesWhenSendFailed: -1 }],
  ])('is not made of %s', (_, options) => {
    expect(() => new Producer(options as ProducerOptions)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }),
    );
  });

  it('is gone when any stop resolves, also the second', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const made = await producer();
    await made.send(message());
    void made.stop();
    await made.stop();
    expect(cluster.seen).toContain('35 a');
  });
});

describe('Producer.sendAsync', () => {
  it('takes no more than the window, tells each message once, and says when all are answered', async () => {
    let answers: (() => void)[] = [];
    await cluster.startBroker('a', (table) => {
      table.register(sendMessageV2, async (_, { header }) => {
        await new Promise<void>((answer) => answers.push(answer));
        return { code: 0, header: { msgId: 'OFFSETID', queueId: header.e, queueOffset: 5 } };
      });
    });
    cluster.addTopic('T', 1);
    const made = await producer({ backPressureForAsyncSendNum: 3 });
    const told: string[] = [];
    let taken = 0;
    const sending = (async () => {
      for (let i = 0; i < 7; i++) {
        const onSuccess = ({ queueOffset }: { queueOffset: number }) => told.push(`${i} at ${queueOffset}`);
        await made.sendAsync(message(), { onSuccess, onException: (error) => told.push(String(error)) });
        taken++;
      }
    })();
    await until('three requests', () => answers.length === 3);
    expect([taken, told]).toEqual([3, []]);
    while (told.length < 7) {
      const ready = answers;
      answers = [];
      for (const answer of ready) answer();
      await new Promise((go) => setImmediate(go));
    }
    await sending;
    await made.idle();
    expect(told.sort()).toEqual(Array.from({ length: 7 }, (_, i) => `${i} at 5`));
  });

  it('tells what send() would reject with', async () => {
    await cluster.startBroker('a', answering('a', 13));
    cluster.addTopic('T', 1);
    const made = await producer();
    const failures: unknown[] = [];
    const callback = { onSuccess: () => {}, onException: (error: unknown) => failures.push(error) };
    await made.sendAsync(message(), callback);
    await made.sendAsync({ topic: 'T', body: '' }, callback);
    await made.idle();
    expect(failures).toHaveLength(2);
    expect(failures).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'RESPONSE', responseCode: 13 }),
        expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' }),
      ]),
    );
    await made.stop();
    await expect(made.sendAsync(message(), callback)).rejects.toMatchObject({ code: 'STOPPED' });
  });
});

describe('options of a Producer', () => {
  const selector: MessageQueueSelector = (queues, { topic }, arg) => (topic === 'T' ? queues[Number(arg)] : undefined);

  it('a selector chooses the queue, which is tried once', async () => {
    await cluster.startBroker('a', answering('a', 14));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 2);
    cluster.addTopic('Other', 2);
    const made = await producer();
    await expect(made.send(message(), { selector, arg: 1 })).rejects.toMatchObject({ responseCode: 14 });
    expect(sent.map(({ broker, header }) => [broker, header.e])).toEqual([['a', 1]]);
    await made.sendOneway(message(), { selector, arg: 3 });
    await until('both are there', () => sent.length === 2);
    expect([sent[1]?.broker, sent[1]?.header.e]).toEqual(['b', 1]);
    const refused = expect.objectContaining({ code: 'ILLEGAL_ARGUMENT' });
    await expect(made.send(message({ topic: 'Other' }), { selector, arg: 0 })).rejects.toEqual(refused);
    await expect(made.send(message(), { selector })).rejects.toEqual(refused);
  });

  it('retryAnotherBrokerWhenNotStoreOK tries another broker, and gives the last answer when none is better', async () => {
    await cluster.startBroker('a', answering('a', 10));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 1);
    expect(await (await producer()).send(message())).toMatchObject({ sendStatus: 'FLUSH_DISK_TIMEOUT' });
    const made = await producer({ retryAnotherBrokerWhenNotStoreOK: true });
    expect(await made.send(message())).toMatchObject({ sendStatus: 'SEND_OK' });
    expect(brokersTried()).toEqual(['a', 'a', 'b']);
  });

  it('retryAnotherBrokerWhenNotStoreOK keeps what was stored when the others fail', async () => {
    await cluster.startBroker('a', answering('a', 10));
    await cluster.startBroker('b', answering('b', 13));
    cluster.addTopic('T', 1);
    const made = await producer({ retryAnotherBrokerWhenNotStoreOK: true });
    expect(await made.send(message())).toMatchObject({ sendStatus: 'FLUSH_DISK_TIMEOUT' });
    expect(brokersTried()).toEqual(['a', 'b']);
  });

  it('retryResponseCodes are tried again, too', async () => {
    await cluster.startBroker('a', answering('a', 13));
    await cluster.startBroker('b', answering('b', 0));
    cluster.addTopic('T', 1);
    await expect((await producer()).send(message())).rejects.toMatchObject({ responseCode: 13 });
    await (await producer({ retryResponseCodes: [13] })).send(message());
    expect(brokersTried()).toEqual(['a', 'a', 'b']);
  });

  it('compression begins where it is told to, at its level, and sizes have a limit', async () => {
    await cluster.startBroker('a', answering('a', 0));
    cluster.addTopic('T', 1);
    const body = Buffer.from('abcdefgh'.repeat(100));
    const made = await producer({ compressMsgBodyOverHowmuch: 800, compressLevel: 9, maxMessageSize: 800 });
    await made.send(message({ body }));
    await made.send(message({ body: body.subarray(1) }));
    expect(sent.map(({ header }) => header.f)).toEqual([0x301, 0]);
    expect(inflateSync(sent[0]?.body ?? Buffer.alloc(0))).toEqual(body);
    await expect(made.send(message({ body: Buffer.alloc(801) }))).rejects.toThrow(
      'the message body size over max value, MAX: 800',
    );
    expect(() => new Producer({ group: 'P', namesrvAddr: 'a:1', compressLevel: 10 })).toThrow('compressLevel');
  });
});
