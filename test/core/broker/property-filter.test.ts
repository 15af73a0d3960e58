import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeMessages } from '../../../src/core/message/message-codec.ts';
import { encodeCheckClientRequestBody } from '../../../src/core/protocol/bodies/check-client-config.ts';
import { checkClientConfig } from '../../../src/core/protocol/requests/check-client-config.ts';
import { heartBeat } from '../../../src/core/protocol/requests/heart-beat.ts';
import { pullMessage } from '../../../src/core/protocol/requests/pull-message.ts';
import { ResponseCode } from '../../../src/core/protocol/response-code.ts';
import { HeldClock } from './held-clock.ts';
import {
  consumerData,
  heartbeat,
  type PullHeader,
  pullHeader,
  SUBSCRIPTION,
  SUSPEND,
  subscriptionData,
} from './pull-fields.ts';
import { connectTo, startBroker, type TestClient, temporaryDir, until } from './test-broker.ts';

const enabled = { config: { enablePropertyFilter: true } };

async function sendSizes(client: TestClient, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) await client.send({ properties: `size\x01${size}` }, `m${size}`);
}

const sql = (subscription: string, fields: Partial<PullHeader> = {}): PullHeader =>
  pullHeader({ expressionType: 'SQL92', subscription, ...fields });

async function pulled(client: TestClient, header: PullHeader) {
  const { code, remark, extFields, body } = await client.ask(pullMessage, header);
  const messages = code === ResponseCode.SUCCESS ? decodeMessages(body ?? Buffer.alloc(0)) : [];
  return { code, remark, next: Number(extFields?.nextBeginOffset), bodies: messages.map((one) => one.body.toString()) };
}

const sqlData = (subString: string, subVersion = 1) => ({
  ...subscriptionData('TopicTest', subVersion),
  subString,
  expressionType: 'SQL92',
});

const subscribe = (client: TestClient, ...set: ReturnType<typeof sqlData>[]) =>
  client.ask(heartBeat, {}, heartbeat({ consumerDataSet: [consumerData({ subscriptionDataSet: set })] }));

describe('a pull by SQL92', () => {
  it('gets the messages whose properties match, and goes on behind what it looked at', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [1, 20, 3, 40, 5]);
    expect(await pulled(client, sql('size > 10'))).toMatchObject({ code: 0, next: 5, bodies: ['m20', 'm40'] });
    expect(await pulled(client, sql('size > 100'))).toMatchObject({
      code: ResponseCode.PULL_RETRY_IMMEDIATELY,
      remark: 'NO_MATCHED_MESSAGE',
      next: 5,
    });
  });

  it('looks at many messages for one that matches', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [...Array.from({ length: 200 }, (_, i) => i), 1000]);
    expect(await pulled(client, sql('size = 1000'))).toMatchObject({ code: 0, next: 201, bodies: ['m1000'] });
  });

  it('waits for a message, and is answered by what comes', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [1]);
    const answer = pulled(client, sql('size > 10', { queueOffset: 1, sysFlag: SUBSCRIPTION | SUSPEND }));
    await sendSizes(client, [50]);
    expect(await answer).toMatchObject({ code: 0, next: 2, bodies: ['m50'] });
  });

  it('is told where and why its expression is wrong', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [1]);
    const body = encodeCheckClientRequestBody({ clientId: 'c', group: 'G', subscriptionData: sqlData('size ! 1') });
    const sentence = expect.stringContaining('the SQL92 expression is wrong at character 6: expected ');
    expect(await client.ask(checkClientConfig, {}, body)).toMatchObject({ code: 23, remark: sentence });
    expect(await pulled(client, sql('size ! 1'))).toMatchObject({ code: 23, remark: sentence });
    expect(await pulled(client, pullHeader({ expressionType: 'LUA', subscription: 'x' }))).toMatchObject({ code: 23 });
  });

  it('is refused where enablePropertyFilter is off', async () => {
    const client = connectTo((await startBroker()).addr);
    await sendSizes(client, [1]);
    const refusal = { code: 1, remark: 'The broker does not support consumer to filter message by SQL92' };
    expect(await pulled(client, sql('size > 0'))).toMatchObject(refusal);
    const body = encodeCheckClientRequestBody({ clientId: 'c', group: 'G', subscriptionData: sqlData('size > 0') });
    expect(await client.ask(checkClientConfig, {}, body)).toMatchObject(refusal);
  });
});

describe('a group that subscribes by SQL92', () => {
  const registered = pullHeader({ sysFlag: 0, expressionType: undefined, subscription: undefined, subVersion: 1 });

  it('is filtered by its heartbeats, the newest of them', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [1, 20]);
    await subscribe(client, sqlData('size > 10'));
    expect((await pulled(client, registered)).bodies).toEqual(['m20']);
    await subscribe(client, sqlData('size < 10', 2));
    expect((await pulled(client, registered)).bodies).toEqual(['m1']);
    await subscribe(client, sqlData('size > 10', 1));
    expect((await pulled(client, registered)).bodies).toEqual(['m1']);
  });

  it('is told when its expression could not be read', async () => {
    const client = connectTo((await startBroker(enabled)).addr);
    await sendSizes(client, [1]);
    await subscribe(client, sqlData('size >'));
    expect(await pulled(client, registered)).toMatchObject({
      code: ResponseCode.FILTER_DATA_NOT_EXIST,
      remark: "The broker's consumer filter data is not exist!Your expression may be wrong!",
    });
  });

  it('is remembered over a restart, and forgotten filterDataCleanTimeSpan after it left', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const file = join(storeDir, 'config/consumerFilter.json');
    const config = { ...enabled.config, filterDataCleanTimeSpan: 60_000 };
    const broker = await startBroker({ clock, storeDir, config });
    await subscribe(connectTo(broker.addr), sqlData('size > 10'));
    await broker.stop();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      filterDataByTopic: {
        TopicTest: { topic: 'TopicTest', groupFilterData: { G: { expression: 'size > 10', clientVersion: 1 } } },
      },
    });
    await startBroker({ clock, storeDir, config });
    clock.advance(50_000);
    expect(readFileSync(file, 'utf8')).toContain('size > 10');
    await until(() => {
      clock.advance(10_000);
      return existsSync(file) && !readFileSync(file, 'utf8').includes('size > 10');
    });
  });
});
