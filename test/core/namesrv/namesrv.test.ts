import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import { namesrvConfigSchema, readConfig } from '../../../src/core/common/config-schema.ts';
import { propertiesOf } from '../../../src/core/common/java-properties.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { Namesrv } from '../../../src/core/namesrv/namesrv.ts';
import { servedCodes } from '../../../src/core/namesrv/processors/index.ts';
import { RawClient } from './raw-client.ts';

const facts = { cpus: 2, home: '/nowhere', hostName: 'a-host', localAddress: '127.0.0.1' };
let folder: string;
let namesrv: Namesrv;
const clients: RawClient[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-namesrv-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await namesrv.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = {}): Promise<void> {
  const properties = propertiesOf({ kvConfigPath: join(folder, 'kvConfig.json'), ...settings });
  const { config } = readConfig(namesrvConfigSchema, properties, facts);
  const extras = { someKey: 'a;b' };
  namesrv = new Namesrv({ host: '127.0.0.1', port: 0, config, extras, clock: systemClock, logger: silentLogger });
  await namesrv.start();
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(namesrv.port);
  clients.push(client);
  return client;
}

const topicConfig = (topicName: string, perm = 6): string =>
  `{"order":false,"perm":${perm},"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"${topicName}","topicSysFlag":0,"writeQueueNums":4}`;

const registerBody = (...topics: string[]): Buffer =>
  Buffer.from(
    `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"timestamp":1700000000000},"topicConfigTable":{${topics
      .map((topic) => `"${topic}":${topicConfig(topic)}`)
      .join(',')}}}}`,
  );

const registerFields = (values: Record<string, string> = {}): Record<string, string> => ({
  brokerName: 'broker-a',
  brokerAddr: '127.0.0.1:10911',
  clusterName: 'DefaultCluster',
  haServerAddr: '127.0.0.1:10912',
  brokerId: '0',
  ...values,
});

const registerHeader = (values: Record<string, string> = {}): Record<string, unknown> => ({
  code: 103,
  extFields: registerFields(values),
});

