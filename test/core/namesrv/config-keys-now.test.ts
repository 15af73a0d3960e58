/** Every key of a namesrv that is said to act at once is changed over the wire, and the running namesrv acts otherwise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import type { ConfigSchema } from '../../../src/core/common/config-key.ts';
import { type NamesrvConfig, namesrvConfigSchema, readConfig } from '../../../src/core/common/config-schema.ts';
import { propertiesOf } from '../../../src/core/common/java-properties.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { Namesrv } from '../../../src/core/namesrv/namesrv.ts';
import { decodeTopicRouteData } from '../../../src/core/protocol/bodies/topic-route-data.ts';
import { getRouteinfoByTopic } from '../../../src/core/protocol/requests/get-routeinfo-by-topic.ts';
import { putKvConfig } from '../../../src/core/protocol/requests/put-kv-config.ts';
import { registerBroker } from '../../../src/core/protocol/requests/register-broker.ts';
import { updateNamesrvConfig } from '../../../src/core/protocol/requests/update-namesrv-config.ts';
import type { Fields, HeaderOf, RequestSchema } from '../../../src/core/protocol/schema.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest, type RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';
import { HeldClock } from '../broker/held-clock.ts';

const facts = { cpus: 2, home: '/nowhere', hostName: 'a-host', localAddress: '127.0.0.1' };
let folder: string;
let clock: HeldClock;
let namesrv: Namesrv;
let client: RemotingClient;
/** The broker has a connection of its own: the namesrv closes it when the broker expires. */
let brokersClient: RemotingClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pocketmq-namesrv-'));
  clock = new HeldClock();
  const { config } = readConfig(
    namesrvConfigSchema,
    propertiesOf({ kvConfigPath: join(folder, 'kvConfig.json') }),
    facts,
  );
  namesrv = new Namesrv({ host: '127.0.0.1', port: 0, config, clock, logger: silentLogger });
  await namesrv.start();
  client = new RemotingClient({ clock: systemClock, logger: silentLogger });
  brokersClient = new RemotingClient({ clock: systemClock, logger: silentLogger });
});

afterEach(async () => {
  await client.stop();
  await brokersClient.stop();
  await namesrv.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = <Q extends Fields, S extends Fields>(
  schema: RequestSchema<Q, S>,
  header: HeaderOf<Q>,
  body?: Buffer,
  from = client,
): Promise<RemotingCommand> => from.invoke(`127.0.0.1:${namesrv.port}`, createRequest(schema, header, body), 5000);

async function set(key: keyof NamesrvConfig, value: unknown): Promise<void> {
  expect(await ask(updateNamesrvConfig, {}, Buffer.from(`${key}=${value}\n`))).toMatchObject({ code: 0 });
}

const topicConfig =
  '{"order":true,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"T","topicSysFlag":0,"writeQueueNums":4}';

const register = (): Promise<RemotingCommand> =>
  ask(
    registerBroker,
    {
      ...{ brokerName: 'b', brokerAddr: '127.0.0.1:1', clusterName: 'c', haServerAddr: '127.0.0.1:2', brokerId: 0 },
      ...{ compressed: false, bodyCrc32: 0 },
    },
    Buffer.from(
      `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"timestamp":1},"topicConfigTable":{"T":${topicConfig}}}}`,
    ),
    brokersClient,
  );

const route = (): Promise<RemotingCommand> => ask(getRouteinfoByTopic, { topic: 'T' });

const checks: Partial<Record<keyof NamesrvConfig, () => Promise<void>>> = {
  orderMessageEnable: async () => {
    await register();
    await ask(putKvConfig, { namespace: 'ORDER_TOPIC_CONFIG', key: 'T', value: 'b:4' });
    expect(decodeTopicRouteData((await route()).body).orderTopicConf).toBeUndefined();
    await set('orderMessageEnable', true);
    expect(decodeTopicRouteData((await route()).body).orderTopicConf).toBe('b:4');
  },
  brokerChannelExpiredTime: async () => {
    await register();
    await set('brokerChannelExpiredTime', 1000);
    clock.advance(5000);
    expect((await route()).code).toBe(17);
  },
  scanNotActiveBrokerInterval: async () => {
    await set('brokerChannelExpiredTime', 1000);
    clock.advance(5000); // the next scan would come in 10 s
    await register();
    await set('scanNotActiveBrokerInterval', 100);
    clock.advance(1000);
    expect((await route()).code).toBe(0);
    clock.advance(200);
    expect((await route()).code).toBe(17);
  },
  serverChannelMaxIdleTimeSeconds: async () => {
    const idle = connect(namesrv.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    idle.resume();
    await set('serverChannelMaxIdleTimeSeconds', 1);
    clock.advance(2000);
    await closed;
  },
};

const schema: ConfigSchema = namesrvConfigSchema;

describe('keys of a namesrv that act at once', () => {
  it('have a test each', () => {
    const now = Object.keys(schema).filter((key) => schema[key]?.acts === 'now');
    expect(Object.keys(checks).sort()).toEqual(now.sort());
  });

  it.each(Object.entries(checks))('%s', async (_key, check) => check());
});
