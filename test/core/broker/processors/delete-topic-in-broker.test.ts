import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { deleteTopicInBroker } from '../../../../src/core/protocol/requests/delete-topic-in-broker.ts';
import { getTopicConfig } from '../../../../src/core/protocol/requests/get-topic-config.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { updateConsumerOffset } from '../../../../src/core/protocol/requests/update-consumer-offset.ts';
import { pullHeader, SUBSCRIPTION, SUSPEND } from '../pull-fields.ts';
import { connectTo, startBroker, temporaryDir } from '../test-broker.ts';

const topic = 'TopicTest';
const group = { consumerGroup: 'G', topic, queueId: 0 };

async function setUp() {
  const storeDir = temporaryDir();
  const broker = await startBroker({ storeDir });
  const client = connectTo(broker.addr);
  await client.send();
  return { storeDir, client, remove: (name = topic) => client.ask(deleteTopicInBroker, { topic: name }) };
}

it('removes topic, queues and committed offsets; a new topic of that name begins at 0', async () => {
  const { storeDir, client, remove } = await setUp();
  await client.ask(updateConsumerOffset, { ...group, commitOffset: 1 });
  const queues = join(storeDir, 'consumequeue', topic);
  await vi.waitFor(() => expect(existsSync(queues)).toBe(true), { timeout: 10_000 });
  expect(await remove()).toMatchObject({ code: 0, remark: undefined });
  expect(existsSync(queues)).toBe(false);
  expect((await client.ask(getTopicConfig, { topic })).code).toBe(17);
  expect((await client.ask(queryConsumerOffset, { ...group, setZeroIfNotFound: false })).code).toBe(22);
  const saved = JSON.parse(readFileSync(join(storeDir, 'config', 'topics.json'), 'utf8'));
  expect(saved.topicConfigTable[topic]).toBeUndefined();
  // What was remembered of the topic's bytes (the ready way of sending) must be gone, too.
  expect((await client.send()).extFields?.queueOffset).toBe('0');
  expect((await client.ask(pullMessage, pullHeader())).body?.includes('hello')).toBe(true);
});

it('answers held pulls at once', async () => {
  const { client, remove } = await setUp();
  const held = client.ask(pullMessage, pullHeader({ sysFlag: SUBSCRIPTION | SUSPEND, queueOffset: 1 }));
  await client.send({ queueId: 1 });
  await remove();
  expect((await held).code).toBe(17);
});

it('is a success for a topic that is not there, and refused for a system topic and a name that is none', async () => {
  const { client, remove } = await setUp();
  expect((await remove('NoSuchTopic')).code).toBe(0);
  for (const name of ['SCHEDULE_TOPIC_XXXX', 'TBW102', 'DefaultCluster', 'broker-a']) {
    expect(await remove(name)).toMatchObject({ code: 1, remark: `The topic[${name}] is conflict with system topic.` });
  }
  expect(await remove('bad topic!')).toMatchObject({ code: 1, remark: expect.stringContaining('illegal characters') });
  expect((await client.ask(getTopicConfig, { topic })).code).toBe(0);
});