const route = (topic: string, fields: Record<string, string> = {}): Record<string, unknown> => ({
  code: 105,
  extFields: { topic, ...fields },
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('registration and route', () => {
  test('a registered topic is routed in both JSON forms, by version and by wish', async () => {
    await start();
    const client = await connect();
    const body = registerBody('T1');
    const registered = await client.request(
      registerHeader({ bodyCrc32: String(crc32(body) & 0x7fffffff), compressed: 'false' }),
      body,
    );
    expect(registered).toMatchObject({ code: 0, flag: 1, opaque: 7, extFields: {}, body: undefined });

    const quoted =
      '{"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.1:10911"},"brokerName":"broker-a","cluster":"DefaultCluster"}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]}';
    const bare = quoted.replace('"0":', '0:');
    const bodyOf = async (header: Record<string, unknown>) => (await client.request(header)).body?.toString();
    expect(await bodyOf(route('T1'))).toBe(quoted);
    expect(await bodyOf({ ...route('T1'), version: 400 })).toBe(bare);
    expect(await bodyOf({ ...route('T1'), version: 401 })).toBe(quoted);
    expect(await bodyOf({ ...route('T1', { acceptStandardJsonOnly: 'true' }), version: 317 })).toBe(quoted);
  });

  test('an unknown topic is code 17 with the two lines clients know', async () => {
    await start();
    const answer = await (await connect()).request(route('Nope'));
    expect(answer.code).toBe(17);
    expect(answer.remark).toBe(
      'No topic route info in name server for the topic: Nope\nSee http://rocketmq.apache.org/docs/faq/ for further details.',
    );
  });

  test('cluster info has bare broker ids', async () => {
    await start();
    const client = await connect();
    await client.request(registerHeader(), registerBody('T1'));
    expect((await client.request({ code: 106 })).body?.toString()).toBe(
      '{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"127.0.0.1:10911"},"brokerName":"broker-a","cluster":"DefaultCluster"}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}}',
    );
  });

  test('a checksum that does not match is refused', async () => {
    await start();
    const client = await connect();
    const answer = await client.request(registerHeader({ bodyCrc32: '1' }), registerBody('T1'));
    expect(answer).toMatchObject({ code: 1, remark: 'crc32 not match' });
    expect((await client.request(route('T1'))).code).toBe(17);
  });

  test('a compressed body, with topic texts of five and of six parts', async () => {
    await start();
    const client = await connect();
    const int = (value: number): Buffer => {
      const buffer = Buffer.alloc(4);
      buffer.writeInt32BE(value);
      return buffer;
    };
    const text = (value: string): Buffer => Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
    const plain = Buffer.concat([
      text('{"counter":1,"timestamp":1}'),
      int(2),
      text('Five 8 4 6 SINGLE_TAG'),
      text('Six 3 2 6 SINGLE_TAG {}'),
      text('[]'),
      int(0),
    ]);
    await client.request(registerHeader({ compressed: 'true' }), deflateSync(plain, { level: 9 }));
    const five = await client.request(route('Five'));
    expect(five.body?.toString()).toContain('"readQueueNums":8,"topicSysFlag":0,"writeQueueNums":4');
    const six = await client.request(route('Six'));
    expect(six.body?.toString()).toContain('"readQueueNums":3,"topicSysFlag":0,"writeQueueNums":2');
  });

  test('a broker older than V3_0_11 sends the topic table alone', async () => {
    await start();
    const client = await connect();
    const body = Buffer.from(
      `{"dataVersion":{"counter":1,"timestamp":1},"topicConfigTable":{"T1":${topicConfig('T1')}}}`,
    );
    await client.request({ ...registerHeader(), version: 36 }, body);
    expect((await client.request(route('T1'))).code).toBe(0);
  });

  test('a garbage body is code 1 and the connection stays', async () => {
    await start();
    const client = await connect();
    expect((await client.request(registerHeader({ compressed: 'true' }), Buffer.from('nonsense'))).code).toBe(1);
    expect((await client.request(registerHeader(), Buffer.from('{"topicConfig'))).code).toBe(1);
    expect((await client.request({ code: 206 })).body?.toString()).toBe('{"topicList":[]}');
  });

  test('data versions: changed until registered, then the known one is told', async () => {
    await start();
    const client = await connect();
    const ask = (counter: number) =>
      client.request(
        { code: 322, extFields: registerFields() },
        Buffer.from(`{"counter":${counter},"timestamp":1700000000000}`),
      );
    expect(await ask(1)).toMatchObject({ code: 0, extFields: { changed: 'true' }, body: undefined });
    await client.request(registerHeader(), registerBody('T1'));
    const same = await ask(1);
    expect(same.extFields).toEqual({ changed: 'false' });
    expect(same.body?.toString()).toBe('{"counter":1,"timestamp":1700000000000}');
    expect((await ask(2)).extFields).toEqual({ changed: 'true' });
  });

  test('a slave is told its master', async () => {
    await start();
    const client = await connect();
    await client.request(registerHeader(), registerBody('T1'));
    const answer = await client.request(registerHeader({ brokerId: '1', brokerAddr: '127.0.0.1:11911' }));
    expect(answer.extFields).toEqual({ haServerAddr: '127.0.0.1:10912', masterAddr: '127.0.0.1:10911' });
  });
});

describe('brokers that go', () => {
  test('unregister', async () => {
    await start();
    const client = await connect();
    await client.request(registerHeader(), registerBody('T1'));
    expect((await client.request({ code: 104, extFields: registerFields() })).code).toBe(0);
    expect((await client.request(route('T1'))).code).toBe(17);
  });

  test('a closed connection removes the broker at once', async () => {
    await start();
    const broker = await connect();
    const client = await connect();
    await broker.request(registerHeader(), registerBody('T1'));
    expect((await client.request(route('T1'))).code).toBe(0);
    broker.close();
    await until(async () => (await client.request(route('T1'))).code === 17);
    expect((await client.request({ code: 106 })).body?.toString()).toBe('{"brokerAddrTable":{},"clusterAddrTable":{}}');
  });

  test('a silent broker is removed by the scan and its connection closed', async () => {
    await start({ scanNotActiveBrokerInterval: '10', brokerChannelExpiredTime: '50' });
    const broker = await connect();
    const client = await connect();
    await broker.request(registerHeader(), registerBody('T1'));
    expect((await client.request(route('T1'))).code).toBe(0);
    await broker.closed;
    expect((await client.request(route('T1'))).code).toBe(17);
  });
});

describe('key-value configuration', () => {
  const key = { namespace: 'ORDER_TOPIC_CONFIG', key: 'T1' };

  test('put, get, list, delete; kept across a restart', async () => {
    await start();
    const client = await connect();
    const value = 'broker-a:4;经纪人:2';
    expect(await client.request({ code: 101, extFields: key })).toMatchObject({
      code: 22,
      remark: 'No config item, Namespace: ORDER_TOPIC_CONFIG Key: T1',
    });
    expect(await client.request({ code: 219, extFields: { namespace: 'ORDER_TOPIC_CONFIG' } })).toMatchObject({
      code: 22,
      remark: 'No config item, Namespace: ORDER_TOPIC_CONFIG',
    });
    expect((await client.request({ code: 100, extFields: { ...key, value } })).code).toBe(0);
    const text = readFileSync(join(folder, 'kvConfig.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({ configTable: { ORDER_TOPIC_CONFIG: { T1: value } } });

    await namesrv.stop();
    await start();
    const again = await connect();
    expect((await again.request({ code: 101, extFields: key })).extFields).toEqual({ value });
    const list = await again.request({ code: 219, extFields: { namespace: 'ORDER_TOPIC_CONFIG' } });
    expect(JSON.parse(list.body?.toString() ?? '')).toEqual({ table: { T1: value } });
    const registered = await again.request(registerHeader(), registerBody('T1'));
    expect(JSON.parse(registered.body?.toString() ?? '')).toEqual({ table: { T1: value } });
    expect((await again.request({ code: 102, extFields: key })).code).toBe(0);
    expect((await again.request({ code: 102, extFields: key })).code).toBe(0);
    expect((await again.request({ code: 101, extFields: key })).code).toBe(22);
  });

  test('the route carries the order only with orderMessageEnable', async () => {
    await start({ orderMessageEnable: 'true' });
    const client = await connect();
    await client.request({ code: 100, extFields: { ...key, value: 'broker-a:4' } });
    await client.request(registerHeader(), registerBody('T1', 'T2'));
    expect((await client.request(route('T1'))).body?.toString()).toContain('"orderTopicConf":"broker-a:4"');
    expect((await client.request(route('T2'))).body?.toString()).not.toContain('orderTopicConf');
  });

  test('a damaged kvConfig.json without a .bak stops the start', async () => {
    writeFileSync(join(folder, 'kvConfig.json'), '{"configTable":');
    await expect(start()).rejects.toMatchObject({ code: 'CONFIG' });
  });

  test('nothing is written before something is set', async () => {
    await start();
    await namesrv.stop();
    expect(existsSync(join(folder, 'kvConfig.json'))).toBe(false);
  });
});

describe('other requests', () => {
  test('write permission of a broker', async () => {
    await start();
    const client = await connect();
    await client.request(registerHeader(), registerBody('T1', 'T2'));
    const extFields = { brokerName: 'broker-a' };
    expect((await client.request({ code: 205, extFields })).extFields).toEqual({ wipeTopicCount: '2' });
    expect((await client.request(route('T1'))).body?.toString()).toContain('"perm":4');
    expect((await client.request({ code: 327, extFields })).extFields).toEqual({ addTopicCount: '2' });
    expect((await client.request(route('T1'))).body?.toString()).toContain('"perm":6');
  });

  test('topic lists and deletion', async () => {
    await start();
    const client = await connect();
    await client.request(registerHeader(), registerBody('T1', 'T2'));
    const list = async (header: Record<string, unknown>) =>
      JSON.parse((await client.request(header)).body?.toString() ?? '');
    expect(await list({ code: 206 })).toEqual({ topicList: ['T1', 'T2'] });
    expect(await list({ code: 224, extFields: { cluster: 'DefaultCluster' } })).toEqual({ topicList: ['T1', 'T2'] });
    expect(await list({ code: 304 })).toEqual({
      brokerAddr: '127.0.0.1:10911',
      topicList: ['DefaultCluster', 'broker-a'],
    });
    for (const code of [311, 312, 313]) expect(await list({ code })).toEqual({ topicList: [] });
    expect((await client.request({ code: 216, extFields: { topic: 'T1' } })).code).toBe(0);
    expect(await list({ code: 206 })).toEqual({ topicList: ['T2'] });
  });

  test('the configuration, keys of the file nobody knows included', async () => {
    await start({ brokerChannelExpiredTime: '60000' });
    const lines = (await (await connect()).request({ code: 319 })).body?.toString().split('\n') ?? [];
    expect(lines).toContain(`kvConfigPath=${join(folder, 'kvConfig.json')}`);
    expect(lines).toContain('brokerChannelExpiredTime=60000');
    expect(lines).toContain('someKey=a;b');
    expect(lines.some((line) => line.startsWith('rocketmqHome'))).toBe(false);
    expect(lines.at(-1)).toBe('');
  });

  test('every other code is answered with 3', async () => {
    await start();
    const client = await connect();
    for (const code of [217, 901, 10, 99_999]) {
      expect(await client.request({ code })).toMatchObject({ code: 3, remark: ` request type ${code} not supported` });
    }
    expect(servedCodes).toEqual([
      100, 101, 102, 103, 104, 105, 106, 205, 206, 216, 219, 224, 304, 311, 312, 313, 318, 319, 322, 327,
    ]);
  });

  test('a missing field is code 1 with its name', async () => {
    await start();
    const answer = await (await connect()).request({ code: 105 });
    expect(answer.code).toBe(1);
    expect(answer.remark).toContain('topic');
  });

  test('start and stop are idempotent, and the port is free afterwards', async () => {
    await start();
    await namesrv.start();
    const { port } = namesrv;
    await Promise.all([namesrv.stop(), namesrv.stop()]);
    await expect(RawClient.connect(port)).rejects.toThrow(/ECONNREFUSED/);
  });
});
