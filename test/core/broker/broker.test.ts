import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../../src/core/broker/broker.ts';
import { pickBrokerPort } from '../../../src/core/cluster/free-ports.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { namesrvConfigSchema, readConfig } from '../../../src/core/common/config-schema.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { decodeMessages } from '../../../src/core/message/message-codec.ts';
import { Namesrv } from '../../../src/core/namesrv/namesrv.ts';
import { decodeTopicRouteData } from '../../../src/core/protocol/bodies/topic-route-data.ts';
import { getRouteinfoByTopic } from '../../../src/core/protocol/requests/get-routeinfo-by-topic.ts';
import { getTopicConfig } from '../../../src/core/protocol/requests/get-topic-config.ts';
import { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import { putKvConfig } from '../../../src/core/protocol/requests/put-kv-config.ts';
import { queryConsumerOffset } from '../../../src/core/protocol/requests/query-consumer-offset.ts';
import { updateAndCreateTopic } from '../../../src/core/protocol/requests/update-and-create-topic.ts';
import { updateConsumerOffset } from '../../../src/core/protocol/requests/update-consumer-offset.ts';
import { ResponseCode } from '../../../src/core/protocol/response-code.ts';
import { testConfig } from './broker-config.ts';
import { HeldClock } from './held-clock.ts';
import { pullHeader } from './pull-fields.ts';
import { connectTo, recordingLogger, startBroker, stopAfter, temporaryDir, until } from './test-broker.ts';

const committed = { consumerGroup: 'G', topic: 'TopicTest', queueId: 0 };
const newTopic = {
  topic: 'Made',
  defaultTopic: 'TBW102',
  readQueueNums: 3,
  writeQueueNums: 3,
  perm: 6,
  topicFilterType: 'SINGLE_TAG',
  order: false,
};

async function startNamesrv(): Promise<Namesrv> {
  const facts = { cpus: 2, home: temporaryDir(), hostName: 'h', localAddress: '127.0.0.1' };
  const { config } = readConfig(namesrvConfigSchema, new Map(), facts);
  const namesrv = stopAfter(
    new Namesrv({ host: '127.0.0.1', port: 0, config, clock: systemClock, logger: silentLogger }),
  );
  await namesrv.start();
  return namesrv;
}

const addrOf = (server: { port: number }): string => `127.0.0.1:${server.port}`;

describe('a broker over its life', () => {
  it('finds messages, topics, groups and offsets again', async () => {
    const storeDir = temporaryDir();
    const first = await startBroker({ storeDir });
    const client = connectTo(first.addr);
    for (const text of ['a', 'b']) await client.send({ queueId: 2 }, text);
    await client.ask(pullMessage, pullHeader({ queueId: 2 }));
    await client.ask(updateConsumerOffset, { ...committed, commitOffset: 11 });
    await first.stop();
    const second = connectTo((await startBroker({ storeDir })).addr);
    const pulled = await second.ask(pullMessage, pullHeader({ queueId: 2 }));
    expect(decodeMessages(pulled.body ?? Buffer.alloc(0)).map(({ body }) => String(body))).toEqual(['a', 'b']);
    expect((await second.ask(queryConsumerOffset, committed)).extFields).toEqual({ offset: '11' });
    expect(
      JSON.parse(readFileSync(join(storeDir, 'config/subscriptionGroup.json'), 'utf8')).subscriptionGroupTable.G,
    ).toBeDefined();
    expect((await second.send({ queueId: 2 }, 'c')).extFields).toMatchObject({ queueOffset: '2' });
  });

  it('writes its files as RocketMQ lays them out', async () => {
    const storeDir = temporaryDir();
    const broker = await startBroker({ storeDir, config: { brokerClusterName: 'C' } });
    const client = connectTo(broker.addr);
    await client.ask(updateAndCreateTopic, newTopic);
    await client.ask(updateConsumerOffset, { ...committed, commitOffset: 5 });
    await client.ask(updateConsumerOffset, { ...committed, queueId: 1, commitOffset: 7 });
    await broker.stop();
    const topics = readFileSync(join(storeDir, 'config/topics.json'), 'utf8');
    expect(topics).toMatch(
      /^\{\n\t"dataVersion":\{\n\t\t"counter":1,\n\t\t"timestamp":\d+\n\t\},\n\t"topicConfigTable":\{\n/,
    );
    expect(topics).toContain(
      '\t\t"Made":{\n\t\t\t"order":false,\n\t\t\t"perm":6,\n\t\t\t"readQueueNums":3,\n\t\t\t"topicFilterType":"SINGLE_TAG",\n\t\t\t"topicName":"Made",\n\t\t\t"topicSysFlag":0,\n\t\t\t"writeQueueNums":3\n\t\t}',
    );
    expect(readFileSync(join(storeDir, 'config/consumerOffset.json'), 'utf8')).toBe(
      '{\n\t"offsetTable":{\n\t\t"TopicTest@G":{0:5,1:7\n\t\t}\n\t}\n}',
    );
  });

  it('writes offsets every 5 s while it runs', async () => {
    const storeDir = temporaryDir();
    const clock = new HeldClock();
    const broker = await startBroker({ storeDir, clock });
    const client = connectTo(broker.addr);
    await client.ask(updateConsumerOffset, { ...committed, commitOffset: 5 });
    const read = (): string => {
      try {
        return readFileSync(join(storeDir, 'config/consumerOffset.json'), 'utf8');
      } catch {
        return '';
      }
    };
    clock.advance(4999);
    expect(read()).toBe('');
    clock.advance(1);
    await until(() => read().includes('0:5'));
  });

  it('uses the .bak of a half-written file', async () => {
    const storeDir = temporaryDir();
    const first = await startBroker({ storeDir });
    const client = connectTo(first.addr);
    await client.ask(updateAndCreateTopic, newTopic);
    await client.ask(updateAndCreateTopic, { ...newTopic, topic: 'Later' });
    await first.stop();
    const path = join(storeDir, 'config/topics.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 300));
    const { lines, logger } = recordingLogger();
    const second = connectTo((await startBroker({ storeDir, logger })).addr);
    expect((await second.ask(getTopicConfig, { topic: 'Made' })).code).toBe(ResponseCode.SUCCESS);
    expect(lines.some((line) => line.includes('topics.json.bak'))).toBe(true);
  });

  it.each([
    [
      'gone, and so is its .bak',
      (path: string) => {
        for (const suffix of ['', '.bak']) rmSync(path + suffix, { force: true });
      },
    ],
    [
      'cut short, and its .bak is older',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 300)),
    ],
  ])('makes the topics of its queues again when topics.json is %s', async (_, damage) => {
    const storeDir = temporaryDir();
    const first = await startBroker({ storeDir });
    const client = connectTo(first.addr);
    await client.ask(updateAndCreateTopic, newTopic);
    await client.ask(updateAndCreateTopic, { ...newTopic, topic: 'Later' });
    await client.send({ topic: 'Later', queueId: 2 }, 'still here');
    await first.stop();
    damage(join(storeDir, 'config/topics.json'));
    const { lines, logger } = recordingLogger();
    const second = connectTo((await startBroker({ storeDir, logger })).addr);
    const pulled = await second.ask(pullMessage, pullHeader({ topic: 'Later', queueId: 2 }));
    expect(decodeMessages(pulled.body ?? Buffer.alloc(0)).map(({ body }) => String(body))).toEqual(['still here']);
    expect(lines.some((line) => line.includes('Later made again from the queues'))).toBe(true);
  });

  it.each(['topics.json', 'subscriptionGroup.json', 'consumerOffset.json'])(
    'refuses to start without a readable %s and leaves the store as it is',
    async (name) => {
      const storeDir = temporaryDir();
      mkdirSync(join(storeDir, 'config'));
      for (const suffix of ['', '.bak']) writeFileSync(join(storeDir, 'config', name + suffix), '{"half":');
      await expect(startBroker({ storeDir })).rejects.toMatchObject({
        code: 'CONFIG',
        message: expect.stringContaining(name),
      });
      // Nothing holds the store any more.
      writeFileSync(join(storeDir, 'config', name), '');
      writeFileSync(join(storeDir, 'config', `${name}.bak`), '{}');
      await startBroker({ storeDir });
    },
  );

  it('names the port that is taken, whichever of the two, and lets go of the store', async () => {
    const listenPort = await pickBrokerPort('127.0.0.1', Math.random);
    // The second broker's VIP port is the first one's port.
    const blocker = await startBroker({ config: { listenPort } });
    const storeDir = temporaryDir();
    for (const other of [listenPort, listenPort + 2]) {
      await expect(startBroker({ storeDir, config: { listenPort: other } })).rejects.toMatchObject({
        code: 'IN_USE',
        message: `port ${listenPort} is in use`,
      });
    }
    await blocker.stop();
    await startBroker({ storeDir, config: { listenPort } });
  });

  it('refuses a store another broker has open', async () => {
    const storeDir = temporaryDir();
    await startBroker({ storeDir });
    await expect(startBroker({ storeDir })).rejects.toMatchObject({ code: 'IN_USE' });
  });

  it('refuses settings that promise what is not built, and ports it cannot have', () => {
    const options = { host: '127.0.0.1', storeDir: '/nowhere', clock: systemClock, logger: silentLogger };
    expect(() => new Broker({ ...options, config: testConfig({ brokerRole: 'SYNC_MASTER' }) })).toThrow(
      /brokerRole=SYNC_MASTER/,
    );
    expect(() => new Broker({ ...options, config: testConfig({ listenPort: 0 }) })).toThrow(/listenPort=0/);
  });

  it('can be stopped twice, and before it was started', async () => {
    const config = testConfig({ listenPort: 20_000 });
    await new Broker({
      host: '127.0.0.1',
      storeDir: '/nowhere',
      clock: systemClock,
      logger: silentLogger,
      config,
    }).stop();
    const broker = await startBroker();
    await Promise.all([broker.stop(), broker.stop()]);
    await broker.stop();
  });

  it('leaves no timer behind', async () => {
    const clock = new HeldClock();
    const broker = await startBroker({ clock });
    expect(clock.pending).toBeGreaterThan(3);
    await broker.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('the VIP port', () => {
  it('serves everything but pulls', async () => {
    const broker = await startBroker();
    const vip = connectTo(`127.0.0.1:${broker.port - 2}`);
    expect((await vip.send()).code).toBe(ResponseCode.SUCCESS);
    expect((await vip.send()).code).toBe(ResponseCode.SUCCESS);
    expect((await vip.ask(queryConsumerOffset, committed)).code).toBe(ResponseCode.SUCCESS);
    expect(await vip.ask(pullMessage, pullHeader())).toMatchObject({
      code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
      remark: ' request type 11 not supported',
    });
  });
});

describe('registration', () => {
  it('tells every namesrv at start, of new topics at once, and says goodbye', async () => {
    const namesrvs = [await startNamesrv(), await startNamesrv()];
    const broker = await startBroker({ config: { namesrvAddr: namesrvs.map(addrOf).join(';') } });
    const route = async (namesrv: Namesrv, topic: string) => {
      const { code, body } = await connectTo(addrOf(namesrv)).ask(getRouteinfoByTopic, { topic });
      return code === ResponseCode.SUCCESS ? decodeTopicRouteData(body) : undefined;
    };
    for (const namesrv of namesrvs) {
      expect((await route(namesrv, 'TBW102'))?.brokerDatas).toMatchObject([
        { cluster: 'DefaultCluster', brokerName: 'broker-a', brokerAddrs: new Map([[0, broker.addr]]) },
      ]);
    }
    const client = connectTo(broker.addr);
    await client.ask(updateAndCreateTopic, newTopic);
    for (const namesrv of namesrvs) {
      expect((await route(namesrv, 'Made'))?.queueDatas).toMatchObject([
        { readQueueNums: 3, writeQueueNums: 3, perm: 6 },
      ]);
    }
    await client.send({ topic: 'Created' });
    for (const namesrv of namesrvs) while ((await route(namesrv, 'Created')) === undefined);
    await broker.stop();
    for (const namesrv of namesrvs) expect(await route(namesrv, 'Made')).toBeUndefined();
  });

  it('does not wait for a namesrv that is not there, and finds it when it comes', async () => {
    const namesrv = await startNamesrv();
    const gone = await startNamesrv();
    const goneAddr = addrOf(gone);
    await gone.stop();
    const { lines, logger } = recordingLogger();
    await startBroker({ logger, config: { namesrvAddr: `${goneAddr};${addrOf(namesrv)}` } });
    expect(lines.some((line) => line.includes(`registration with namesrv ${goneAddr} failed`))).toBe(true);
    expect((await connectTo(addrOf(namesrv)).ask(getRouteinfoByTopic, { topic: 'TBW102' })).code).toBe(
      ResponseCode.SUCCESS,
    );
  });

  it('registers again every 30 s and takes over the order topics of the namesrv', async () => {
    const namesrv = await startNamesrv();
    const clock = new HeldClock();
    const broker = await startBroker({ clock, config: { namesrvAddr: addrOf(namesrv) } });
    const client = connectTo(broker.addr);
    await client.ask(updateAndCreateTopic, newTopic);
    const kv = { namespace: 'ORDER_TOPIC_CONFIG', key: 'Made', value: 'broker-a:3' };
    await connectTo(addrOf(namesrv)).ask(putKvConfig, kv);
    clock.advance(10_000);
    const isOrder = async () =>
      String((await client.ask(getTopicConfig, { topic: 'Made' })).body).includes('"order":true');
    while (!(await isOrder()));
  });

  it('announces a broker that may only be read as such', async () => {
    const namesrv = await startNamesrv();
    await startBroker({ config: { namesrvAddr: addrOf(namesrv), brokerPermission: 4 } });
    const { body } = await connectTo(addrOf(namesrv)).ask(getRouteinfoByTopic, { topic: 'BenchmarkTest' });
    expect(decodeTopicRouteData(body).queueDatas).toMatchObject([{ perm: 4 }]);
  });

  it('sends the compressed form when told to, and asks first when forceRegister is off', async () => {
    const namesrv = await startNamesrv();
    const clock = new HeldClock();
    const config = { namesrvAddr: addrOf(namesrv), compressedRegister: true, forceRegister: false };
    const broker = await startBroker({ clock, config });
    const client = connectTo(broker.addr);
    await client.send({ topic: 'Created' });
    clock.advance(10_000);
    const asker = connectTo(addrOf(namesrv));
    const known = async () =>
      (await asker.ask(getRouteinfoByTopic, { topic: 'Created' })).code === ResponseCode.SUCCESS;
    while (!(await known()));
  });
});
